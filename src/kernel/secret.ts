/**
 * A value that can't be printed. String, JSON, template, inspect, structured clone and error paths all give
 * `[secret]` or nothing; only `reveal()` gives the value, and it is called where the bytes leave for the
 * target system or for sealing, nowhere else.
 */
import { inspect } from 'node:util';

const shown = '[secret]';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Pass it straight to the call that needs it. */
  reveal(): string {
    return this.#value;
  }

  /** Bytes of the value in UTF-8. */
  get byteLength(): number {
    return Buffer.byteLength(this.#value);
  }

  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
