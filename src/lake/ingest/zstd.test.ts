import { Readable, type Transform } from 'node:stream';
import { expect, test } from 'vitest';
import { zstdFrame, zstdRuns } from '../../../test/lab/zstd.ts';
import { newZstdInflater } from './zstd.ts';

async function inflate(packed: Buffer, pieceBytes: number): Promise<Buffer> {
  const pieces = Array.from({ length: Math.ceil(packed.length / pieceBytes) }, (_, index) =>
    packed.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  const inflater: Transform = Readable.from(pieces).pipe(await newZstdInflater());
  const got: Buffer[] = [];
  for await (const piece of inflater as AsyncIterable<Buffer>) got.push(piece);
  return Buffer.concat(got);
}

const text = Buffer.from(Array.from({ length: 40_000 }, (_, n) => `line ${n}`).join('\n'));

test.each([1_000_000, 4_096, 7])('frames one after the other, in pieces of %i bytes', async (pieceBytes) => {
  const packed = Buffer.concat([zstdFrame(text), zstdFrame(Buffer.from('more\n')), zstdRuns(65, 2)]);
  const expected = Buffer.concat([text, Buffer.from('more\n'), Buffer.alloc(2 * 128 * 1024, 'A')]);
  expect((await inflate(packed, pieceBytes)).equals(expected)).toBe(true);
});

test('data that ends too early or is none is an error', async () => {
  const packed = zstdFrame(text);
  await expect(inflate(packed.subarray(0, -10), 4_096)).rejects.toThrow();
  await expect(
    inflate(Buffer.concat([packed, Buffer.from('this is no frame at all')]), 4_096),
  ).rejects.toThrow();
});

test('a frame that claims a giant window is refused before it is allocated', async () => {
  await expect(inflate(zstdFrame(text, 21 << 3), 4_096)).rejects.toThrow('window of 2147483648 bytes');
});
