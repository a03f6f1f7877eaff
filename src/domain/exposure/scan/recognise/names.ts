/** Which names of fields, parameters, headers and variables say that the value is a secret, and of which class. */
import type { CredentialClass } from '../../../../connectors/contract.ts';

/** Names are compared as words: `accessToken`, `ACCESS_TOKEN` and `access.token` are all `access-token`. */
const notSecret: readonly RegExp[] = [
  // Tokens against forgery, for paging and for repeats open nothing by themselves.
  /(?:^|-)(?:csrf|xsrf|forgery|antiforgery|verification|authenticity|page|continuation|continue|next|prev|previous|sync|cancel|cancellation|idempotency|resume|scroll|cursor|delta|design|css|theme)-?token$/,
  /(?:^|-)(?:csrf|xsrf|public|primary|foreign|sort|partition|cache|object|row|site|host|ssh-host|react|map|hot|short)-key$/,
  /(?:^|-)(?:no|has|is|use|show|hide|enable|allow|require|forgot|reset|change|confirm-reset|min|max)-(?:password|token|secret|auth)$/,
];

const secretNames: readonly [RegExp, CredentialClass][] = [
  [
    /(?:password|passwd|passphrase|passcode|pwd)(?:-?(?:\d|confirm|confirmation|repeat|again|old|new|current))?$/,
    'password',
  ],
  [/(?:^|-)(?:pass|pin|pincode)$/, 'password'],
  [/(?:^|-)secret-?access-?key$|^x-amz-security-token$|(?:^|-)aws-session-token$/, 'cloud-key'],
  [/(?:^|-)(?:private|signing|encryption|signature)-?key$/, 'signing-key'],
  [
    /(?:^|-)(?:session|sess)(?:-?(?:id|token|key|cookie))$|^(?:jsessionid|phpsessid|sessionid|sid)$/,
    'session',
  ],
  [
    /(?:^|-)(?:api|app|application|access|secret|account|storage|subscription|master|auth|user|service|shared|server|admin|license|integration|routing|functions|webhook|shared-access)-?key$/,
    'api-token',
  ],
  [
    /(?:^|-)(?:access|refresh|id|oauth\d?|bearer|auth|identity|sso|on-behalf-of|requested|subject|actor)-?token$/,
    'oauth-token',
  ],
  [/(?:^|-)(?:jwt|client-assertion|id-token-hint|device-code|code-verifier)$/, 'oauth-token'],
  [/(?:^|-)assertion$/, 'oauth-token'],
  [/token$/, 'api-token'],
  [/secret(?:-?(?:key|value|string|token))?$/, 'api-token'],
  [/(?:^|-)(?:credential|credentials)$/, 'unknown'],
  [/(?:^|-)(?:authorization|auth)$/, 'api-token'],
];

/** Parameters that are secret in a URL or a form though their name says little elsewhere. */
const parameterNames: readonly [RegExp, CredentialClass][] = [
  [/^(?:sig|signature|x-amz-signature|x-goog-signature|hmac)$/, 'api-token'],
  [/^(?:key|apikey|auth|ticket|sid|s|session|otp|magic|invite|nonce-token|magic-link)$/, 'api-token'],
];

const known = new Map<string, CredentialClass | null>();

/** The class of secret that a field of this name holds, or nothing. */
export function secretName(name: string): CredentialClass | undefined {
  return lookUp(known, name, (words) => classOf(words, secretNames));
}

const knownParameters = new Map<string, CredentialClass | null>();

/** As `secretName`, for the parameters of URLs and forms. */
export function secretParameter(name: string): CredentialClass | undefined {
  return lookUp(
    knownParameters,
    name,
    (words) => classOf(words, secretNames) ?? classOf(words, parameterNames),
  );
}

/** `accessToken` to `access-token`. */
export function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
}

function classOf(words: string, table: readonly [RegExp, CredentialClass][]): CredentialClass | null {
  if (notSecret.some((pattern) => pattern.test(words))) return null;
  return table.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

/** The names of one capture repeat, so each is judged once; hostile names can't fill the memory. */
function lookUp(
  cache: Map<string, CredentialClass | null>,
  name: string,
  judge: (words: string) => CredentialClass | null,
): CredentialClass | undefined {
  if (name.length > 128) return undefined;
  let result = cache.get(name);
  if (result === undefined) {
    if (cache.size >= 10_000) cache.clear();
    result = judge(wordsOf(name));
    cache.set(name, result);
  }
  return result ?? undefined;
}
