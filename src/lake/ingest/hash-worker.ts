/** A thread that hashes files one after another, reading each with as little as that takes. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../kernel/errors.ts';
import type { FileHash, HashAnswer } from './hash.ts';

const piece = Buffer.allocUnsafe(workerData as number);

function hashFile(path: string): FileHash {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    let bytes = 0;
    for (;;) {
      const read = readSync(file, piece, 0, piece.length, null);
      if (read === 0) break;
      hash.update(piece.subarray(0, read));
      bytes += read;
    }
    return { fileId: hash.digest('hex'), bytes };
  } finally {
    closeSync(file);
  }
}

function answer(path: string): HashAnswer {
  try {
    return hashFile(path);
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

parentPort?.on('message', (path: string) => parentPort?.postMessage(answer(path)));
