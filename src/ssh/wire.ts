/**
 * The data types of the SSH protocol (RFC 4251, section 5), as far as keys and certificates need them. Reading
 * never goes beyond the buffer: what is too short throws `WireError`, whoever wrote it.
 */

export class WireError extends Error {}

export class WireReader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get offset(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#data.length;
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  uint64(): bigint {
    return this.#take(8).readBigUInt64BE();
  }

  bytes(): Buffer {
    return this.#take(this.uint32());
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  #take(length: number): Buffer {
    if (length > this.#data.length - this.#at) throw new WireError('shorter than it says');
    const part = this.#data.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
}

/** A string of the protocol: its length in four bytes, then itself. */
export function wireString(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** The list of strings that a buffer holds. */
export function wireStrings(data: Buffer): string[] {
  const reader = new WireReader(data);
  const list: string[] = [];
  while (!reader.done) list.push(reader.text());
  return list;
}
