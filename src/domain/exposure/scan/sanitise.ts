/**
 * Writes a copy of a HAR file without its secrets. Every secret that the scan finds is replaced by
 * `[redacted:<kind>:<fingerprint>]` wherever it stands in the file, and every entry is scanned again before it
 * is written: one that still shows a secret is left out.
 */

import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { badInput, FirebreakError, messageOf } from '../../../kernel/errors.ts';
import type { Fingerprinter } from '../../../kernel/hash.ts';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import { type ByteReader, fromUtf16, openFile, peek, skip } from './byte-reader.ts';
import { type Cleaned, Cleaner } from './cleaner.ts';
import { type Piece, splitHar } from './har-splitter.ts';
import { decodeText, parseEntry, runJob } from './jobs.ts';
import { headBytes, sniff } from './sniff.ts';
import type { ScanError } from './types.ts';

export interface SanitiseOptions {
  fingerprinter: Fingerprinter;
  signal: AbortSignal;
}

export interface SanitiseResult {
  /** Entries written. */
  entries: number;
  /** Entries left out because they were broken, too large or could not be cleaned; `errors` names each. */
  dropped: number;
  /** Different secrets replaced. */
  secrets: number;
  errors: ScanError[];
}

/**
 * Sanitises `inFile` into `outFile`. Throws bad_input when `inFile` is no HAR file, conflict when `outFile`
 * exists, limit_exceeded when the file holds too many secrets; then nothing is written.
 */
