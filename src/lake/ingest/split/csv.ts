/**
 * Comma-separated values, where a quoted field may hold line breaks (RFC 4180). A quote within a quoted field is
 * doubled, so the number of quotes so far tells whether a line break ends the record.
 */
import { limits } from '../../../kernel/limits.ts';
import { type CutRecord, lineFeed, RecordBuilder, type Splitter, withoutReturn } from './splitter.ts';

const quote = 34;

export class CsvSplitter implements Splitter {
  blank = 0;
  readonly #builder = new RecordBuilder();
  #number = 1;
  #quoted = false;

  push(piece: Buffer): CutRecord[] {
    const cut: CutRecord[] = [];
    let start = 0;
    let from = 0;
    let nextQuote = piece.indexOf(quote);
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, from)) {
      for (; nextQuote >= 0 && nextQuote < end; nextQuote = piece.indexOf(quote, nextQuote + 1))
        this.#quoted = !this.#quoted;
      from = end + 1;
      // A quote that is never closed would take the rest of the file along: beyond the limit, a line ends it.
      const tooLong = this.#builder.bytes + (end - start) > limits.ingestRecordBytesMax;
      if (this.#quoted && !tooLong) continue;
      this.#quoted = false;
      this.#builder.add(piece.subarray(start, end));
      this.#finish(cut);
      start = from;
    }
    for (; nextQuote >= 0; nextQuote = piece.indexOf(quote, nextQuote + 1)) this.#quoted = !this.#quoted;
    this.#builder.add(piece.subarray(start));
    return cut;
  }

  end(): CutRecord[] {
    const cut: CutRecord[] = [];
    if (this.#builder.bytes > 0) this.#finish(cut);
    return cut;
  }

  #finish(cut: CutRecord[]): void {
    const fault = this.#quoted ? 'the file ends within a quoted field' : '';
    const record = this.#builder.take(this.#number, fault);
    if (record.fault === '') record.bytes = withoutReturn(record.bytes);
    if (record.bytes.length === 0) this.blank++;
    else {
      this.#number++;
      cut.push(record);
    }
  }
}
