/** One file, or one member of an archive, turned into jobs: recognised, decoded, unpacked, cut. */
import { createGunzip } from 'node:zlib';
import { limits } from '../../../kernel/limits.ts';
import { ExpansionBudget, type Member, tarMembers, zipMembers } from './archive.ts';
import { type ByteReader, chunksOf, fromUtf16, openFile, peek, readerOf, skip } from './byte-reader.ts';
import { type Piece, splitHar } from './har-splitter.ts';
import type { Job, JobResult } from './jobs.ts';
import { FilePlaces } from './places.ts';
import type { Runner } from './runner.ts';
import { headBytes, type Sniffed, sniff } from './sniff.ts';
import { splitText } from './text-splitter.ts';
import type { ScanError, ScanOptions } from './types.ts';
import { reasonOf } from './walk.ts';

/** What happens to a file, in order. Results are promises, so that several jobs are under way at once. */
export type Step =
  | { type: 'result'; file: FilePlaces; result: Promise<JobResult>; line?: number }
  | ({ type: 'error' } & ScanError)
  | { type: 'end'; file: FilePlaces };

export interface Scanning extends Pick<ScanOptions, 'fingerprinter' | 'signal'> {
  runner: Runner;
  /** What one archive, with all in it, may expand to. */
  archiveBytesMax: number;
  /** Called with the number of bytes read from disk. */
  onBytes(count: number): void;
}

/** Scans the file of `bytes` bytes at `path`, shown as `name`. */
export async function* scanFile(
  path: string,
  name: string,
  bytes: number,
  scanning: Scanning,
): AsyncGenerator<Step> {
  let left = bytes;
  const onBytes = (count: number): void => {
    left -= count;
    scanning.onBytes(count);
  };
  let source: Awaited<ReturnType<typeof openFile>>;
  try {
    source = await openFile(path, onBytes);
  } catch (error) {
    return yield { type: 'error', file: name, message: reasonOf(error) };
  }
  try {
    yield* new FileScan(name, scanning).scan(source, path);
  } finally {
    await source[Symbol.asyncDispose]();
    // Zip files are read by position and binary files hardly at all; for the progress they are done all the same.
    scanning.onBytes(Math.max(0, left));
  }
}

interface Within {
  /** How many archives the file lies in. */
  depth: number;
  budget: ExpansionBudget;
  isMember: boolean;
}

class FileScan {
  readonly #scanning: Scanning;
  readonly #within: Within;
  readonly #file: FilePlaces;
  /** A gzip file is reported as what is in it. */
  #isTransparent = false;
  #failure: unknown;

