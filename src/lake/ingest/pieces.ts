/** The content of a file, piece by piece, decompressed where its first bytes say so. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, Readable, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Compression } from '../lake.ts';
import { newZstdInflater } from './zstd.ts';

const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** A mark of the byte order that some systems begin a text with; it is no part of the first record. */
export const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

export async function detectCompression(path: string): Promise<Compression> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.subarray(0, 3).equals(gzipMagic)) return 'gzip';
    return head.equals(zstdMagic) ? 'zstd' : 'none';
  } finally {
    await file.close();
  }
}

export interface PieceOptions {
  signal?: AbortSignal | undefined;
  /** Sees the bytes as they are in the file, before anything else does. */
  onDelivered?: ((piece: Buffer) => void) | undefined;
}

/** Throws bad_input where the compressed data is broken or ends too early. */
export async function* readPieces(
  path: string,
  compression: Compression,
  options: PieceOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const delivered = readDelivered(path, options);
  if (compression === 'none') yield* delivered;
  else
    try {
      yield* inflate(delivered, await newInflater(compression));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof FirebreakError) throw error;
      throw new FirebreakError('bad_input', `its ${compression} data can not be read: ${messageOf(error)}`, {
        cause: error,
      });
    }
}

async function* readDelivered(path: string, { signal, onDelivered }: PieceOptions): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, {
    highWaterMark: limits.ingestPieceBytes,
    ...(signal && { signal }),
  });
  for await (const piece of stream as AsyncIterable<Buffer>) {
    onDelivered?.(piece);
    yield piece;
  }
}

async function* inflate(delivered: AsyncGenerator<Buffer>, inflater: Transform): AsyncGenerator<Buffer> {
  // What the reading of the file throws arrives here as the error of the stream.
  pipeline(Readable.from(delivered), inflater, () => {});
  for await (const piece of inflater as AsyncIterable<Buffer>) yield piece;
}

type MakeInflater = (options: { chunkSize: number }) => Transform;

/** Node has zstd of its own from 22.15 on. */
async function newInflater(compression: 'gzip' | 'zstd'): Promise<Transform> {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: MakeInflater };
  const make: MakeInflater | undefined = compression === 'gzip' ? zlib.createGunzip : createZstdDecompress;
  return make?.({ chunkSize: limits.ingestInflatedBytes }) ?? newZstdInflater();
}
