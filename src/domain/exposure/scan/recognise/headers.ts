/** HTTP headers that carry credentials. */
import type { CredentialClass } from '../../../../connectors/contract.ts';
import { printable } from '../../../../kernel/text.ts';
import type { Finding } from '../types.ts';
import { cookiesOf, setCookiesOf } from './cookies.ts';
import { claimsOf } from './jwt.ts';
import { secretName } from './names.ts';
import { isPlaceholder } from './placeholders.ts';

/** Headers whose name the general rules for names would not take for a secret's. */
const headerNames: Readonly<Record<string, CredentialClass>> = {
  'x-auth': 'api-token',
  'x-auth-key': 'api-token',
  'x-goog-iap-jwt-assertion': 'oauth-token',
  'cf-access-jwt-assertion': 'oauth-token',
  'cf-access-token': 'oauth-token',
  'x-amzn-oidc-data': 'oauth-token',
  'x-forwarded-access-token': 'oauth-token',
  'x-ms-token-aad-access-token': 'oauth-token',
  'x-ms-token-aad-id-token': 'oauth-token',
  'ocp-apim-subscription-key': 'api-token',
  'x-functions-key': 'api-token',
  'x-sessionid': 'session',
  'x-session': 'session',
  'x-transmission-session-id': 'session',
};

/** Schemes whose header proves one request and can't be used again. */
const schemesOfOneRequest =
  /^(?:digest|aws4-hmac-sha256|aws4-ecdsa-p256-sha256|hawk|signature|hmac|dpop-proof|oauth)$/i;

/** The secrets in one header. `observedAtMs` dates the lifetime of set cookies. */
export function headerFindings(name: string, value: string, observedAtMs?: number): Finding[] {
  const key = name.toLowerCase();
  if (key === 'cookie') return cookiesOf(value);
  if (key === 'set-cookie') return setCookiesOf(value, observedAtMs);
  if (key === 'authorization' || key === 'proxy-authorization' || key === 'x-forwarded-authorization')
    return authorizationFindings(key, value);
  const secretClass = headerNames[key] ?? secretName(key);
  if (secretClass === undefined || key.startsWith('sec-') || key.startsWith('access-control-')) return [];
  if (/^(?:basic|bearer)\s/i.test(value)) return authorizationFindings(key, value);
  const secret = value.trim();
  if (secret.length < 4 || isPlaceholder(secret)) return [];
  const start = value.indexOf(secret);
  return [
    {
      kind: 'api-key-header',
      class: secretClass,
      name: key,
      value: secret,
      start,
      end: start + secret.length,
      ...claimsOf(secret),
    },
  ];
}

function authorizationFindings(name: string, header: string): Finding[] {
  const match = /^\s*(\S+)(?:\s+(.*\S))?\s*$/s.exec(header);
  const scheme = match?.[1] ?? '';
  const rest = match?.[2];
  if (schemesOfOneRequest.test(scheme)) return [];
  const value = rest ?? scheme;
  if (value.length < 4 || isPlaceholder(value)) return [];
  const start = header.lastIndexOf(value);
  const place = { name, start, end: start + value.length };
  if (rest !== undefined && /^basic$/i.test(scheme)) return basicFindings(value, place);
  if (rest !== undefined && /^bearer$/i.test(scheme))
    return [{ kind: 'authorization-bearer', class: 'oauth-token', value, ...place, ...claimsOf(value) }];
  const negotiated = /^(?:negotiate|ntlm|kerberos)$/i.test(scheme);
  return [
    {
      kind: 'api-key-header',
      class: negotiated ? 'session' : 'api-token',
      value,
      ...place,
      ...claimsOf(value),
    },
  ];
}

function basicFindings(encoded: string, place: { name: string; start: number; end: number }): Finding[] {
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const known = { kind: 'authorization-basic', class: 'password', ...place } as const;
  // What does not decode to `user:password` is kept whole: a secret missed is worse than one too many.
  if (colon < 0) return [{ ...known, value: encoded }];
  const user = pair.slice(0, colon);
  const password = pair.slice(colon + 1);
  // An API key as the user name with an empty password is a common habit.
  if (password === '' || password === 'x' || password === 'X')
    return user.length < 8 ? [] : [{ ...known, class: 'api-token', value: user, carrier: encoded }];
  if (isPlaceholder(password)) return [];
  return [{ ...known, value: password, carrier: encoded, account: printable(user) }];
}
