/**
 * The SCRAM-SHA-256 verifier of a password (RFC 5802, RFC 7677), made on our side as psql's \password does,
 * so that the password itself never stands in a statement, a server log or pg_stat_activity.
 * https://www.postgresql.org/docs/current/catalog-pg-authid.html
 */
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { assert } from '../../kernel/errors.ts';
import type { Secret } from '../../kernel/secret.ts';

const derive = promisify(pbkdf2);

/**
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. The password must be printable ASCII, for
 * which SASLprep is the identity; the passwords that we generate are.
 */
export async function scramVerifier(password: Secret, salt: Uint8Array, iterations: number): Promise<string> {
  const text = password.reveal();
  assert(/^[\x20-\x7e]+$/.test(text), 'a password to be set is printable ASCII');
  const salted = await derive(text, salt, iterations, 32, 'sha256');
  const hmac = (label: string) => createHmac('sha256', salted).update(label).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const encodedSalt = Buffer.from(salt).toString('base64');
  return `SCRAM-SHA-256$${iterations}:${encodedSalt}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}

/**
 * Whether `password` is the one that `stored` (pg_authid.rolpassword) verifies; undefined when that is no SCRAM
 * verifier, or the password is not printable ASCII, for which SASLprep would be needed.
 */
export async function matchesVerifier(password: Secret, stored: string): Promise<boolean | undefined> {
  const match = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(stored);
  if (!match?.[1] || !match[2] || !/^[\x20-\x7e]+$/.test(password.reveal())) return undefined;
  const computed = Buffer.from(
    await scramVerifier(password, Buffer.from(match[2], 'base64'), Number(match[1])),
  );
  const expected = Buffer.from(stored);
  return computed.length === expected.length && timingSafeEqual(computed, expected);
}
