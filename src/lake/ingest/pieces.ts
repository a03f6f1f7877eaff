/** The content of a file, piece by piece, decompressed where its first bytes say so. */
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
  /** Whether a piece of a plain file is done with when the next one is asked for: two buffers then serve for all. */
  borrowed?: boolean;
}

/** Throws bad_input where the compressed data is broken or ends too early. */
export async function* readPieces(
  path: string,
  compression: Compression,
  options: PieceOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const delivered = readDelivered(path, {
    ...options,
    borrowed: options.borrowed === true && compression === 'none',
  });
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

/** While a piece is looked at, the next one is read. */
async function* readDelivered(
  path: string,
  { signal, onDelivered, borrowed = false }: PieceOptions,
): AsyncGenerator<Buffer> {
  const file = await open(path);
  const read = async (into: Buffer): Promise<Filled> => ({
    buffer: into,
    bytes: (await file.read(into, 0, into.length)).bytesRead,
  });
  let next: Promise<Filled> | undefined;
  try {
    // Small files come by the thousand; some that say they are empty are not.
    const pieceBytes = Math.min(Math.max((await file.stat()).size + 1, smallBytes), limits.ingestPieceBytes);
    const make = () => Buffer.allocUnsafeSlow(pieceBytes);
    let spare: Buffer | undefined;
    next = read(make());
    for (;;) {
      signal?.throwIfAborted();
      const { buffer, bytes }: Filled = await next;
      if (bytes === 0) return;
      next = read(spare ?? make());
      const piece = buffer.subarray(0, bytes);
      onDelivered?.(piece);
      yield piece;
      if (borrowed) spare = buffer;
    }
  } finally {
    await next?.catch(() => {});
    await file.close();
  }
}

const smallBytes = 64 * 1024;

interface Filled {
  buffer: Buffer;
  bytes: number;
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
