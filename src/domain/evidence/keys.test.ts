import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadOrCreateSigner } from './keys.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('makes a key of mode 0600 and finds it again', async () => {
  const file = join(folder, 'ledger.pem');
  const made = await loadOrCreateSigner(file, 'example.com/log');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await loadOrCreateSigner(file, 'example.com/log')).verifierKey).toBe(made.verifierKey);
  expect(made.verifierKey).toMatch(/^example\.com\/log\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/);
  expect(await readdir(folder)).toEqual(['ledger.pem']);
});

test('processes that start together use one key', async () => {
  const file = join(folder, 'ledger.pem');
  const signers = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateSigner(file, 'a')));
  expect(new Set(signers.map((signer) => signer.verifierKey)).size).toBe(1);
});

test('the private key is not printed', async () => {
  const file = join(folder, 'ledger.pem');
  const signer = await loadOrCreateSigner(file, 'a');
  const secret = (await readFile(file, 'utf8')).split('\n')[1]!;
  expect(JSON.stringify(signer) + inspect(signer, { depth: 9, showHidden: true })).not.toContain(secret);
});

test('a file that others may read is refused', async () => {
  const file = join(folder, 'ledger.pem');
  await loadOrCreateSigner(file, 'a');
  await chmod(file, 0o640);
  await expect(loadOrCreateSigner(file, 'a')).rejects.toMatchObject({ code: 'refused' });
});

test.each([
  ['an empty file', ''],
  ['text', 'not a key'],
  ['a key cut off', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n'],
])('%s is corrupt, and not replaced', async (_, text) => {
  const file = join(folder, 'ledger.pem');
  await writeFile(file, text, { mode: 0o600 });
  await expect(loadOrCreateSigner(file, 'a')).rejects.toMatchObject({ code: 'corrupt' });
  expect(await readFile(file, 'utf8')).toBe(text);
});

test.each(['', 'a b', 'a+b', 'a\nb'])('%j is no origin', async (origin) => {
  await expect(loadOrCreateSigner(join(folder, 'k'), origin)).rejects.toMatchObject({ code: 'bad_input' });
});
