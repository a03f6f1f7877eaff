/**
 * Splits bytes into CSV records, line breaks inside quotes respected, so that each can be bounded, decoded and
 * rejected by itself. A quote that is never closed costs the line that it stands on, not the rest of the file.
 */
import { isBlank, tooLong } from './split-lines.ts';
import type { RawRecord } from './types.ts';

const newline = 10;
const carriageReturn = 13;
const quote = 34;

type State = 'field-start' | 'plain' | 'quoted' | 'quote-in-quoted' | 'passing-over';

const brokenQuote = { expected: 'quotes that are closed before a delimiter or the end of the line' };

export class CsvSplitter {
  readonly #bytesMax: number;
  readonly #delimiter: number;
  #line = 1;
  /** From the begin of the record on. */
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #state: State = 'field-start';
  #passedOver = 0;

  constructor(delimiter: string, bytesMax: number) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#bytesMax = bytesMax;
  }

  /** The records that `chunk` completes; blank lines are left out. */
  push(chunk: Buffer): RawRecord[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const records: RawRecord[] = [];
    this.#scan(records);
    return records;
  }

  /** What is left when the file ends. */
  end(): RawRecord[] {
    const records: RawRecord[] = [];
    while (this.#state === 'quoted') {
      this.#giveUpLine(records);
      this.#scan(records);
    }
    if (this.#state === 'passing-over') this.#finishPassedOver(records);
    else if (this.#buffer.length > 0) this.#finishRecord(records, this.#buffer.length);
    return records;
  }

  #scan(records: RawRecord[]): void {
    while (this.#at < this.#buffer.length) {
      if (this.#state === 'passing-over') {
        this.#passOver(records);
        continue;
      }
      const byte = this.#buffer[this.#at++];
      if (byte === newline && this.#state !== 'quoted') this.#finishRecord(records, this.#at - 1);
      else if (!this.#advance(byte)) this.#giveUpLine(records);
      else if (this.#at > this.#bytesMax) this.#refuseLong(records);
    }
  }

  /** Moves to the state after `byte`; false when the record's quotes make no sense. */
  #advance(byte: number | undefined): boolean {
    const fieldBegins = this.#state === 'field-start';
    if (this.#state === 'quoted') {
      if (byte === quote) this.#state = 'quote-in-quoted';
    } else if (byte === this.#delimiter) this.#state = 'field-start';
    else if (fieldBegins) this.#state = byte === quote ? 'quoted' : 'plain';
    else if (this.#state === 'quote-in-quoted' && byte === quote) this.#state = 'quoted';
    else if (this.#state === 'quote-in-quoted') return byte === carriageReturn;
    return true;
  }

  #finishRecord(records: RawRecord[], end: number): void {
    const record = this.#buffer.subarray(0, end);
    const bytes = record.at(-1) === carriageReturn ? record.subarray(0, -1) : record;
    if (!isBlank(bytes)) records.push({ line: this.#line, bytes });
    this.#restartAt(end + 1, countNewlines(record) + 1);
  }

  /** A record over the limit: with line breaks inside, a quote was never closed; without, it is one long line. */
  #refuseLong(records: RawRecord[]): void {
    if (this.#buffer.subarray(0, this.#at).includes(newline)) {
      this.#giveUpLine(records);
      return;
    }
    this.#passedOver = this.#at;
    this.#restartAt(this.#at, 0);
    this.#state = 'passing-over';
  }

  /** Rejects the line on which the record began and reads on behind it. */
  #giveUpLine(records: RawRecord[]): void {
    const end = this.#buffer.indexOf(newline);
    records.push({ line: this.#line, fault: brokenQuote });
    if (end >= 0) {
      this.#restartAt(end + 1, 1);
      return;
    }
    // The line goes on beyond what has been read: it is rejected already, so its rest is passed over unreported.
    this.#restartAt(this.#buffer.length, 0);
    this.#passedOver = -1;
    this.#state = 'passing-over';
  }

  #passOver(records: RawRecord[]): void {
    const end = this.#buffer.indexOf(newline);
    if (this.#passedOver >= 0) this.#passedOver += end < 0 ? this.#buffer.length : end;
    if (end < 0) {
      this.#restartAt(this.#buffer.length, 0, 'passing-over');
      return;
    }
    this.#finishPassedOver(records);
    this.#restartAt(end + 1, 1);
  }

  #finishPassedOver(records: RawRecord[]): void {
    if (this.#passedOver >= 0)
      records.push({ line: this.#line, fault: tooLong(this.#bytesMax, this.#passedOver) });
  }

  #restartAt(offset: number, lines: number, state: State = 'field-start'): void {
    this.#buffer = this.#buffer.subarray(offset);
    this.#at = 0;
    this.#line += lines;
    this.#state = state;
  }
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}
