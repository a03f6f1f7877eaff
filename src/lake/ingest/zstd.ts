/**
 * zstd for a Node that has none of its own (before 22.15), by fzstd. It does not check the checksum at a frame's end;
 * broken blocks and a missing end are errors. Each frame claims a window of its own, and all are bounded: Node's own zstd
 * has the same bound.
 */
import { Transform } from 'node:stream';
import { limits } from '../../kernel/limits.ts';
import { ZstdFrames } from './zstd-frames.ts';

export async function newZstdInflater(): Promise<Transform> {
  const { Decompress } = await import('fzstd');
  const checked = new ZstdFrames();
  const inflater = new Transform({
    transform(piece: Buffer, _encoding, done) {
      try {
        checked.push(piece);
        for (let at = 0; at < piece.length; at += limits.ingestInflatedBytes)
          frames.push(piece.subarray(at, at + limits.ingestInflatedBytes));
        done();
      } catch (error) {
        done(asError(error));
      }
    },
    flush(done) {
      try {
        checked.end();
        frames.push(new Uint8Array(0), true);
        done();
      } catch (error) {
        done(asError(error));
      }
    },
  });
  const frames = new Decompress((bytes) => {
    // The decompressor goes on using what it hands out.
    if (bytes.length > 0) inflater.push(Buffer.from(bytes));
  });
  return inflater;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