export async function sanitiseHar(
  inFile: string,
  outFile: string,
  options: SanitiseOptions,
): Promise<SanitiseResult> {
  if (
    await lstat(outFile).then(
      () => true,
      () => false,
    )
  )
    throw exists(outFile);
  const sanitiser = new Sanitiser(inFile, options);
  await sanitiser.learn();
  const temporary = join(dirname(outFile), `.${basename(outFile)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx', 0o600).catch((cause: unknown) => {
    throw new FirebreakError('bad_input', `can't write ${printable(outFile)}: ${messageOf(cause)}`, {
      cause,
    });
  });
  try {
    const result = await sanitiser.write(handle);
    await handle.sync();
    await handle.close();
    await publish(temporary, outFile);
    return result;
  } catch (error) {
    await handle.close().catch(() => {});
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

const exists = (file: string): FirebreakError =>
  new FirebreakError('conflict', `${printable(file)} exists already; name a file that does not`);

/** Gives the finished file its name at once, and never in the place of another. */
async function publish(temporary: string, outFile: string): Promise<void> {
  try {
    await link(temporary, outFile);
    await unlink(temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(outFile);
    // A file system without links: the check at the start must do.
    await rename(temporary, outFile);
  }
}

class Sanitiser {
  readonly #file: string;
  readonly #signal: AbortSignal;
  readonly #cleaner: Cleaner;
  readonly #skeleton: Buffer[] = [];
  #skeletonBytes = 0;
  readonly #errors: ScanError[] = [];
  #dropped = 0;

  constructor(file: string, { fingerprinter, signal }: SanitiseOptions) {
    this.#file = file;
    this.#signal = signal;
    this.#cleaner = new Cleaner(fingerprinter);
  }

  /** First reading: all secrets of the file, and the document around the entries. */
  async learn(): Promise<void> {
    for await (const piece of this.#pieces()) {
      if (piece.type === 'fault') this.#note(piece);
      else {
        if (piece.type === 'text' && piece.skeleton) this.#keepSkeleton(piece);
        this.#cleaner.learn(runJob(piece).sighted);
        if (this.#cleaner.size > limits.sanitiseSecretsMax)
          throw new FirebreakError(
            'limit_exceeded',
            `${printable(this.#file)} holds more than ${limits.sanitiseSecretsMax} secrets`,
          );
      }
    }
  }

  /** Second reading: the document and each entry, cleaned. */
  async write(handle: FileHandle): Promise<SanitiseResult> {
    const { before, after } = this.#document();
    let entries = 0;
    await handle.appendFile(before);
    for await (const piece of this.#pieces()) {
      if (piece.type === 'text' && !piece.skeleton && piece.last) this.#dropped++;
      if (piece.type !== 'entries') continue;
      const texts = this.#entries(piece);
      if (texts.length === 0) continue;
      await handle.appendFile(`${entries === 0 ? '\n' : ',\n'}${texts.join(',\n')}`);
      entries += texts.length;
    }
    await handle.appendFile(after);
    return { entries, dropped: this.#dropped, secrets: this.#cleaner.size, errors: this.#errors };
  }

  #entries({ bytes, entries }: Extract<Piece, { type: 'entries' }>): string[] {
    const texts: string[] = [];
    for (const range of entries) {
      const { text } = decodeText(Buffer.from(bytes, range.start, range.end - range.start));
      const parsed = parseEntry(text);
      const cleaned: Cleaned = parsed.entry
        ? this.#cleaner.clean(parsed.entry)
        : { message: 'is not valid JSON' };
      if (cleaned.text !== undefined) texts.push(cleaned.text);
      else {
        this.#dropped++;
        this.#note({
          entry: range.number,
          line: range.line,
          message: `entry ${range.number} ${cleaned.message}; left out`,
        });
      }
    }
    return texts;
  }

  /** What stands before and after the entries. A document that does not parse is replaced by the least one. */
  #document(): { before: string; after: string } {
    const parsed = parseEntry(Buffer.concat(this.#skeleton).toString('utf8')).entry;
    const cleaned = parsed === undefined ? undefined : this.#cleaner.clean(parsed).text;
    if (cleaned === undefined)
      this.#note({
        line: 1,
        message: "the document around the entries can't be kept; replaced by a plain one",
      });
    const document = (cleaned === undefined ? {} : JSON.parse(cleaned)) as Record<string, unknown>;
    const { log, ...others } = document;
    const { entries: _, ...kept } =
      typeof log === 'object' && log !== null ? (log as Record<string, unknown>) : {};
    const head = JSON.stringify({ version: '1.2', creator: { name: 'firebreak', version: '1' }, ...kept });
    const rest = JSON.stringify(others).slice(1);
    return {
      before: `{"log":${head.slice(0, -1)},"entries":[`,
      after: `\n]}${rest === '}' ? '' : ','}${rest}\n`,
    };
  }

  #keepSkeleton({ bytes, overlap }: Extract<Piece, { type: 'text' }>): void {
    this.#skeletonBytes += bytes.byteLength - overlap;
    // Over the limit the document is replaced: it must not fill the memory.
    if (this.#skeletonBytes > limits.scanEntryBytesMax) this.#skeleton.length = 0;
    else this.#skeleton.push(Buffer.from(bytes, overlap));
  }

  #note({ entry, line, message }: { entry?: number; line: number; message: string }): void {
    this.#errors.push({ file: printable(this.#file, 4_096), entry, line, message });
  }

  async *#pieces(): AsyncGenerator<Piece> {
    const source = await openFile(this.#file, () => {}).catch((cause: unknown) => {
      throw new FirebreakError('bad_input', `can't read ${printable(this.#file)}: ${messageOf(cause)}`, {
        cause,
      });
    });
    try {
      yield* splitHar(await this.#har(source), this.#signal);
    } finally {
      await source[Symbol.asyncDispose]();
    }
  }

  async #har(source: ByteReader): Promise<ByteReader> {
    const { head, reader } = await peek(source, headBytes);
    const { format, encoding, markBytes = 0 } = sniff(head);
    if (format !== 'har')
      throw badInput(printable(this.#file), [
        { file: this.#file, line: 1, expected: 'a HAR file', got: format },
      ]);
    if (markBytes > 0) await skip(reader, markBytes);
    return encoding === undefined ? reader : fromUtf16(reader, encoding, this.#signal);
  }
}
