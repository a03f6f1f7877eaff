/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) on our side: the verifier of a password, made as psql's \password does, so
 * that the password itself never stands in a statement, a server log or pg_stat_activity; and the answers of a
 * login. https://www.postgresql.org/docs/current/catalog-pg-authid.html
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { assert } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Secret } from '../../kernel/secret.ts';

const pbkdf2Async = promisify(pbkdf2);

/** SaltedPassword of RFC 5802: nearly all the work of a login. */
export type Derive = (password: Secret, salt: Uint8Array, iterations: number) => Promise<Buffer>;

export const deriveSalted: Derive = (password, salt, iterations) =>
  pbkdf2Async(saslPrep(password.reveal()), salt, iterations, 32, 'sha256');

/**
 * The same, remembered for a while: a rotation needs the derivation of the new password for its verifier and its
 * login, and that of the old one for each refused login. What is remembered is as good as a password, so it is
 * bounded in number and time, and found by a digest under a key of this memory alone.
 */
export function rememberSalted(derive: Derive = deriveSalted): Derive & { forget(): void } {
  const known = new Map<string, Promise<Buffer>>();
  const key = randomBytes(32);
  let timer: NodeJS.Timeout | undefined;
  const forget = () => {
    clearTimeout(timer);
    timer = undefined;
    known.clear();
  };
  const remember = (name: string, salted: Promise<Buffer>) => {
    known.delete(name);
    known.set(name, salted);
    salted.catch(() => known.delete(name));
    for (const oldest of known.keys()) if (known.size > limits.scramRememberedMax) known.delete(oldest);
    timer ??= setTimeout(forget, limits.scramRememberedMsMax).unref();
    return salted;
  };
  const find: Derive = (password, salt, iterations) => {
    const digest = createHmac('sha256', key).update(password.reveal()).digest('base64');
    const name = `${iterations}:${Buffer.from(salt).toString('base64')}:${digest}`;
    return remember(name, known.get(name) ?? derive(password, salt, iterations));
  };
  return Object.assign(find, { forget });
}

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/**
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. The password must be printable ASCII, for
 * which SASLprep is the identity; the passwords that we generate are.
 */
export async function scramVerifier(
  password: Secret,
  salt: Uint8Array,
  iterations: number,
  derive: Derive = deriveSalted,
): Promise<string> {
  assert(isPlain(password.reveal()), 'a password to be set is printable ASCII');
  const salted = await derive(password, salt, iterations);
  const storedKey = sha256(hmac(salted, 'Client Key')).toString('base64');
  const encodedSalt = Buffer.from(salt).toString('base64');
  return `SCRAM-SHA-256$${iterations}:${encodedSalt}$${storedKey}:${hmac(salted, 'Server Key').toString('base64')}`;
}

/**
 * Whether `password` is the one that `stored` (pg_authid.rolpassword) verifies; undefined when that is no SCRAM
 * verifier, or the password is not printable ASCII, for which SASLprep would be needed.
 */
export async function matchesVerifier(password: Secret, stored: string): Promise<boolean | undefined> {
  const match = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(stored);
  if (!match?.[1] || !match[2] || !isPlain(password.reveal())) return undefined;
  const computed = Buffer.from(
    await scramVerifier(password, Buffer.from(match[2], 'base64'), Number(match[1])),
  );
  const expected = Buffer.from(stored);
  return computed.length === expected.length && timingSafeEqual(computed, expected);
}

const isPlain = (text: string): boolean => /^[\x20-\x7e]+$/.test(text);

/**
 * SASLprep (RFC 4013) as far as it changes bytes: spaces other than ASCII's become one, characters that are
 * commonly mapped to nothing vanish, and the rest is normalised to NFKC. Like PostgreSQL, what it would prohibit
 * is taken as it is.
 */
export function saslPrep(password: string): string {
  if (isPlain(password)) return password;
  const spaced = password.replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu, ' ');
  const mapped = spaced.replace(
    /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu,
    '',
  );
  const prepared = mapped.normalize('NFKC');
  return /[\p{Cc}\p{Co}\p{Cs}]/u.test(prepared) ? password : prepared;
}

/** One SCRAM exchange without channel binding, from the client's side. */
export interface ScramClient {
  /** The client-first message. */
  first: string;
  /** The client-final message to a server-first message. Throws when that is no answer to `first`. */
  answer(serverFirst: string): Promise<string>;
  /** Throws when the server-final message does not show that the server knows the verifier. */
  confirm(serverFinal: string): void;
}

export function scramClient(password: Secret, derive: Derive): ScramClient {
  const nonce = randomBytes(18).toString('base64');
  const bare = `n=*,r=${nonce}`;
  let serverSignature: Buffer | undefined;
  return {
    first: `n,,${bare}`,
    answer: async (serverFirst) => {
      const { fullNonce, salt, iterations } = readServerFirst(serverFirst, nonce);
      const salted = await derive(password, salt, iterations);
      const unproven = `c=biws,r=${fullNonce}`;
      const message = `${bare},${serverFirst},${unproven}`;
      const clientKey = hmac(salted, 'Client Key');
      const signature = hmac(sha256(clientKey), message);
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
      serverSignature = hmac(hmac(salted, 'Server Key'), message);
      return `${unproven},p=${proof.toString('base64')}`;
    },
    confirm: (serverFinal) => {
      const shown = Buffer.from(/^v=([A-Za-z0-9+/=]+)(,|$)/.exec(serverFinal)?.[1] ?? '', 'base64');
      if (
        !serverSignature ||
        shown.length !== serverSignature.length ||
        !timingSafeEqual(shown, serverSignature)
      )
        throw new Error('SCRAM: the server did not show that it knows the password');
    },
  };
}

/** `r=<nonce>,s=<salt>,i=<iterations>`, with extensions after them. A mandatory extension (m=) is not understood. */
function readServerFirst(text: string, nonce: string) {
  const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9]\d{0,8})(,|$)/.exec(text);
  const [, fullNonce = '', salt = '', count = ''] = match ?? [];
  if (!fullNonce.startsWith(nonce) || fullNonce.length === nonce.length)
    throw new Error('SCRAM: the server does not answer our nonce');
  const iterations = Number(count);
  if (iterations > limits.scramIterationsMax)
    throw new Error(
      `SCRAM: ${iterations} iterations are asked for; at most ${limits.scramIterationsMax} are done`,
    );
  return { fullNonce, salt: Buffer.from(salt, 'base64'), iterations };
}
