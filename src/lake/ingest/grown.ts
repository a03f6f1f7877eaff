/**
 * Logs grow, are rotated and are packed; what was read of them before must not count twice. A file whose content begins
 * with the whole content of one that is in the lake gives only what comes after it.
 */
import { createHash, type Hash } from 'node:crypto';
import { limits } from '../../kernel/limits.ts';
import type { Compression } from '../lake.ts';
import type { Source } from '../sources/contract.ts';
import { readPieces } from './pieces.ts';
import { carriageReturn, type LineCount, lineFeed, type Splitter } from './split/splitter.ts';

/** Content that is in the lake: its SHA-256, whatever it was packed with. */
export interface KnownContent {
  fileId: string;
  path: string;
  source: string;
  host: string;
  content: string;
  contentBytes: number;
}

/** The part of a file that is in the lake. */
export interface Grown {
  from: KnownContent;
  /** Records up to this number are in the lake. */
  after: number;
  skipped: LineCount;
  /** Nothing comes after it. */
  isSame: boolean;
  /** The last record had been cut off where the earlier file ended; it stands in both. */
  cut: boolean;
}

const hash = '#'.charCodeAt(0);

/**
 * What two files must have in common for one to be the beginning of the other: the first line that is no comment, where
 * the content has one. Its hash.
 */
export function headOf(content: Buffer): string {
  let start = 0;
  let end = content.indexOf(lineFeed);
  while (end >= 0 && (content[start] === hash || end === start)) {
    start = end + 1;
    end = content.indexOf(lineFeed, start);
  }
  const line = content.subarray(start, end < 0 ? content.length : end);
  return createHash('sha256').update(line.subarray(0, limits.ingestHeadBytesMax)).digest('hex');
}

/** Hashes content as it passes, and notes where it has been content that is known. */
export class ContentWatch {
  readonly #hash: Hash = createHash('sha256');
  /** The shortest first. */
  readonly #known: KnownContent[];
  readonly #hashesAll: boolean;
  #bytes = 0;
  #found: KnownContent | undefined;

  /** `hashesAll`: whether the hash of the whole is wanted. */
  constructor(known: readonly KnownContent[], hashesAll: boolean) {
    this.#known = [...known].sort((a, b) => a.contentBytes - b.contentBytes);
    this.#hashesAll = hashesAll;
  }

  push(piece: Buffer): void {
    let start = 0;
    for (let next = this.#known[0]; next !== undefined; next = this.#known[0]) {
      const end = next.contentBytes - this.#bytes;
      if (end > piece.length) break;
      this.#hash.update(piece.subarray(start, end));
      start = end;
      if (this.#hash.copy().digest('hex') === next.content) this.#found = next;
      this.#known.shift();
    }
    if (this.#hashesAll || this.#known.length > 0) this.#hash.update(piece.subarray(start));
    this.#bytes += piece.length;
  }

  /** The longest known content that the file begins with, and the hash of all where it was wanted. */
  end(): { found: KnownContent | undefined; content: string | undefined } {
    return { found: this.#found, content: this.#hashesAll ? this.#hash.digest('hex') : undefined };
  }
}

export interface GrownFile {
  path: string;
  compression: Compression;
  source: Source;
  contentBytes: number;
  /** Bytes of the mark before the first record. */
  markBytes: number;
}

/** Counts the records that are in the lake, as this file's own framing cuts them. */
export async function measureGrown(
  { path, compression, contentBytes, markBytes }: GrownFile,
  from: KnownContent,
  splitter: Splitter,
  signal?: AbortSignal,
): Promise<Grown> {
  const skipped: LineCount = { records: 0, numbers: 0n, blank: 0 };
  let after = 0;
  const take = (records: readonly { number: number }[]): void => {
    for (const { number } of records) {
      skipped.records++;
      skipped.numbers += BigInt(number);
      after = number;
    }
  };
  let [at, toSkip, next] = [0, markBytes, -1];
  for await (const piece of readPieces(path, compression, { signal })) {
    const mine = piece.subarray(toSkip, Math.max(0, from.contentBytes - at));
    toSkip = 0;
    if (mine.length > 0) take(splitter.push(mine));
    at += piece.length;
    if (at <= from.contentBytes) continue;
    next = piece[piece.length - (at - from.contentBytes)] ?? -1;
    break;
  }
  const { blank } = splitter;
  const rest = splitter.end();
  const isSame = from.contentBytes === contentBytes;
  const cut = !isSame && rest.length > 0 && next !== lineFeed && next !== carriageReturn;
  if (!cut) take(rest);
  return { from, after, skipped: { ...skipped, blank }, isSame, cut };
}
