/**
 * zstd for a Node that has none of its own (before 22.15), by fzstd. It does not check the checksum at a frame's end;
 * broken blocks and a missing end are errors.
 */
import { Transform } from 'node:stream';
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';

export async function newZstdInflater(): Promise<Transform> {
  const { Decompress } = await import('fzstd');
  let checked = Buffer.alloc(0);
  const inflater = new Transform({
    transform(piece: Buffer, _encoding, done) {
      try {
        if (checked.length < headBytes) {
          checked = Buffer.concat([checked, piece.subarray(0, headBytes)]);
          assertWindow(checked);
        }
        for (let at = 0; at < piece.length; at += limits.ingestInflatedBytes)
          frames.push(piece.subarray(at, at + limits.ingestInflatedBytes));
        done();
      } catch (error) {
        done(asError(error));
      }
    },
    flush(done) {
      try {
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

/** Magic number, descriptor, window descriptor, and the longest size of the content. */
const headBytes = 17;

/** What a frame claims to need is allocated at once, so it is bounded; Node's own zstd has the same bound. */
function assertWindow(head: Buffer): void {
  if (head.length < headBytes) return;
  const descriptor = head.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const size = isSingleSegment ? contentSize(head, descriptor) : windowSize(head.readUInt8(5));
  if (size > limits.ingestZstdWindowBytesMax)
    throw new FirebreakError(
      'limit_exceeded',
      `its zstd data needs a window of ${size} bytes, more than ${limits.ingestZstdWindowBytesMax}`,
    );
}

const windowSize = (byte: number): number => 2 ** (10 + (byte >> 3)) * (1 + (byte & 7) / 8);

/** The size that a frame of a single segment gives, which is its window too. */
function contentSize(head: Buffer, descriptor: number): number {
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const kind = descriptor >> 6;
  if (kind === 0) return head.readUInt8(at);
  if (kind === 1) return head.readUInt16LE(at) + 256;
  if (kind === 2) return head.readUInt32LE(at);
  return at + 8 <= head.length ? Number(head.readBigUInt64LE(at)) : Number.POSITIVE_INFINITY;
}
