/**
 * The SHA-256 of a file as delivered. A large file is hashed in a thread of its own, which reads it too, so that a
 * second core works while its lines are looked at; a small one in passing, where a thread costs more than it saves.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { limits } from '../../kernel/limits.ts';
import { packageFile } from '../../kernel/paths.ts';

export interface FileHash {
  /** In hexadecimal. */
  fileId: string;
  bytes: number;
}

/** What the thread is given, and what it answers. */
export interface HashJob {
  path: string;
  pieceBytes: number;
}

export interface Hasher {
  /** Sees each piece as delivered, in order. */
  onDelivered(piece: Buffer): void;
  /** After the last piece. */
  end(): Promise<FileHash>;
  /** Ends the thread, wherever it is. */
  close(): Promise<void>;
}

/** `bytes` is how large the file is said to be; it decides only where the hash is made. */
export function newHasher(path: string, bytes: number): Hasher {
  const file = bytes >= limits.ingestPieceBytes ? workerFile() : undefined;
  return file === undefined ? inPassing() : inThread(file, { path, pieceBytes: limits.ingestPieceBytes });
}

/** Node 20 starts no worker from TypeScript, so sources that run unbuilt use the built one, where there is one. */
function workerFile(): URL | undefined {
  if (import.meta.url.endsWith('.js')) return new URL('./hash-worker.js', import.meta.url);
  const built = packageFile('dist', 'src', 'lake', 'ingest', 'hash-worker.js');
  return existsSync(built) ? pathToFileURL(built) : undefined;
}

function inPassing(): Hasher {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    onDelivered: (piece) => {
      hash.update(piece);
      bytes += piece.length;
    },
    end: async () => ({ fileId: hash.digest('hex'), bytes }),
    close: async () => {},
  };
}

function inThread(file: URL, job: HashJob): Hasher {
  const worker = new Worker(file, { workerData: job, env: {} });
  const answer = new Promise<FileHash>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the hashing thread ended')));
  });
  // It may fail before it is asked for.
  answer.catch(() => {});
  return {
    onDelivered: () => {},
    end: () => answer,
    close: async () => void (await worker.terminate()),
  };
}
