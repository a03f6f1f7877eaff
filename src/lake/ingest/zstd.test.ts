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

const giant = 21 << 3;

/** A frame of a single segment that claims this much content and has one block of it. */
function claiming(contentBytes: bigint, data = Buffer.from('x')): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32LE(0xfd2fb528, 0);
  head.writeUInt8(0b1110_0000, 4);
  head.writeBigUInt64LE(contentBytes, 5);
  return Buffer.concat([head, zstdFrame(data).subarray(6)]);
}

/** Bytes that a decompressor passes over. */
function skippable(bytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a57, 0);
  head.writeUInt32LE(bytes, 4);
  return Buffer.concat([head, Buffer.alloc(bytes, 0x28)]);
}

test.each([
  ['the first', Buffer.concat([zstdFrame(text, giant)])],
  ['the second', Buffer.concat([zstdFrame(Buffer.from('a\n')), zstdFrame(text, giant)])],
  [
    'one after many small ones',
    Buffer.concat([
      ...Array.from({ length: 500 }, () => zstdFrame(Buffer.from('a\n'))),
      zstdFrame(text, giant),
    ]),
  ],
  ['one behind bytes to pass over', Buffer.concat([skippable(40), zstdRuns(65, 3), zstdFrame(text, giant)])],
  ['one of a single segment', Buffer.concat([zstdFrame(text), claiming(2_147_483_648n)])],
  ['one that is shorter than its head', zstdFrame(Buffer.from('a'), giant).subarray(0, 12)],
])('a frame that claims a giant window is refused before it is allocated: %s', async (_, packed) => {
  for (const pieceBytes of [1_000_000, 4_096, 5])
    await expect(inflate(packed, pieceBytes)).rejects.toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringContaining('window of 2147483648 bytes'),
    });
});

test('a claim beyond what a number holds is refused, and data that ends within a head is an error', async () => {
  await expect(inflate(claiming(2n ** 64n - 1n), 4_096)).rejects.toMatchObject({ code: 'limit_exceeded' });
  for (const end of [1, 4, 6, 8])
    await expect(
      inflate(Buffer.concat([zstdFrame(text), zstdFrame(text).subarray(0, end)]), 4_096),
    ).rejects.toMatchObject({ code: 'bad_input' });
});

test('frames with a single segment, a checksum and bytes to pass over are followed to their end', async () => {
  const data = Buffer.from('one\n');
  const summed = Buffer.concat([zstdFrame(data), Buffer.from([1, 2, 3, 4])]);
  summed.writeUInt8(4, 4);
  const packed = Buffer.concat([
    claiming(4n, data),
    skippable(300),
    summed,
    zstdFrame(data),
    claiming(4n, data),
  ]);
  for (const pieceBytes of [1_000_000, 3])
    expect((await inflate(packed, pieceBytes)).toString()).toBe('one\none\none\none\n');
});
