/**
 * Fast seeded randomness for the practice logs. Two million events draw about ten numbers each: the hash-based
 * stream of the kernel is too slow for that. This is sfc32 (Doty-Humphrey, PractRand); never use it for secrets.
 */
import { sha256 } from '../../kernel/hash.ts';

export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: string) {
    const start = sha256(seed);
    this.#a = start.readInt32LE(0);
    this.#b = start.readInt32LE(4);
    this.#c = start.readInt32LE(8);
    this.#counter = 1;
    for (let round = 0; round < 12; round++) this.word();
  }

  /** A uniform integer in [0, 2^32). */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.word() / 4_294_967_296;
  }

  /** An integer in [0, bound); the bias of a bound far below 2^32 does not matter here. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** How many events of a Poisson process with this mean. */
  poisson(mean: number): number {
    if (mean <= 0) return 0;
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.#normal()));
    const floor = Math.exp(-mean);
    let count = 0;
    for (let product = this.unit(); product > floor; product *= this.unit()) count++;
    return count;
  }

  /** Eight hexadecimal digits. */
  hex8(): string {
    return hexOf(this.word());
  }

  hex16(): string {
    return hexOf(this.word()) + hexOf(this.word());
  }

  hex32(): string {
    return this.hex16() + this.hex16();
  }

  uuid(): string {
    const middle = hexOf(this.word());
    const end = hexOf(this.word());
    return `${hexOf(this.word())}-${middle.slice(0, 4)}-4${middle.slice(5)}-a${end.slice(1, 4)}-${end.slice(4)}${this.hex8()}`;
  }

  /** Letters and digits, as vendors' opaque ids have them. */
  code(length: number, alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'): string {
    let text = '';
    for (let at = 0; at < length; at++) text += alphabet.charAt(this.below(alphabet.length));
    return text;
  }

  #normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return radius * Math.cos(2 * Math.PI * this.unit());
  }
}

/** Four digits of each half word: a look-up is several times as fast as a conversion. */
const digits = Array.from({ length: 0x1_0000 }, (_, value) => value.toString(16).padStart(4, '0'));
const hexOf = (word: number): string => (digits[word >>> 16] ?? '') + (digits[word & 0xffff] ?? '');
