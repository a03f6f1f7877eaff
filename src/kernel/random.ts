/** Randomness as a port: the system's own for real work, a seeded stream for tests and the replay. */
import { createHash, randomBytes } from 'node:crypto';

export interface Random {
  bytes(count: number): Uint8Array;
  /** A uniform integer in [0, bound). */
  below(bound: number): number;
}

function belowFrom(bytes: (count: number) => Uint8Array, bound: number): number {
  if (!Number.isSafeInteger(bound) || bound < 1 || bound > 2 ** 48)
    throw new RangeError(`bound must be 1 to 2^48, got ${bound}`);
  const ceiling = 2 ** 48 - (2 ** 48 % bound);
  for (;;) {
    const value = Buffer.from(bytes(6)).readUIntBE(0, 6);
    if (value < ceiling) return value % bound;
  }
}

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  below: (bound) => belowFrom(randomBytes, bound),
};

/** A reproducible stream: SHA-256 in counter mode over `seed`. Not for secrets of a real system. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  let pool = Buffer.alloc(0);
  const bytes = (count: number): Uint8Array => {
    const parts = [pool];
    let available = pool.length;
    while (available < count) {
      const block = createHash('sha256').update(`${seed}:${counter++}`).digest();
      parts.push(block);
      available += block.length;
    }
    const all = Buffer.concat(parts);
    pool = all.subarray(count);
    return all.subarray(0, count);
  };
  return { bytes, below: (bound) => belowFrom(bytes, bound) };
}

/** A password of `length` letters and digits, about 5.95 bits a character. */
export function randomPassword(random: Random, length = 32): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      // 248 is the largest multiple of 62 below 256: higher bytes would favour the first letters.
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}
