/** What cutting a file into records means for every framing. */
import { limits } from '../../../kernel/limits.ts';

/** One record as it stands in the file. */
export interface CutRecord {
  /** From 1: the number of the line where a line is a record, else of the record. */
  number: number;
  /** The record; of one that is too long, its beginning. */
  bytes: Buffer;
  /** Why it can't be an event, whatever its source; '' when it may be one. */
  fault: string;
}

/** Lines that are not blank: how many, and the sum of their numbers; blank ones only counted. */
export interface LineCount {
  records: number;
  numbers: bigint;
  blank: number;
}

/** Takes a file piece by piece. What it gives refers to the pieces: they must not be written to again. */
export interface Splitter {
  push(piece: Buffer): CutRecord[];
  /** What is left when the file ends. */
  end(): CutRecord[];
  /** Blank lines so far: no records, but counted. */
  readonly blank: number;
}

/** Collects one record from the pieces it spans; of a record that grows too long it keeps the beginning. */
export class RecordBuilder {
  #parts: Buffer[] = [];
  #kept = 0;
  /** Bytes of the record so far, also those that were not kept. */
  bytes = 0;

  add(part: Buffer): void {
    if (part.length === 0) return;
    this.bytes += part.length;
    if (this.#kept >= limits.ingestRecordBytesMax) return;
    this.#parts.push(part);
    this.#kept += part.length;
  }

  /** The record that ends here. The builder is empty afterwards. */
  take(number: number, fault = ''): CutRecord {
    const [first] = this.#parts;
    const all = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    const { bytes } = this;
    this.#parts = [];
    this.#kept = 0;
    this.bytes = 0;
    if (bytes <= limits.ingestRecordBytesMax && fault === '') return { number, bytes: all, fault };
    const long = `the record has ${bytes} bytes, more than ${limits.ingestRecordBytesMax}; its beginning is kept`;
    return {
      number,
      bytes: all.subarray(0, limits.ingestRejectRawBytesMax),
      fault: fault === '' ? long : fault,
    };
  }
}

export const lineFeed = 10;
export const carriageReturn = 13;

/** The line without the carriage return that some systems end it with. */
export const withoutReturn = (line: Buffer): Buffer =>
  line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
