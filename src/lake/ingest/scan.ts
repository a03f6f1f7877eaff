/**
 * The first reading of a file, before anything of it is loaded: its hash, and what its lines are like. What is
 * counted here is what the lake must hold afterwards.
 */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Compression } from '../lake.ts';
import type { Source } from '../sources/contract.ts';
import { ContentWatch, type Grown, type KnownContent } from './grown.ts';
import type { Hasher } from './hash.ts';
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
  /** Whether the last line has no end. */
  open: boolean;
  /** Whether some lines end in CR LF. */
  returns: boolean;
  /** Whether records may stand in the envelope that their source knows. */
  enveloped: boolean;
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

/** What of a source says how its files are looked at. */
export type ScannedSource = Pick<Source, 'framing' | 'recordsFields' | 'envelope'>;

export interface ScannedFile {
  path: string;
  compression: Compression;
  source: ScannedSource;
  hasher: Hasher;
}

export async function scanFile(
  { path, compression, source, hasher }: ScannedFile,
  { signal, onBytes, known = [] }: ScanOptions = {},
): Promise<Scan & { found: KnownContent | undefined }> {
  let delivered = 0;
  const onDelivered = (piece: Buffer): void => {
    hasher.onDelivered(piece);
    delivered += piece.length;
    onBytes?.(delivered);
  };
  const lines = new LineScanner(source);
  const watch = new ContentWatch(known, compression !== 'none');
  for await (const piece of readPieces(path, compression, { signal, onDelivered, borrowed: true })) {
    watch.push(piece);
    lines.push(piece);
  }
  const { fileId, bytes } = await hasher.end();
  if (bytes !== delivered) throw new ChangedFile();
  const { found, content = fileId } = watch.end();
  return { ...lines.end(), fileId, bytes, content, found };
}

/** Looks at each line's ends only, so that it is nearly as fast as finding them. */
class LineScanner {
  readonly #wrapping: SeenText;
  readonly #envelope: SeenText;
  #contentBytes = 0;
  #head = Buffer.alloc(0);
  #number = 1;
  #blank = 0;
  #blankNumbers = 0n;
  #short = true;
  #returns = false;
  #odd = 0;
  #firstIsOdd = false;
  /** Of the line under way: bytes in the pieces before, its first byte, and the last one so far but a final CR. */
  #carried = 0;
  #first = 0;
  #last = 0;
  #beforeLast = 0;

  constructor({ framing, recordsFields = [], envelope }: ScannedSource) {
    this.#wrapping = new SeenText(framing === 'json' ? holdsWrapped(recordsFields) : () => false);
    this.#envelope = new SeenText(envelope === undefined ? () => false : seekText(envelope));
  }

  /** In slices that stay near the processor, because each is gone through several times. */
  push(piece: Buffer): void {
    for (let start = 0; start < piece.length; start += limits.ingestSliceBytes)
      this.#pushSlice(piece.subarray(start, start + limits.ingestSliceBytes));
  }

  #pushSlice(piece: Buffer): void {
    if (this.#head.length < byteOrderMark.length)
      this.#head = Buffer.concat([this.#head, piece.subarray(0, byteOrderMark.length)]);
    this.#contentBytes += piece.length;
    this.#wrapping.push(piece);
    this.#envelope.push(piece);
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
    const open = this.#carried > 0;
    if (open) this.#finish();
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
      open,
      returns: this.#returns,
      enveloped: this.#envelope.seen,
      objects: !this.#wrapping.seen && !this.#firstIsOdd && this.#odd <= records * oddShareMax,
    };
  }
}

/** Whether some text has been seen, also where it stands across two pieces. */
class SeenText {
  seen = false;
  readonly #holds: (piece: Buffer) => boolean;
  #tail = Buffer.alloc(0);

  constructor(holds: (piece: Buffer) => boolean) {
    this.#holds = holds;
  }

  push(piece: Buffer): void {
    if (this.seen) return;
    const seam = Buffer.concat([this.#tail, piece.subarray(0, seamBytes)]);
    this.#tail = Buffer.from(piece.subarray(-seamBytes));
    this.seen = this.#holds(seam) || this.#holds(piece);
  }
}

const seamBytes = 512;

/** Whether a line may hold more than one record: two objects in a row, or a field with a list of records. */
function holdsWrapped(recordsFields: readonly string[]): (piece: Buffer) => boolean {
  const names = recordsFields.map((name) => JSON.stringify(name));
  const seekers = names.map(seekText);
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const list = new RegExp(`(?:${escaped.join('|')})\\s*:\\s*\\[`);
  return (piece) => {
    if (piece.includes('}{"') || piece.includes('} {"')) return true;
    return seekers.some((seek) => seek(piece)) && list.test(piece.toString('latin1'));
  };
}

/**
 * By a few bytes of it first, and of these the engine looks for the first: a capital or a mark is rarer than a letter, and
 * the quote mark is the commonest of all.
 */
function seekText(text: string): (piece: Buffer) => boolean {
  const rare = text.search(/[^a-z"]/);
  const start = rare >= 0 ? rare : text.search(/[^"]/);
  const few = text.slice(start, start + needleBytes);
  return (piece) => piece.includes(few) && piece.includes(text);
}

/** Longer ones are looked for in another way, which is slower where they are nowhere. */
const needleBytes = 6;
