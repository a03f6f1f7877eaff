/**
 * Follows the frames of zstd data (RFC 8878, section 3.1) as they pass, without decompressing them. What a frame claims
 * to need is allocated at once, so every frame's claim is bounded before a decompressor sees it.
 */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';

const frameMagic = 0xfd2fb528;
/** Sixteen of them, which differ in their lowest bits. */
const skippableMagic = 0x184d2a5;

/** What comes next: the head of a frame or of a block, and how many of its bytes are needed to go on. */
type Expected = 'frame' | 'block';

export class ZstdFrames {
  #expected: Expected = 'frame';
  /** The beginning of a head that is not whole yet. */
  #held = Buffer.alloc(0);
  /** Bytes to pass over before the next head. */
  #skip = 0;
  #hasChecksum = false;

  /** Throws limit_exceeded for a frame that claims too much, bad_input for what is no frame. */
  push(piece: Buffer): void {
    let rest = this.#held.length > 0 ? Buffer.concat([this.#held, piece]) : piece;
    for (;;) {
      const passed = Math.min(this.#skip, rest.length);
      this.#skip -= passed;
      rest = rest.subarray(passed);
      const used = this.#skip > 0 ? 0 : this.#readHead(rest);
      if (used === 0) break;
      rest = rest.subarray(used);
    }
    this.#held = Buffer.from(rest);
  }

  /** Throws bad_input where the data ends within a frame. */
  end(): void {
    if (this.#expected === 'frame' && this.#held.length === 0 && this.#skip === 0) return;
    throw new FirebreakError('bad_input', 'its zstd data ends within a frame');
  }

  /** The bytes of the head that `data` begins with; 0 while it is not whole. */
  #readHead(data: Buffer): number {
    return this.#expected === 'frame' ? this.#readFrame(data) : this.#readBlock(data);
  }

  #readFrame(data: Buffer): number {
    if (data.length < 8) return 0;
    const magic = data.readUInt32LE(0);
    if (magic >>> 4 === skippableMagic) {
      this.#skip = data.readUInt32LE(4);
      return 8;
    }
    if (magic !== frameMagic)
      throw new FirebreakError('bad_input', 'between its zstd frames stands something else');
    const descriptor = data.readUInt8(4);
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const sizeAt = (isSingleSegment ? 5 : 6) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    if (data.length < sizeAt + sizeBytes) return 0;
    const window = isSingleSegment ? contentSize(data, sizeAt, sizeBytes) : windowSize(data.readUInt8(5));
    if (window > limits.ingestZstdWindowBytesMax)
      throw new FirebreakError(
        'limit_exceeded',
        `its zstd data needs a window of ${window} bytes, more than ${limits.ingestZstdWindowBytesMax}`,
      );
    this.#hasChecksum = (descriptor & 4) !== 0;
    this.#expected = 'block';
    return sizeAt + sizeBytes;
  }

  #readBlock(data: Buffer): number {
    if (data.length < 3) return 0;
    const head = data.readUIntLE(0, 3);
    const [isLast, kind, size] = [(head & 1) !== 0, (head >> 1) & 3, head >> 3];
    // A block of one byte that is repeated holds that byte alone.
    this.#skip = kind === 1 ? 1 : size;
    if (isLast) {
      this.#expected = 'frame';
      this.#skip += this.#hasChecksum ? 4 : 0;
    }
    return 3;
  }
}

const windowSize = (byte: number): number => 2 ** (10 + (byte >> 3)) * (1 + (byte & 7) / 8);

/** The size that a frame of a single segment gives, which is its window too. */
function contentSize(data: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(data.readBigUInt64LE(at));
  return data.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}
