/**
 * Splits a JSON document into records without holding it: the elements of the array at its root, the elements
 * of one named array inside the object at its root, or, where there is neither, the objects at its root. Only
 * brackets, strings and commas are followed here; whether a record is valid JSON shows when it is parsed.
 */
import { badInput } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { tooLong } from './split-lines.ts';
import type { RawRecord } from './types.ts';

const code = {
  newline: 10,
  quote: 34,
  comma: 44,
  colon: 58,
  backslash: 92,
  open: 91,
  close: 93,
  openObject: 123,
  closeObject: 125,
};

export class JsonSplitter {
  readonly #file: string;
  readonly #bytesMax: number;
  /** The name of the array inside a root object whose elements are the records. */
  readonly #inside: string | undefined;
  #line = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** How deep the records lie: 0 for root objects, 1 in a root array, 2 in an array inside a root object. */
  #recordDepth = 0;
  #inRecord = false;
  #recordLine = 1;
  #pieces: Buffer[] = [];
  #size = 0;
  /** The record's begin in the chunk at hand; -1 outside of records. */
  #start = -1;
  /** The last string directly inside a root object. */
  #key: number[] = [];
  #splitsRoot = false;

  constructor(file: string, bytesMax: number, inside?: string) {
    this.#file = file;
    this.#bytesMax = bytesMax;
    this.#inside = inside;
  }

  /** The records that `chunk` completes. Throws bad_input where brackets make no sense. */
  push(chunk: Buffer): RawRecord[] {
    const records: RawRecord[] = [];
    if (this.#inRecord) this.#start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte === code.newline) this.#line++;
      if (this.#inString) this.#followString(byte);
      else if (byte > 32) this.#follow(byte, chunk, at, records);
    }
    if (this.#start >= 0) this.#keep(chunk.subarray(this.#start));
    this.#start = -1;
    return records;
  }

  /** Throws bad_input when the document has not ended. */
  end(): RawRecord[] {
    if (this.#depth === 0 && !this.#inString) return [];
    const isOpen = this.#inRecord && (this.#depth > this.#recordDepth || this.#inString);
    const line = isOpen ? this.#recordLine : this.#line;
    const what = isOpen ? 'the end of the record that begins here' : 'the end of the JSON document';
    throw this.#fault(line, what, `the end of the file at line ${this.#line}`);
  }

  #followString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === code.backslash) this.#escaped = true;
    else if (byte === code.quote) this.#inString = false;
    if (this.#inString && this.#depth === 1 && this.#key.length < limits.importKeyBytesMax)
      this.#key.push(byte);
  }

  #follow(byte: number, chunk: Buffer, at: number, records: RawRecord[]): void {
    if (byte === code.open || byte === code.openObject) this.#goIn(byte, at);
    else if (byte === code.close || byte === code.closeObject) this.#goOut(chunk, at, records);
    else if (this.#depth === 0) throw this.#fault(this.#line, 'a JSON array or object', 'other text');
    else if (byte === code.comma && this.#depth === this.#recordDepth) this.#finish(chunk, at, records);
    else {
      this.#begin(at);
      if (byte === code.quote) {
        this.#inString = true;
        this.#key = [];
      }
    }
  }

  #goIn(byte: number, at: number): void {
    if (this.#depth === 0 && byte === code.open) this.#recordDepth = 1;
    else if (this.#isNamedArray(byte)) this.#enterNamedArray();
    else this.#begin(at);
    this.#depth++;
    if (this.#depth > limits.importNestingMax)
      throw this.#fault(this.#line, `at most ${limits.importNestingMax} brackets inside each other`, 'more');
  }

  #isNamedArray(byte: number): boolean {
    const isCandidate =
      this.#inside !== undefined && byte === code.open && this.#depth === 1 && this.#recordDepth === 0;
    return isCandidate && Buffer.from(this.#key).toString() === this.#inside;
  }

  /** The root object turns out to be an envelope: it is no record, the elements of this array are. */
  #enterNamedArray(): void {
    this.#forget();
    this.#recordDepth = 2;
    this.#splitsRoot = true;
  }

  #goOut(chunk: Buffer, at: number, records: RawRecord[]): void {
    if (this.#depth === 0) throw this.#fault(this.#line, 'a JSON array or object', 'a closing bracket');
    if (this.#recordDepth > 0 && this.#depth === this.#recordDepth) {
      if (this.#inRecord) this.#finish(chunk, at, records);
      // Behind the named array the rest of the envelope follows, at a depth where no record can begin.
      this.#recordDepth = this.#splitsRoot ? Number.POSITIVE_INFINITY : 0;
    }
    this.#depth--;
    if (this.#depth > 0) return;
    if (this.#inRecord) this.#finish(chunk, at + 1, records);
    this.#recordDepth = 0;
    this.#splitsRoot = false;
  }

  #begin(at: number): void {
    if (this.#inRecord || this.#depth !== this.#recordDepth) return;
    this.#inRecord = true;
    this.#recordLine = this.#line;
    this.#start = at;
  }

  #finish(chunk: Buffer, end: number, records: RawRecord[]): void {
    if (!this.#inRecord) throw this.#fault(this.#line, 'a record before the comma', 'nothing');
    this.#keep(chunk.subarray(this.#start, end));
    if (this.#size > this.#bytesMax)
      records.push({ line: this.#recordLine, fault: tooLong(this.#bytesMax, this.#size) });
    else records.push({ line: this.#recordLine, bytes: Buffer.concat(this.#pieces) });
    this.#forget();
  }

  #keep(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size <= this.#bytesMax) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  #forget(): void {
    this.#inRecord = false;
    this.#start = -1;
    this.#pieces = [];
    this.#size = 0;
  }

  #fault(line: number, expected: string, got: string): Error {
    return badInput(this.#file, [{ file: this.#file, line, expected, got }]);
  }
}
