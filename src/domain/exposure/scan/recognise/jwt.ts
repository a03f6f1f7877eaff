/** JSON Web Tokens: recognised by their shape and a header that decodes; only claims that name parties and times are read. */
import { printable } from '../../../../kernel/text.ts';
import type { Finding } from '../types.ts';

const shape = /eyJ[A-Za-z0-9_-]{8,4096}(?:\.[A-Za-z0-9_-]{0,65536}){2,4}/y;

/** What a token says of itself. */
export type Claims = Pick<
  Finding,
  'account' | 'issuer' | 'subject' | 'clientId' | 'issuedAtMs' | 'expiresAtMs'
>;

/** The token that begins at `at` of `text`. */
export function jwtAt(text: string, at: number): Finding | undefined {
  shape.lastIndex = at;
  const value = shape.exec(text)?.[0];
  if (value === undefined) return undefined;
  const claims = claimsOf(value);
  return claims && { kind: 'jwt', class: 'oauth-token', value, start: at, end: at + value.length, ...claims };
}

/** The claims of `token`, empty when it is encrypted; nothing when it is no JWT. */
export function claimsOf(token: string): Claims | undefined {
  if (!token.startsWith('eyJ')) return undefined;
  const parts = token.split('.');
  if (parts.length < 3) return undefined;
  const header = decode(parts[0] ?? '');
  if (header === undefined || typeof header.alg !== 'string') return undefined;
  const payload = decode(parts[1] ?? '');
  return payload === undefined ? {} : pick(payload);
}

function pick(payload: Record<string, unknown>): Claims {
  const subject = text(payload.sub);
  return {
    account: subject,
    issuer: text(payload.iss),
    subject,
    clientId: text(payload.client_id) ?? text(payload.azp),
    issuedAtMs: time(payload.iat),
    expiresAtMs: time(payload.exp),
  };
}

const text = (claim: unknown): string | undefined =>
  typeof claim === 'string' ? printable(claim) : undefined;

/** RFC 7519 NumericDate to milliseconds, when it is a date at all. */
function time(claim: unknown): number | undefined {
  if (typeof claim !== 'number' || !(Math.abs(claim) <= 8.64e12)) return undefined;
  return Math.trunc(claim * 1000);
}

function decode(part: string): Record<string, unknown> | undefined {
  if (part.length === 0 || part.length > 64 * 1024) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
