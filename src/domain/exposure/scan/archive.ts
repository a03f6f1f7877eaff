/** Members of zip and tar archives, one after another, with one bound on all that an archive expands to. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import yauzl from 'yauzl';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import { type ByteReader, chunksOf, fill, readerOf } from './byte-reader.ts';

export type Member =
  | { type: 'file'; name: string; reader: ByteReader }
  | { type: 'skipped'; name: string; reason: string }
  | { type: 'error'; name?: string; message: string };

/** What an archive, with all the archives in it, may still expand to. */
export class ExpansionBudget {
  readonly #bytesMax: number;
  #left: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#left = bytesMax;
  }

  /** Counts the bytes that `reader` gives; throws when there are too many. */
  bound(reader: ByteReader): ByteReader {
    return {
      read: async (into) => {
        const count = await reader.read(into);
        this.#left -= count;
        if (this.isSpent) throw new ExpansionError(this.#bytesMax);
        return count;
      },
    };
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }
}

class ExpansionError extends Error {
  readonly code = 'expansion';

  constructor(bytesMax: number) {
    super(`the archive expands to more than ${bytesMax} bytes; the rest is not scanned`);
  }
}

export async function* tarMembers(source: ByteReader, signal: AbortSignal): AsyncGenerator<Member> {
  const extract = tar.extract();
  Readable.from(chunksOf(source, signal))
    .on('error', (error) => extract.destroy(error))
    .pipe(extract);
  try {
    for await (const entry of extract) {
      const { name, type } = entry.header;
      if (type === 'file' || type === 'contiguous-file')
        yield { type: 'file', name: printable(name), reader: readerOf(entry as AsyncIterable<Uint8Array>) };
      else if (type !== 'directory')
        yield { type: 'skipped', name: printable(name), reason: `not a regular file (${type})` };
      entry.resume();
    }
  } finally {
    extract.destroy();
  }
}

/** A zip file is read by its directory, at its end: from a file by position, from another archive from memory. */
export async function* zipMembers(source: { path: string } | { reader: ByteReader }): AsyncGenerator<Member> {
  const zip = 'path' in source ? await openZip(source.path) : await openInnerZip(source.reader);
  if (zip === undefined)
    return yield {
      type: 'error',
      message: `a zip in an archive is larger than ${limits.scanInnerZipBytesMax} bytes; not scanned`,
    };
  try {
    for (let entry = await nextEntry(zip); entry; entry = await nextEntry(zip)) {
      const name = printable(entry.fileNameRaw.toString('utf8'));
      if (name.endsWith('/')) continue;
      const stream = await openStream(zip, entry);
      if (typeof stream === 'string') yield { type: 'error', name, message: stream };
      else {
        yield { type: 'file', name, reader: readerOf(stream as AsyncIterable<Uint8Array>) };
        stream.destroy();
      }
    }
  } finally {
    zip.close();
  }
}

function openStream(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable | string> {
  if (entry.isEncrypted()) return Promise.resolve('encrypted; not scanned');
  return new Promise((resolve) => {
    zip.openReadStream(entry, (error, stream) => {
      resolve(error ? `can't be read from the archive: ${printable(error.message)}` : stream);
    });
  });
}

// Names are only shown, never opened, so even absolute ones are no reason to refuse the archive.
const zipOptions = {
  lazyEntries: true,
  decodeStrings: false,
  autoClose: false,
  validateEntrySizes: true,
} as const;

function openZip(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, zipOptions, (error, zip) => (error ? reject(error) : resolve(zip)));
  });
}

async function openInnerZip(reader: ByteReader): Promise<yauzl.ZipFile | undefined> {
  const bytes = await readAll(reader, limits.scanInnerZipBytesMax);
  if (bytes === undefined) return undefined;
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(bytes, zipOptions, (error, zip) => (error ? reject(error) : resolve(zip)));
  });
}

async function readAll(reader: ByteReader, bytesMax: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  for (let total = 0; ; ) {
    const part = Buffer.allocUnsafe(1024 * 1024);
    const count = await fill(reader, part);
    total += count;
    if (total > bytesMax) return undefined;
    parts.push(part.subarray(0, count));
    if (count < part.length) return Buffer.concat(parts);
  }
}

async function nextEntry(zip: yauzl.ZipFile): Promise<yauzl.Entry | undefined> {
  const settled = new AbortController();
  const { signal } = settled;
  const next = Promise.race([
    once(zip, 'entry', { signal }).then(([entry]) => entry as yauzl.Entry),
    once(zip, 'end', { signal }).then(() => undefined),
  ]);
  zip.readEntry();
  try {
    return await next;
  } finally {
    // The loser of the race would otherwise listen for ever.
    settled.abort();
  }
}
