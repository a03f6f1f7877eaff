/**
 * The first reading of a file, before anything of it is loaded: its hash, and what its lines are like. What is
 * counted here is what the lake must hold afterwards.
 */
import { stat } from 'node:fs/promises';
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Compression } from '../lake.ts';
import { ContentWatch, type Grown, type KnownContent } from './grown.ts';
import { newHasher } from './hash.ts';
import { byteOrderMark, readPieces } from './pieces.ts';
import type { LineCount } from './split/splitter.ts';

export interface Scan {
  /** SHA-256 of the bytes as delivered, and how many they are. */
  fileId: string;
  bytes: number;
  /** Of the content, which is more where it was compressed: its bytes, and their SHA-256. */
  contentBytes: number;
  content: string;
  /** Where the content begins with one that is in the lake: which part of it is new. */
  grown?: Grown;
  lines: LineCount;
  /** Whether the content begins with a byte order mark. */
  marked: boolean;
  /** Whether no line is longer than `ingestFastLineBytesMax`. */
  short: boolean;
  /** Whether some lines end in CR LF. */
  returns: boolean;
  /**
   * Whether a line is one JSON object, as far as brackets tell, and none wraps a list of records. The first line must
   * be one; of the others a few may be cut off or garbled, which then costs that line alone.
   */
  objects: boolean;
}

export interface ScanOptions {
  signal?: AbortSignal | undefined;
  onBytes?: ((bytes: number) => void) | undefined;
  /** What the content may begin with. */
  known?: readonly KnownContent[];
}

/** The file was written to while it was read. */
export class ChangedFile extends FirebreakError {
  constructor() {
    super('conflict', 'it changed while it was read: ingest a copy, or wait until it is closed');
  }
}

const oddShareMax = 0.2;
const [lineFeed, carriageReturn, openBrace, closeBrace] = [10, 13, 123, 125];

/** `recordsFields` are the names under which a JSON line may wrap a list of records. */
export async function scanFile(
  path: string,
  compression: Compression,
  recordsFields: readonly string[],
  { signal, onBytes, known = [] }: ScanOptions = {},
): Promise<Scan & { found: KnownContent | undefined }> {
  const hasher = newHasher(path, (await stat(path)).size);
  let delivered = 0;
  const onDelivered = (piece: Buffer): void => {
    hasher.onDelivered(piece);
    delivered += piece.length;
    onBytes?.(delivered);
  };
  try {
    const lines = new LineScanner(recordsFields);
    const watch = new ContentWatch(known, compression !== 'none');
    for await (const piece of readPieces(path, compression, { signal, onDelivered })) {
      watch.push(piece);
      lines.push(piece);
    }
    const { fileId, bytes } = await hasher.end();
    if (bytes !== delivered) throw new ChangedFile();
    const { found, content = fileId } = watch.end();
    return { ...lines.end(), fileId, bytes, content, found };
  } finally {
    await hasher.close();
  }
}

/** Looks at each line's ends only, so that it is nearly as fast as finding them. */
class LineScanner {
  readonly #wraps: Wraps;
  #contentBytes = 0;
  #head = Buffer.alloc(0);
  #number = 1;
  #blank = 0;
  #blankNumbers = 0n;
  #short = true;
  #returns = false;
  #wrapped = false;
  #odd = 0;
  #firstIsOdd = false;
  /** Of the line under way: bytes in the pieces before, its first byte, and the last one so far but a final CR. */
  #carried = 0;
  #first = 0;
  #last = 0;
  #beforeLast = 0;

  constructor(recordsFields: readonly string[]) {
    this.#wraps = new Wraps(recordsFields);
  }

  push(piece: Buffer): void {
    if (this.#head.length < byteOrderMark.length)
      this.#head = Buffer.concat([this.#head, piece.subarray(0, byteOrderMark.length)]);
    this.#contentBytes += piece.length;
    this.#wrapped ||= this.#wraps.push(piece);
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      this.#take(piece, start, end);
      this.#finish();
      start = end + 1;
    }
    this.#take(piece, start, piece.length);
  }

  #take(piece: Buffer, start: number, end: number): void {
    if (start === end) return;
    if (this.#carried === 0) this.#first = piece[start] as number;
    this.#beforeLast = end - start > 1 ? (piece[end - 2] as number) : this.#last;
    this.#last = piece[end - 1] as number;
    this.#carried += end - start;
  }

  #finish(): void {
    const returned = this.#carried > 0 && this.#last === carriageReturn;
    const length = returned ? this.#carried - 1 : this.#carried;
    if (returned) this.#returns = true;
    if (length === 0) {
      this.#blank++;
      this.#blankNumbers += BigInt(this.#number);
    } else {
      if (length > limits.ingestFastLineBytesMax) this.#short = false;
      const last = returned ? this.#beforeLast : this.#last;
      if (this.#first !== openBrace || last !== closeBrace) {
        this.#odd++;
        this.#firstIsOdd ||= this.#number === this.#blank + 1;
      }
    }
    this.#number++;
    this.#carried = 0;
  }

  end(): Omit<Scan, 'fileId' | 'bytes' | 'content' | 'grown'> {
    if (this.#carried > 0) this.#finish();
    const lines = BigInt(this.#number - 1);
    const records = this.#number - 1 - this.#blank;
    return {
      contentBytes: this.#contentBytes,
      lines: {
        records,
        numbers: (lines * (lines + 1n)) / 2n - this.#blankNumbers,
        blank: this.#blank,
      },
      marked: this.#head.subarray(0, byteOrderMark.length).equals(byteOrderMark),
      short: this.#short,
      returns: this.#returns,
      objects: !this.#wrapped && !this.#firstIsOdd && this.#odd <= records * oddShareMax,
    };
  }
}

/** Whether a line may hold more than one record: two objects in a row, or a field with a list of records. */
class Wraps {
  readonly #needles: readonly string[];
  readonly #pattern: RegExp | undefined;
  #tail = Buffer.alloc(0);

  constructor(recordsFields: readonly string[]) {
    const names = recordsFields.map((name) => JSON.stringify(name));
    this.#needles = names;
    const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    this.#pattern = names.length === 0 ? undefined : new RegExp(`(?:${escaped.join('|')})\\s*:\\s*\\[`);
  }

  push(piece: Buffer): boolean {
    const seam = Buffer.concat([this.#tail, piece.subarray(0, 512)]);
    this.#tail = Buffer.from(piece.subarray(-512));
    return this.#holds(seam) || this.#holds(piece);
  }

  #holds(piece: Buffer): boolean {
    if (piece.includes('}{"') || piece.includes('} {"')) return true;
    // Nine times as fast by a needle that doesn't begin with the commonest character of all.
    const found = this.#needles.some(
      (needle) => piece.includes(needle.slice(1, -1)) && piece.includes(needle),
    );
    return found && this.#pattern?.test(piece.toString('latin1')) === true;
  }
}
