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

/** What the thread says of a path. */
export type HashAnswer = FileHash | { failed: string };

export interface Hasher {
  /** Sees each piece as delivered, in order. */
  onDelivered(piece: Buffer): void;
  /** After the last piece. */
  end(): Promise<FileHash>;
}

/** `bytes` is how large the file is said to be; it decides only where the hash is made. */
export function newHasher(path: string, bytes: number, thread?: HashThread): Hasher {
  return thread !== undefined && isLarge(bytes) ? inThread(thread, path) : inPassing();
}

const isLarge = (bytes: number): boolean => bytes >= limits.ingestPieceBytes;

/** Its start takes as long as the hash of 60 MB, so it is begun before anything is known of the first file. */
export class HashThread {
  readonly #worker: Worker;
  readonly #ended: Promise<never>;
  #turn: Promise<unknown> = Promise.resolve();

  /** None where all files are small. Node 20 starts no thread from TypeScript: unbuilt, the built one is used. */
  static for(files: readonly { bytes: number }[]): HashThread | undefined {
    if (!files.some(({ bytes }) => isLarge(bytes))) return undefined;
    if (import.meta.url.endsWith('.js')) return new HashThread(new URL('./hash-worker.js', import.meta.url));
    const built = packageFile('dist', 'src', 'lake', 'ingest', 'hash-worker.js');
    return existsSync(built) ? new HashThread(pathToFileURL(built)) : undefined;
  }

  private constructor(file: URL) {
    this.#worker = new Worker(file, { workerData: limits.ingestSliceBytes, env: {} });
    this.#ended = new Promise((_, reject) => {
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => reject(new Error('the hashing thread ended')));
    });
    // It may end while nobody waits for it.
    this.#ended.catch(() => {});
  }

  /** One after another. */
  hash(path: string): Promise<FileHash> {
    const hashed = this.#turn.then(() => this.#ask(path));
    this.#turn = hashed.catch(() => {});
    return hashed;
  }

  async #ask(path: string): Promise<FileHash> {
    const said = new Promise<HashAnswer>((resolve) => void this.#worker.once('message', resolve));
    this.#worker.postMessage(path);
    const answer = await Promise.race([said, this.#ended]);
    if ('failed' in answer) throw new Error(answer.failed);
    return answer;
  }

  /** Wherever it is. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
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
  };
}

function inThread(thread: HashThread, path: string): Hasher {
  const hashed = thread.hash(path);
  // It may fail before it is asked for.
  hashed.catch(() => {});
  return { onDelivered: () => {}, end: () => hashed };
}
