/**
 * A log as files on disk: records are gathered as bytes and written in large pieces, so that memory does not grow
 * with the size of a log. One piece is written while the next is gathered. A file's time of last change is that
 * of its last record: formats without a year need it.
 */
import { type FileHandle, mkdir, open, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { limits } from '../../kernel/limits.ts';
import type { LogFileInfo, Place } from './types.ts';

const compress = promisify(gzip);

/** Where the records of one log go. `add` is cheap; `settle` writes what has gathered, whenever that is `due`. */
export interface LogSink {
  readonly due: boolean;
  /** Puts a record away and says where it will stand. */
  add(record: string, at: number): Place;
  /** Waits for the piece before, not for this one: an error is thrown at the next call. */
  settle(): Promise<void>;
  close(): Promise<LogFileInfo[]>;
}

export interface SinkFacts {
  /** The folder that paths are from. */
  root: string;
  source: string;
  host?: string;
  /** The file for a moment; when it changes, the log has been rotated. */
  path(at: number): string;
}

interface OpenFile extends LogFileInfo {
  lastAt: number;
}

interface Piece {
  file: OpenFile;
  bytes: Buffer;
  /** Nothing follows it in its file. */
  last: boolean;
}

/** What both kinds share: the file that is current, and pieces that wait to be written. */
abstract class RotatingSink implements LogSink {
  protected readonly facts: SinkFacts;
  readonly #files: LogFileInfo[] = [];
  readonly #gathered = new Gathering();
  #current: OpenFile | undefined;
  #waiting: Piece[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(facts: SinkFacts) {
    this.facts = facts;
  }

  get due(): boolean {
    return this.#waiting.length > 0 || this.#gathered.length >= limits.practiceLogPieceBytes;
  }

  add(record: string, at: number): Place {
    const path = this.facts.path(at);
    const file = this.#current?.path === path ? this.#current : this.#rotate(path);
    this.frame(this.#gathered, record, file.events);
    file.events++;
    file.lastAt = at;
    return { path, line: file.events };
  }

  async settle(): Promise<void> {
    const pieces = this.#waiting;
    this.#waiting = [];
    if (this.wholeFiles === false && this.#current && this.#gathered.length >= limits.practiceLogPieceBytes)
      pieces.push({ file: this.#current, bytes: this.#gathered.take(), last: false });
    await this.#writing;
    this.#writing = this.#writeAll(pieces);
    // A failure is thrown where this is awaited; until then it must not end the process.
    this.#writing.catch(() => undefined);
  }

  async close(): Promise<LogFileInfo[]> {
    this.#complete();
    await this.settle();
    await this.#writing;
    return this.#files;
  }

  /** Whether a file is written in one piece. */
  protected abstract readonly wholeFiles: boolean;
  /** Adds the record with what separates it from those before. */
  protected abstract frame(gathering: Gathering, record: string, before: number): void;
  protected abstract write(piece: Piece): Promise<void>;

  async #writeAll(pieces: Piece[]): Promise<void> {
    for (const piece of pieces) {
      await this.write(piece);
      if (!piece.last) continue;
      const { lastAt, ...info } = piece.file;
      await utimes(join(this.facts.root, info.path), lastAt / 1000, lastAt / 1000);
      this.#files.push(info);
    }
  }

  #complete(): void {
    if (this.#current) this.#waiting.push({ file: this.#current, bytes: this.#gathered.take(), last: true });
    this.#current = undefined;
  }

  #rotate(path: string): OpenFile {
    this.#complete();
    const { source, host } = this.facts;
    this.#current = { path, source, ...(host === undefined ? {} : { host }), events: 0, bytes: 0, lastAt: 0 };
    return this.#current;
  }
}

/** Text files, a record and a line break each. */
export class LineSink extends RotatingSink {
  protected override readonly wholeFiles = false;
  #handle: FileHandle | undefined;

  protected frame(gathering: Gathering, record: string): void {
    gathering.add(record);
    gathering.add('\n');
  }

  protected async write({ file, bytes, last }: Piece): Promise<void> {
    this.#handle ??= await create(join(this.facts.root, file.path));
    await this.#handle.writeFile(bytes);
    file.bytes += bytes.length;
    if (!last) return;
    await this.#handle.close();
    this.#handle = undefined;
  }
}

/** Gzip files that hold `{"Records":[...]}`, as CloudTrail delivers them. One is held in memory at a time. */
export class DeliverySink extends RotatingSink {
  protected override readonly wholeFiles = true;

  protected frame(gathering: Gathering, record: string, before: number): void {
    gathering.add(before === 0 ? '{"Records":[' : ',');
    gathering.add(record);
  }

  protected async write({ file, bytes }: Piece): Promise<void> {
    const path = join(this.facts.root, file.path);
    const packed = await compress(Buffer.concat([bytes, Buffer.from(']}')]), { level: 1 });
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, packed);
    file.bytes = packed.length;
  }
}

async function create(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, 'w');
}

/** Texts as bytes, one after another. Joining strings instead keeps all of them alive until they are written. */
class Gathering {
  #bytes = Buffer.allocUnsafe(2 * limits.practiceLogPieceBytes);
  length = 0;

  add(text: string): void {
    // A character takes at most three bytes.
    if (this.length + 3 * text.length > this.#bytes.length) this.#grow(3 * text.length);
    this.length += this.#bytes.write(text, this.length);
  }

  /** Hands the bytes over and begins anew. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length);
    this.#bytes = Buffer.allocUnsafe(2 * limits.practiceLogPieceBytes);
    this.length = 0;
    return taken;
  }

  #grow(more: number): void {
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + more);
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
