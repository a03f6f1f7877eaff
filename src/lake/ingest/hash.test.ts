/** The hash of a file is the same wherever it is made, and a thread that can't read says so. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../kernel/limits.ts';
import { HashThread, newHasher } from './hash.ts';
import { scanFile } from './scan.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-hash-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const lines = { framing: 'lines' } as const;
const large = [{ bytes: limits.ingestPieceBytes }];

const sizes = [0, 1, limits.ingestPieceBytes - 1, limits.ingestPieceBytes, 2 * limits.ingestPieceBytes + 1];
test.each(sizes)(
  'a file of %d bytes has its SHA-256 and its size, with a thread and without',
  async (size) => {
    const content = randomBytes(size);
    const path = join(folder, `file-${size}`);
    await writeFile(path, content);
    const expected = {
      fileId: createHash('sha256').update(content).digest('hex'),
      bytes: size,
      contentBytes: size,
    };
    const thread = HashThread.for(large);
    for (const hasher of [newHasher(path, size), newHasher(path, size, thread)])
      expect(await scanFile({ path, compression: 'none', source: lines, hasher })).toMatchObject(expected);
    await thread?.close();
  },
);

test('no thread is started for small files', () => {
  expect(HashThread.for([{ bytes: limits.ingestPieceBytes - 1 }])).toBeUndefined();
});

test('a large file is hashed in the thread, which sees nothing of what is read here', async () => {
  const path = join(folder, 'large');
  const content = randomBytes(limits.ingestPieceBytes + 1);
  await writeFile(path, content);
  const thread = HashThread.for(large);
  const hasher = newHasher(path, content.length, thread);
  hasher.onDelivered(Buffer.from('something else'));
  const fileId = createHash('sha256').update(content).digest('hex');
  expect(await hasher.end()).toEqual({ fileId, bytes: content.length });
  await thread?.close();
});

test('a file that can not be read fails alone; a thread that is ended fails all', async () => {
  const path = join(folder, 'long');
  await writeFile(path, Buffer.alloc(64 * limits.ingestPieceBytes));
  const thread = HashThread.for(large);
  if (!thread) throw new Error('npm run build makes the thread');
  await expect(thread.hash(join(folder, 'gone'))).rejects.toThrow('ENOENT');
  const [first, second] = [thread.hash(path), thread.hash(path)];
  expect((await first).bytes).toBe(64 * limits.ingestPieceBytes);
  await thread.close();
  await expect(second).rejects.toThrow('the hashing thread ended');
  await expect(thread.hash(path)).rejects.toThrow('the hashing thread ended');
});

test('the text of an envelope is seen wherever pieces of the file meet', async () => {
  const source = { framing: 'json', envelope: '"detail-type"' } as const;
  const path = join(folder, 'seam');
  const content = Buffer.alloc(limits.ingestPieceBytes + 64, '.');
  await writeFile(path, content);
  const enveloped = async () =>
    (await scanFile({ path, compression: 'none', source, hasher: newHasher(path, 0) })).enveloped;
  expect(await enveloped()).toBe(false);
  for (const seam of [limits.ingestSliceBytes, limits.ingestPieceBytes])
    for (let at = seam - 14; at <= seam + 1; at++) {
      const marked = Buffer.from(content);
      marked.write(source.envelope, at);
      await writeFile(path, marked);
      expect(await enveloped(), `at ${at}`).toBe(true);
      // A part of it that is looked for first is not enough.
      marked.write('-typo"', at + '"detail'.length);
      await writeFile(path, marked);
      expect(await enveloped(), `not at ${at}`).toBe(false);
    }
});
