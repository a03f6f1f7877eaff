/** Bytes from a file, an archive's member or a converted stream, pulled into the caller's buffer. */

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

export interface ByteReader {
  /** Fills the beginning of `into`; gives the number of bytes, 0 at the end. Throws when the source fails. */
  read(into: Uint8Array): Promise<number>;
}

/** A file, opened without following a symbolic link and without waiting for the other end of a pipe. */
export async function openFile(
  path: string,
  onBytes: (count: number) => void,
): Promise<ByteReader & AsyncDisposable> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return {
    async read(into) {
      const { bytesRead } = await handle.read(into, 0, into.length);
      onBytes(bytesRead);
      return bytesRead;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** The chunks of `source`, one after another. */
export function readerOf(source: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async read(into) {
      while (rest.length === 0) {
        const next = await chunks.next();
        if (next.done) return 0;
        rest = next.value;
      }
      const count = Math.min(into.length, rest.length);
      into.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
  };
}

/** Most files are small, so no more than this is taken before there is a need for more. */
export const firstBytes = 64 * 1024;

/** Reads up to `count` bytes ahead; `reader` then gives them again before the rest. A shorter head is the whole source. */
export async function peek(source: ByteReader, count: number): Promise<{ head: Buffer; reader: ByteReader }> {
  let buffer = Buffer.allocUnsafe(Math.min(firstBytes, count));
  let length = await fill(source, buffer);
  if (length === buffer.length && length < count) {
    const first = buffer;
    buffer = Buffer.allocUnsafe(count);
    first.copy(buffer);
    length += await fill(source, buffer.subarray(length));
  }
  const head = buffer.subarray(0, length);
  let at = 0;
  const reader: ByteReader = {
    async read(into) {
      if (at === head.length) return source.read(into);
      const copied = head.copy(into, 0, at, Math.min(head.length, at + into.length));
      at += copied;
      return copied;
    },
  };
  return { head, reader };
}

/** Reads until `into` is full or the source ends. */
export async function fill(source: ByteReader, into: Uint8Array): Promise<number> {
  let length = 0;
  while (length < into.length) {
    const count = await source.read(into.subarray(length));
    if (count === 0) break;
    length += count;
  }
  return length;
}

/** The reader as chunks, for a decompressor. */
export async function* chunksOf(reader: ByteReader, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (;;) {
    signal.throwIfAborted();
    const chunk = Buffer.allocUnsafeSlow(256 * 1024);
    const count = await reader.read(chunk);
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}

/** UTF-16 with a byte order mark, as UTF-8. */
export function fromUtf16(
  reader: ByteReader,
  encoding: 'utf-16le' | 'utf-16be',
  signal: AbortSignal,
): ByteReader {
  async function* converted(): AsyncGenerator<Uint8Array> {
    const decoder = new TextDecoder(encoding);
    for await (const chunk of chunksOf(reader, signal))
      yield Buffer.from(decoder.decode(chunk, { stream: true }));
    yield Buffer.from(decoder.decode());
  }
  return readerOf(converted());
}

/** Drops the first `count` bytes. */
export async function skip(reader: ByteReader, count: number): Promise<void> {
  await fill(reader, Buffer.allocUnsafe(count));
}
