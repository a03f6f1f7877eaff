/** URLs: user information, and parameters in the query and the fragment; also the pairs of a form body. */
import { printable } from '../../../../kernel/text.ts';
import type { Finding, HitKind } from '../types.ts';
import { claimsOf } from './jwt.ts';
import { secretParameter } from './names.ts';
import { isPlaceholder } from './placeholders.ts';
import { samlFacts, samlFields } from './saml.ts';
import { looksMade } from './values.ts';

/** `://user:password@`, the same shape that secretlint's rules for connection strings need. */
const userInfo = /:\/\/([^:/\s"'<>\\?#]{0,256}):([^@/\s"'<>\\?#]{1,256})@/g;

/** Cheap test for `userInfoFindings`. */
export const mayHaveUserInfo = (text: string): boolean => text.includes('://') && text.includes('@');

/** Passwords in URLs anywhere in `text`. */
export function userInfoFindings(text: string): Finding[] {
  const found: Finding[] = [];
  for (const match of text.matchAll(userInfo)) {
    const [whole, user = '', raw = ''] = match;
    // https://TOKEN:x-oauth-basic@host: the token stands for the user.
    const secretFirst = raw === 'x-oauth-basic' || raw === 'x';
    const secret = secretFirst ? user : raw;
    const value = decoded(secret);
    if (isPlaceholder(value) || isPlaceholder(secret) || value.length < 3) continue;
    const start = match.index + (secretFirst ? 3 : whole.length - 1 - raw.length);
    const account = secretFirst || user === '' ? undefined : printable(decoded(user));
    const secretClass = secretFirst ? 'api-token' : 'password';
    found.push({
      kind: 'url-userinfo',
      class: secretClass,
      account,
      value,
      carrier: carrierOf(secret, value),
      host: hostAt(text, match.index + whole.length),
      start,
      end: start + secret.length,
    });
  }
  return found;
}

/** The host that follows user information: the secret is for it, wherever the text was found. */
function hostAt(text: string, from: number): string | undefined {
  const host = /^(?:\[[0-9A-Fa-f:]{2,45}\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252})/.exec(
    text.slice(from, from + 254),
  )?.[0];
  return host?.replace(/[.-]+$/, '').toLowerCase();
}

/** Secrets in the parameters of `url`. */
export function urlFindings(url: string): Finding[] {
  const query = url.search(/[?#]/);
  const found = query < 0 ? [] : pairFindings(url, query + 1, 'url-parameter');
  return mayHaveUserInfo(url) ? [...found, ...userInfoFindings(url)] : found;
}

/** Secrets in `name=value&name=value` from `from` on. */
export function pairFindings(text: string, from: number, kind: HitKind): Finding[] {
  const found: Finding[] = [];
  const withState = /(?:^|[?&#])(?:state|session_state|scope)=/.test(text);
  const pair = /([^?&#=\s]{1,128})=([^?&#\s]*)/g;
  pair.lastIndex = from;
  for (let match = pair.exec(text); match; match = pair.exec(text)) {
    const [, name = '', raw = ''] = match;
    const finding = parameterFinding(kind, name, raw, withState);
    const start = match.index + name.length + 1;
    if (finding) found.push({ ...finding, start, end: start + raw.length });
  }
  return found;
}

/** One parameter; `raw` as it was sent. `withState`: other parameters tell that this is an OAuth redirect. */
export function parameterFinding(
  kind: HitKind,
  rawName: string,
  raw: string,
  withState: boolean,
): Finding | undefined {
  const name = decoded(rawName);
  const value = decoded(raw);
  if (value.length < 4 || isPlaceholder(value) || isPlaceholder(raw)) return undefined;
  const place = {
    name: printable(name, 80),
    value,
    carrier: carrierOf(raw, value),
    start: 0,
    end: raw.length,
  };
  const saml = samlFields.test(name) ? samlFacts(value) : undefined;
  if (saml) return { kind: 'saml-assertion', class: 'session', ...place, ...saml };
  if (name === 'code' && withState && value.length >= 16) return { kind, class: 'oauth-token', ...place };
  const secretClass = secretParameter(name);
  if (secretClass === undefined) return undefined;
  if (secretClass !== 'password' && (value.length < 8 || /^\d{8,13}$/.test(value) || !looksMade(value)))
    return undefined;
  return { kind, class: secretClass, ...place, ...claimsOf(value) };
}

/** Percent signs and plus signs undone; what does not decode stays as it is. */
export function decoded(raw: string): string {
  if (!raw.includes('%') && !raw.includes('+')) return raw;
  // A plus sign is a space only in forms; in a token it is a plus sign unless percent signs show encoding.
  const spaced = /%[0-9A-Fa-f]{2}/.test(raw) ? raw.replaceAll('+', ' ') : raw;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return raw;
  }
}

const carrierOf = (raw: string, value: string): string | undefined => (raw === value ? undefined : raw);

/** Host, and the URL without anything that may be a secret by its position. */
export function describeUrl(url: string): { host?: string; url?: string } {
  const match = /^([a-z][a-z0-9+.-]{0,20}):\/\/(?:[^/?#@]*@)?([^/?#]{1,300})([^?#]{0,2000})/i.exec(url);
  if (!match) return {};
  const [, scheme = '', host = '', path = ''] = match;
  return {
    host: printable(host.replace(/:\d+$/, '').toLowerCase(), 255),
    url: printable(`${scheme}://${host}${path}`, 300),
  };
}
