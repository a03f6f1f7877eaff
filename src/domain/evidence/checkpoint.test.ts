import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCheckpoint, signCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import { LedgerSigner } from './keys.ts';
import { hashLeaf } from './merkle.ts';
import { openNote, parseNote, parseVerifierKey, signNote, verifierKeyOf } from './note.ts';

const signer = new LedgerSigner(generateKeyPairSync('ed25519').privateKey, 'example.com/log');
const other = new LedgerSigner(generateKeyPairSync('ed25519').privateKey, 'example.com/log');
const root = hashLeaf('a');
const note = signCheckpoint(signer, 1, root);

// From the documentation of golang.org/x/mod/sumdb/note, made by another implementation.
const peter = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const peterText = `If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n`;
const peterNote = `${peterText}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

test('a note and a key of another implementation', () => {
  const key = keyOf(peter);
  expect(key.text).toBe(peter);
  expect(openNote(peterNote, key)).toEqual({ ok: true, value: peterText });
  expect(openNote(peterNote.replace('answer', 'Answer'), key).ok).toBe(false);
});

test('a checkpoint says what was signed', () => {
  expect(note).toMatch(
    /^example\.com\/log\n1\n[A-Za-z0-9+/]{43}=\n\n— example\.com\/log [A-Za-z0-9+/=]{92}\n$/,
  );
  expect(verifyCheckpoint(note, signer.key)).toEqual({
    ok: true,
    value: { origin: 'example.com/log', size: 1, root },
  });
  expect(verifyCheckpoint(note, keyOf(signer.verifierKey)).ok).toBe(true);
  expect(verifyCheckpoint(note, other.key).ok).toBe(false);
});

test('any byte changed in a checkpoint is found', () => {
  const bytes = Buffer.from(note);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Buffer.from(bytes);
      changed[at]! ^= mask;
      const read = changed.toString('utf8');
      expect(verifyCheckpoint(read, signer.key).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('signatures of others are passed over; a second one of ours must hold too', () => {
  const line = (text: string) => text.slice(text.indexOf('—'));
  const witnessed =
    note + line(signNote('another text\n', { key: keyOf(peter), sign: () => Buffer.alloc(64) }));
  expect(verifyCheckpoint(witnessed, signer.key).ok).toBe(true);
  const forged = note + line(signNote('another text\n', signer));
  expect(verifyCheckpoint(forged, signer.key).ok).toBe(false);
});

test('extension lines pass, empty ones do not', () => {
  const signed = (text: string) => verifyCheckpoint(signNote(text, signer), signer.key).ok;
  const head = `example.com/log\n1\n${root.toString('base64')}\n`;
  expect(signed(head)).toBe(true);
  expect(signed(`${head}extension\n`)).toBe(true);
  expect(signed(`${head}\nextension\n`)).toBe(false);
  expect(signed(head.replace('example', 'other'))).toBe(false);
  for (const size of ['01', '-1', '1e3', '', ' 1', '99999999999999999999'])
    expect(signed(head.replace('\n1\n', `\n${size}\n`))).toBe(false);
  expect(signed(head.replace('=', ''))).toBe(false);
  expect(signed('example.com/log\n1\n')).toBe(false);
});

test.each([
  ['no signature', 'text\n\n'],
  ['no empty line', 'text\n— a b\n'],
  ['no final newline', note.slice(0, -1)],
  ['a control character', note.replace('example', 'exam\tple')],
  ['a hyphen for the dash', note.replace('—', '-')],
  ['a line after the signatures', `${note}more\n`],
  ['nothing', ''],
  ['a megabyte', 'x'.repeat(1024 * 1024)],
])('a note with %s is refused', (_, text) => {
  expect(parseNote(text).ok).toBe(false);
  expect(parseCheckpoint(text).ok).toBe(false);
});

test.each([
  '',
  'a',
  'a+b',
  peter.slice(0, -1),
  peter.replace('c74f', 'c74e'),
  peter.replace('Neumann', 'neumann'),
  peter.replace('+ARp', '+AhP'),
  ` ${peter}`,
  `${peter}\n`,
])('%j is no verifier key', (text) => expect(parseVerifierKey(text).ok).toBe(false));

test('a verifier key is read back as it was written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const key = verifierKeyOf('example.com/log', Buffer.from(bytes));
      expect(keyOf(key.text)).toMatchObject({ name: key.name, id: key.id, text: key.text });
    }),
  );
});

function keyOf(text: string) {
  const parsed = parseVerifierKey(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
