/**
 * Rows in the engine's RowBinary format, which takes any bytes as a String. Rows are collected up to a size and
 * can be taken apart again, so that a batch which the engine refuses is halved until the row at fault is alone.
 * https://clickhouse.com/docs/interfaces/formats/RowBinary
 */

/** A batch of rows `number UInt64, line String`. */
export interface RecordBatch {
  rows: number;
  bytes: Buffer;
}

/** What a reader of `RecordBatch` declares. */
export const recordStructure = 'number UInt64, line String';

const numberBytes = 8;

/** Writes records into one buffer, which is its own: what they were cut from may be freed. */
export class RecordWriter {
  #buffer: Buffer;
  #used = 0;
  #rows = 0;

  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafe(bytes);
  }

  get used(): number {
    return this.#used;
  }

  add(number: bigint, record: Uint8Array): void {
    this.#reserve(numberBytes + 5 + record.length);
    this.#buffer.writeBigUInt64LE(number, this.#used);
    this.#used = writeLength(this.#buffer, this.#used + numberBytes, record.length);
    this.#buffer.set(record, this.#used);
    this.#used += record.length;
    this.#rows++;
  }

  /** The batch so far; the writer begins a new one. */
  take(): RecordBatch {
    const batch = { rows: this.#rows, bytes: this.#buffer.subarray(0, this.#used) };
    this.#buffer = Buffer.allocUnsafe(this.#buffer.length);
    this.#used = 0;
    this.#rows = 0;
    return batch;
  }

  #reserve(more: number): void {
    if (this.#used + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + more));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}

/** The first half of the rows, and the others. */
export function halve(batch: RecordBatch): [RecordBatch, RecordBatch] {
  const rows = batch.rows >> 1;
  let at = 0;
  for (let row = 0; row < rows; row++) at = endOfRow(batch.bytes, at);
  return [
    { rows, bytes: batch.bytes.subarray(0, at) },
    { rows: batch.rows - rows, bytes: batch.bytes.subarray(at) },
  ];
}

/** Number and record of the first row. */
export function firstOf({ bytes }: RecordBatch): { number: bigint; record: Buffer } {
  const { length, start } = readLength(bytes, numberBytes);
  return { number: bytes.readBigUInt64LE(0), record: bytes.subarray(start, start + length) };
}

/** The same of the last row. */
export function lastOf(batch: RecordBatch): { number: bigint; record: Buffer } {
  let at = 0;
  for (let row = 1; row < batch.rows; row++) at = endOfRow(batch.bytes, at);
  return firstOf({ rows: 1, bytes: batch.bytes.subarray(at) });
}

/** One row of Strings and UInt64s. */
export function encodeRow(values: readonly (string | Uint8Array | bigint)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      if (typeof value === 'bigint') {
        const number = Buffer.alloc(numberBytes);
        number.writeBigUInt64LE(value);
        return [number];
      }
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      const head = Buffer.alloc(5);
      return [head.subarray(0, writeLength(head, 0, bytes.length)), bytes];
    }),
  );
}

function endOfRow(bytes: Buffer, at: number): number {
  const { length, start } = readLength(bytes, at + numberBytes);
  return start + length;
}

/** LEB128; returns where it ends. */
function writeLength(buffer: Buffer, from: number, length: number): number {
  let at = from;
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
  buffer[at++] = rest;
  return at;
}

function readLength(bytes: Buffer, from: number): { length: number; start: number } {
  let length = 0;
  let at = from;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] as number;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { length, start: at };
  }
}
