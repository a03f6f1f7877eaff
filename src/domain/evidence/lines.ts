/** Reads a file line by line as bytes, in bounded memory. */
import { createReadStream } from 'node:fs';

export interface Line {
  /** The first line is 1. */
  number: number;
  /** With the final newline, when there is one. */
  bytes: Buffer;
  /** `long`: cut at the limit, and the last one read. `open`: the file ends without a newline. */
  kind: 'whole' | 'long' | 'open';
}

const newline = 10;
const chunkBytes = 256 * 1024;

/** The lines of `file`. A line with more than `bytesMax` bytes ends the reading. */
export async function* readLines(file: string, bytesMax: number): AsyncGenerator<Line> {
  let number = 1;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      const line = bytes.subarray(start, end + 1);
      if (line.length > bytesMax) {
        yield { number, bytes: line.subarray(0, bytesMax), kind: 'long' };
        return;
      }
      yield { number: number++, bytes: line, kind: 'whole' };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > bytesMax) {
      yield { number, bytes: rest.subarray(0, bytesMax), kind: 'long' };
      return;
    }
  }
  if (rest.length > 0) yield { number, bytes: rest, kind: 'open' };
}
