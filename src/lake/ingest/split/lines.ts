/** A record a line. Its number is that of the line, so that it can be found in the file. */
import { type CutRecord, lineFeed, RecordBuilder, type Splitter, withoutReturn } from './splitter.ts';

export class LineSplitter implements Splitter {
  blank = 0;
  readonly #builder = new RecordBuilder();
  #number = 1;

  push(piece: Buffer): CutRecord[] {
    const cut: CutRecord[] = [];
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      this.#builder.add(piece.subarray(start, end));
      this.#finish(cut);
      start = end + 1;
    }
    this.#builder.add(piece.subarray(start));
    return cut;
  }

  end(): CutRecord[] {
    const cut: CutRecord[] = [];
    if (this.#builder.bytes > 0) this.#finish(cut);
    return cut;
  }

  #finish(cut: CutRecord[]): void {
    const record = this.#builder.take(this.#number++);
    if (record.fault === '') record.bytes = withoutReturn(record.bytes);
    if (record.bytes.length === 0) this.blank++;
    else cut.push(record);
  }
}
