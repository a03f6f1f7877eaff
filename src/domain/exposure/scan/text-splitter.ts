/**
 * Cuts text into windows that overlap, whatever the length of its lines: what one window's end cuts, the next
 * window shows whole.
 */
import { limits } from '../../../kernel/limits.ts';
import { type ByteReader, fill, firstBytes } from './byte-reader.ts';

interface TextWindow {
  bytes: ArrayBuffer;
  /** Bytes at the beginning that the window before has shown. */
  overlap: number;
  last: boolean;
}

/** The windows of the text that `reader` gives. An empty text has none. */
export async function* splitText(reader: ByteReader, signal: AbortSignal): AsyncGenerator<TextWindow> {
  let rest = new Uint8Array(0);
  let overlap = 0;
  // Most texts are small: the first window is, too, until it shows that there is more.
  for (let size = Math.min(firstBytes * 4, limits.scanBatchBytes); ; size = limits.scanBatchBytes) {
    signal.throwIfAborted();
    const buffer = Buffer.allocUnsafeSlow(size);
    buffer.set(rest);
    const length = rest.length + (await fill(reader, buffer.subarray(rest.length)));
    const last = length < buffer.length;
    const end = last ? length : wholeCharacters(buffer, 0, length);
    if (end > 0) yield { bytes: copyOf(buffer, 0, end).buffer, overlap, last };
    if (last) return;
    const start = overlapStart(buffer, 0, end);
    overlap = end - start;
    rest = copyOf(buffer, start, length);
  }
}

const copyOf = (buffer: Buffer, from: number, to: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer.subarray(from, to));

/** `to`, or a little less, so that no UTF-8 character is cut there. */
export function wholeCharacters(buffer: Uint8Array, from: number, to: number): number {
  for (let at = to - 1; at >= from && at >= to - 4; at--) {
    const byte = buffer[at] as number;
    if (byte < 0x80) return to;
    if (byte < 0xc0) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return at + size > to ? at : to;
  }
  return to;
}

/** Where the window after one that ends at `to` begins. */
export function overlapStart(buffer: Uint8Array, from: number, to: number): number {
  let start = Math.max(from, to - limits.scanOverlapBytes);
  while (start < to && ((buffer[start] as number) & 0xc0) === 0x80) start++;
  return start;
}
