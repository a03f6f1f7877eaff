/**
 * Raw output of hosts, kept as it came: each in a file named by the SHA-256 of what was sent, compressed. It is
 * on disk before the ledger says that it is there, and a reader checks the name against the content.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip, type Gzip } from 'node:zlib';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';

export interface Kept {
  sha256: string;
  bytes: number;
  /** Of the compressed file. */
  storedBytes: number;
}

/** Takes what a host sends; ended by `keep` or `drop`. */
export interface EvidenceWriter {
  write(chunk: Uint8Array): void;
  /** Resolves when it is on disk. */
  keep(): Promise<Kept>;
  drop(): Promise<void>;
}

export interface EvidenceFolder {
  readonly folder: string;
  create(): EvidenceWriter;
  pathOf(sha256: string): string;
  /** Throws not_found when it is not here, and corrupt when it is not what its name says. */
  read(sha256: string): AsyncGenerator<Buffer, void, void>;
  has(sha256: string): Promise<boolean>;
  /** The file as it lies there, compressed and unchecked; nothing when there is none. */
  stored(sha256: string): Promise<AsyncIterable<Buffer> | undefined>;
}

export function openEvidenceFolder(folder: string): EvidenceFolder {
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), `${sha256}.gz`);
  return {
    folder,
    create: () => createWriter(folder, pathOf),
    pathOf,
    has: (sha256) =>
      stat(pathOf(sha256)).then(
        () => true,
        () => false,
      ),
    stored: async (sha256) => {
      const handle = await open(pathOf(sha256), 'r').catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      });
      return handle?.createReadStream();
    },
    read: (sha256) => readChecked(pathOf(sha256), sha256),
  };
}

function createWriter(folder: string, pathOf: (sha256: string) => string): EvidenceWriter {
  const hash = createHash('sha256');
  const partial = join(folder, 'incoming', `${randomUUID()}.gz`);
  let bytes = 0;
  let open: { gzip: Gzip; written: Promise<void> } | undefined;
  // Only when the first byte comes: hosts that wait for their turn hold nothing.
  const opened = () => {
    open ??= openPartial(partial);
    return open;
  };
  return {
    write: (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
      opened().gzip.write(chunk);
    },
    keep: async () => {
      const { gzip, written } = opened();
      gzip.end();
      await written;
      const sha256 = hash.digest('hex');
      const path = pathOf(sha256);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const { size } = await syncFile(partial);
      await rename(partial, path);
      await syncFile(dirname(path));
      return { sha256, bytes, storedBytes: size };
    },
    drop: async () => {
      if (!open) return;
      open.gzip.end();
      await open.written.catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}

function openPartial(path: string): { gzip: Gzip; written: Promise<void> } {
  // Level 1: a fleet's output passes here, and the processor has better to do.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const written = (async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await pipeline(gzip, createWriteStream(path, { mode: 0o600 }));
  })();
  // Whoever ends it hears of a failure; until then it must not end the process.
  written.catch(() => undefined);
  return { gzip, written };
}

async function syncFile(path: string): Promise<{ size: number }> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
    return await handle.stat();
  } finally {
    await handle.close();
  }
}

async function* readChecked(path: string, sha256: string): AsyncGenerator<Buffer, void, void> {
  const hash = createHash('sha256');
  const source = createReadStream(path);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (cause) {
    const isGone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FirebreakError(
      isGone ? 'not_found' : 'corrupt',
      isGone
        ? `no raw output ${sha256} in this evidence folder`
        : `${path} can't be read: ${messageOf(cause)}`,
      { cause },
    );
  }
  if (hash.digest('hex') !== sha256)
    throw new FirebreakError(
      'corrupt',
      `${path} does not hold what its name says: it was changed after it was collected`,
    );
}