  constructor(name: string, scanning: Scanning, within?: Within) {
    this.#scanning = scanning;
    this.#within = within ?? {
      depth: 0,
      budget: new ExpansionBudget(scanning.archiveBytesMax),
      isMember: false,
    };
    this.#file = new FilePlaces(name, scanning.fingerprinter, this.#within.isMember);
  }

  /** `path`: where the file lies when it is one on disk. */
  async *scan(source: ByteReader, path?: string): AsyncGenerator<Step> {
    try {
      const { head, reader } = await peek(this.#forgiving(source), headBytes);
      yield* this.#content(sniff(head), reader, path);
    } catch (error) {
      this.#scanning.signal.throwIfAborted();
      this.#failure ??= error;
    }
    if (this.#failure !== undefined) {
      const message = `${reasonOf(this.#failure)}; what was read before is scanned`;
      yield { type: 'error', file: this.#file.file, message };
    }
    if (!this.#isTransparent) yield { type: 'end', file: this.#file };
  }

  /** Takes a failure for the end, so that what came before is scanned; the failure is reported after it. */
  #forgiving(source: ByteReader): ByteReader {
    return {
      read: async (into) => {
        if (this.#failure !== undefined) return 0;
        try {
          const count = await source.read(into);
          this.#file.bytes += count;
          return count;
        } catch (error) {
          this.#scanning.signal.throwIfAborted();
          this.#failure = error;
          return 0;
        }
      },
    };
  }

  async *#content(sniffed: Sniffed, reader: ByteReader, path: string | undefined): AsyncGenerator<Step> {
    const { signal } = this.#scanning;
    const { format, skipped, encoding, markBytes } = sniffed;
    this.#file.format = format;
    this.#file.skipped = skipped;
    if (skipped !== undefined) return;
    if (format === 'gzip') return yield* this.#gzip(reader);
    if (format === 'tar') return yield* this.#members(() => tarMembers(reader, signal));
    if (format === 'zip')
      return yield* this.#members(() => zipMembers(path === undefined ? { reader } : { path }));
    if (markBytes !== undefined && markBytes > 0) await skip(reader, markBytes);
    const text = encoding === undefined ? reader : fromUtf16(reader, encoding, signal);
    if (format === 'har') yield* this.#har(text);
    else yield* this.#text(text);
  }

  /** The content of a gzip file is a file of its own: a tar archive, a HAR file, text. */
  async *#gzip(reader: ByteReader): AsyncGenerator<Step> {
    if (this.#tooDeep()) return;
    const gunzip = createGunzip();
    const pump = this.#pump(reader, gunzip);
    this.#isTransparent = true;
    try {
      yield* this.#inner(this.#file.file, readerOf(gunzip), this.#within.isMember);
    } finally {
      gunzip.destroy();
      await pump;
    }
  }

  async #pump(
    reader: ByteReader,
    into: NodeJS.WritableStream & { destroy(error?: Error): void },
  ): Promise<void> {
    try {
      for await (const chunk of chunksOf(reader, this.#scanning.signal))
        if (!into.write(chunk))
          await new Promise((resolve) => into.once('drain', resolve).once('close', resolve));
      into.end();
    } catch (error) {
      into.destroy(error instanceof Error ? error : undefined);
    }
  }

  #tooDeep(): boolean {
    if (this.#within.depth < limits.scanNestingMax) return false;
    this.#file.skipped = `an archive inside ${limits.scanNestingMax} others`;
    return true;
  }

  async *#members(open: () => AsyncIterable<Member>): AsyncGenerator<Step> {
    if (this.#tooDeep()) return;
    for await (const member of open()) {
      // The member that went over the bound has said so.
      if (this.#within.budget.isSpent) return;
      const name = member.name === undefined ? this.#file.file : `${this.#file.file}!/${member.name}`;
      if (member.type === 'file') yield* this.#inner(name, member.reader, true);
      else if (member.type === 'error') yield { type: 'error', file: name, message: member.message };
      else yield { type: 'end', file: skippedFile(name, member.reason, this.#scanning, true) };
    }
  }

  #inner(name: string, reader: ByteReader, isMember: boolean): AsyncGenerator<Step> {
    const { budget, depth } = this.#within;
    return new FileScan(name, this.#scanning, { budget, depth: depth + 1, isMember }).scan(
      budget.bound(reader),
    );
  }

  async *#text(reader: ByteReader): AsyncGenerator<Step> {
    for await (const window of splitText(reader, this.#scanning.signal))
      yield this.#run({ type: 'text', ...window });
  }

  async *#har(reader: ByteReader): AsyncGenerator<Step> {
    for await (const piece of splitHar(reader, this.#scanning.signal)) yield this.#piece(piece);
  }

  #piece(piece: Piece): Step {
    if (piece.type === 'fault') {
      const { entry, line, message } = piece;
      return { type: 'error', file: this.#file.file, entry, line, message };
    }
    if (piece.type === 'entries') return this.#run(piece, piece.entries[0]?.line);
    const { bytes, overlap, last, line } = piece;
    return this.#run({ type: 'text', bytes, overlap, last }, line);
  }

  #run(job: Job, line?: number): Step {
    const result = this.#scanning.runner.run(job);
    // Awaited later, in order; a rejection until then is not unhandled.
    result.catch(() => {});
    return { type: 'result', file: this.#file, result, line };
  }
}

/** A file of which only the name is reported. */
export function skippedFile(
  name: string,
  reason: string,
  { fingerprinter }: Scanning,
  isMember = false,
): FilePlaces {
  const file = new FilePlaces(name, fingerprinter, isMember);
  file.skipped = reason;
  return file;
}
