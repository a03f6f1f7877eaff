/** Splits bytes into lines. A line longer than the limit is passed over without being kept. */
import type { RawRecord } from './types.ts';

const newline = 10;

export class LineSplitter {
  readonly #bytesMax: number;
  #line = 1;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The lines that `chunk` completes; blank lines are left out. */
  push(chunk: Buffer): RawRecord[] {
    const records: RawRecord[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#finishLine(records);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return records;
  }

  /** The last line, where no line break ends it. */
  end(): RawRecord[] {
    const records: RawRecord[] = [];
    this.#finishLine(records);
    return records;
  }

  #keep(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size <= this.#bytesMax) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  #finishLine(records: RawRecord[]): void {
    const line = this.#line++;
    if (this.#size > this.#bytesMax) records.push({ line, fault: tooLong(this.#bytesMax, this.#size) });
    else {
      const bytes = Buffer.concat(this.#pieces);
      if (!isBlank(bytes)) records.push({ line, bytes });
    }
    this.#pieces = [];
    this.#size = 0;
  }
}

export const tooLong = (bytesMax: number, size: number) => ({
  expected: `a record of at most ${bytesMax} bytes`,
  got: `${size} bytes`,
});

export function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13);
}
