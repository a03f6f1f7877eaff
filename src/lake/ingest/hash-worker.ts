/** A thread that hashes one file, reading it with as little as that takes. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { FileHash, HashJob } from './hash.ts';

function hashFile({ path, pieceBytes }: HashJob): FileHash {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(pieceBytes);
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

parentPort?.postMessage(hashFile(workerData as HashJob));
