/** The hash of a file is the same wherever it is made, and a thread that can't read says so. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../kernel/limits.ts';
import { newHasher } from './hash.ts';
import { scanFile } from './scan.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-hash-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sizes = [0, 1, limits.ingestPieceBytes - 1, limits.ingestPieceBytes, 2 * limits.ingestPieceBytes + 1];
test.each(sizes)('a file of %d bytes has its SHA-256 and its size', async (size) => {
  const content = randomBytes(size);
  const path = join(folder, `file-${size}`);
  await writeFile(path, content);
  expect(await scanFile(path, 'none', [])).toMatchObject({
    fileId: createHash('sha256').update(content).digest('hex'),
    bytes: size,
    contentBytes: size,
  });
});

test('a large file is hashed in a thread, which sees nothing of what is read here', async () => {
  const path = join(folder, 'large');
  const content = randomBytes(limits.ingestPieceBytes + 1);
  await writeFile(path, content);
  const hasher = newHasher(path, content.length);
  hasher.onDelivered(Buffer.from('something else'));
  const fileId = createHash('sha256').update(content).digest('hex');
  expect(await hasher.end()).toEqual({ fileId, bytes: content.length });
  await hasher.close();
});

test('a thread that can not read the file, or is ended, rejects', async () => {
  const gone = newHasher(join(folder, 'gone'), limits.ingestPieceBytes);
  await expect(gone.end()).rejects.toThrow('ENOENT');
  await gone.close();
  const path = join(folder, 'long');
  await writeFile(path, Buffer.alloc(64 * limits.ingestPieceBytes));
  const ended = newHasher(path, limits.ingestPieceBytes);
  await ended.close();
  await expect(ended.end()).rejects.toThrow('the hashing thread ended');
});
