import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestStore } from '../../../test/lab/store.ts';
import { systemClock } from '../../kernel/clock.ts';
import { describeFault } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Store } from '../../store/index.ts';
import { signAttestation, statementType } from './attestation.ts';
import { endText, formatCheckpoint, formatEnd, formatEntry, formatHeader } from './bundle-format.ts';
import { signCheckpoint } from './checkpoint.ts';
import { exportBundle } from './export-bundle.ts';
import { LedgerSigner } from './keys.ts';
import { openLedger } from './ledger.ts';
import { Frontier, hashLeaf } from './merkle.ts';
import { verifyBundle } from './verify-bundle.ts';

const newSigner = () => new LedgerSigner(generateKeyPairSync('ed25519').privateKey, 'example.com/log');
const signer = newSigner();
const statement = {
  _type: statementType,
  subject: [{ name: 'a', digest: { x: '00' } }],
  predicateType: 'https://example.com/p',
};

let folder: string;
let store: Store;
let good: Buffer;
let goodLines: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-bundle-'));
  store = await createTestStore();
  const ledger = openLedger(store.db, signer, systemClock);
  for (const count of [1, 3, 20]) {
    const entries = Array.from({ length: count }, (_, index) => ({
      kind: 'test.done',
      actor: 'ada',
      data: { index, text: 'é' },
    }));
    await ledger.append(entries);
  }
  await ledger.append({ kind: 'proof', actor: 'ada', data: { dsse: signAttestation(signer, statement) } });
  await exportBundle(ledger, at('good'));
  good = await readFile(at('good'));
  goodLines = good.toString().split('\n').slice(0, -1);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

async function verify(bytes: Uint8Array | string, key?: string) {
  await writeFile(at('changed'), bytes);
  return verifyBundle(at('changed'), { key });
}
const verifyLines = (lines: readonly string[]) => verify(`${lines.join('\n')}\n`);
const first = async (report: ReturnType<typeof verifyBundle>) =>
  describeFault((await report).faults[0]!).replace(`${folder}/`, '');

/** The lines of a whole bundle of these entry texts. */
function linesOf(by: LedgerSigner, texts: readonly string[]): string[] {
  const tree = new Frontier();
  for (const text of texts) tree.add(hashLeaf(text));
  const { verifierKey: key, origin } = by;
  return [
    formatHeader({ created: '2030-01-01T00:00:00.000Z', key, origin, size: texts.length }),
    ...texts.map((text, seq) => formatEntry(seq, hashLeaf(text), text)),
    formatCheckpoint(signCheckpoint(by, texts.length, tree.root())),
  ];
}

/** Ends a bundle of any lines with a signature that holds, as the holder of the key could. */
function seal(by: LedgerSigner, lines: readonly string[]): string {
  const body = lines.map((line) => `${line}\n`).join('');
  const sha256 = createHash('sha256').update(body).digest('hex');
  return `${body}${formatEnd({ sha256, signature: by.sign(endText(sha256)) })}\n`;
}

const forge = (by: LedgerSigner, texts: readonly string[]) => seal(by, linesOf(by, texts));

const textOf = (seq: number, fields: object = {}) =>
  JSON.stringify({ actor: 'eve', at: '2030-01-01T00:00:00.000Z', data: 1, kind: 'a', seq, v: 1, ...fields });

test('a bundle verifies, and says what was found in it and under which key', async () => {
  const report = await verifyBundle(at('good'), { key: signer.verifierKey });
  expect(report).toMatchObject({
    ok: true,
    entries: 25,
    checkpoints: 4,
    attestations: 1,
    verifierKey: signer.verifierKey,
    origin: 'example.com/log',
    faults: [],
  });
  expect((await stat(at('good'))).mode & 0o777).toBe(0o600);
  expect(goodLines).toHaveLength(1 + 25 + 4 + 1);
});

test('one byte changed anywhere is found', async () => {
  const change = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }));
  await fc.assert(
    fc.asyncProperty(change, async ([offset, mask]) => {
      const bytes = Buffer.from(good);
      bytes[offset]! ^= mask;
      const { ok, faults } = await verify(bytes);
      expect(ok).toBe(false);
      const line = 1 + good.subarray(0, offset).filter((byte) => byte === 10).length;
      // On the line itself or on the next; a header that still reads well is told by the last line.
      expect(line === 1 ? [1, 2, goodLines.length] : [line, line + 1]).toContain(faults[0]!.line);
    }),
    { numRuns: 1_000 },
  );
});

test('every byte of the last line and of the header counts', async () => {
  const end = good.lastIndexOf('\nend ') + 1;
  const header = good.indexOf(10) + 1;
  for (const offset of [
    ...Array(header).keys(),
    ...Array.from({ length: good.length - end }, (_, index) => end + index),
  ]) {
    for (const mask of [1, 0x20]) {
      const bytes = Buffer.from(good);
      bytes[offset]! ^= mask;
      expect((await verify(bytes)).ok, `offset ${offset}`).toBe(false);
    }
  }
});

test('bytes inserted, removed or cut off anywhere are found', async () => {
  const edit = fc.record({
    offset: fc.nat(good.length),
    remove: fc.nat(50),
    insert: fc.uint8Array({ maxLength: 50 }),
  });
  await fc.assert(
    fc.asyncProperty(edit, async ({ offset, remove, insert }) => {
      const bytes = Buffer.concat([good.subarray(0, offset), insert, good.subarray(offset + remove)]);
      fc.pre(!bytes.equals(good));
      expect((await verify(bytes)).ok).toBe(false);
      expect((await verify(good.subarray(0, Math.min(offset, good.length - 1)))).ok).toBe(false);
    }),
    { numRuns: 400 },
  );
});

test('lines dropped, doubled, swapped or moved are found', async () => {
  const line = fc.nat(goodLines.length - 1);
  const edits = {
    drop: (lines: string[], a: number) => lines.toSpliced(a, 1),
    double: (lines: string[], a: number, b: number) => lines.toSpliced(b, 0, lines[a]!),
    swap: (lines: string[], a: number, b: number) => lines.with(a, lines[b]!).with(b, lines[a]!),
    move: (lines: string[], a: number, b: number) => lines.toSpliced(a, 1).toSpliced(b, 0, lines[a]!),
    replace: (lines: string[], a: number, b: number) => lines.with(a, lines[b]!),
    cut: (lines: string[], a: number) => lines.slice(0, a),
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.values(edits)), line, line, async (edit, a, b) => {
      const lines = edit(goodLines, a, b);
      fc.pre(lines.join('\n') !== goodLines.join('\n'));
      expect((await verifyLines(lines)).ok).toBe(false);
    }),
    { numRuns: 400 },
  );
});

test('the first fault names line, entry and what was expected', async () => {
  const index = goodLines.findIndex((line) => line.startsWith('entry 7 '));
  const line = goodLines[index]!;
  const faultOf = (lines: string[]) => first(verifyLines(lines));
  expect(await faultOf(goodLines.with(index, line.replace('"ada"', '"eve"')))).toMatch(
    new RegExp(
      `^changed:${index + 1}: entry 7: expected the leaf hash of its text, [0-9a-f]{64}, got [0-9a-f]{64}$`,
    ),
  );
  expect(await faultOf(goodLines.toSpliced(index, 1))).toBe(
    `changed:${index + 1}: expected entry 7, got entry 8`,
  );
  expect(await faultOf(goodLines.toSpliced(index, 0, line))).toBe(
    `changed:${index + 2}: expected entry 8, got entry 7`,
  );
  const spaced = line.replace('{"actor":"ada",', '{"actor": "ada",');
  expect(await faultOf(goodLines.with(index, spaced))).toBe(
    `changed:${index + 1}: entry 7: expected canonical JSON, got ${spaced}`,
  );
  const rehashed = line
    .replace('"ada"', '"eve"')
    .replace(/^entry 7 \S+ (.*)$/, (_, text: string) => formatEntry(7, hashLeaf(text), text));
  expect(await faultOf(goodLines.with(index, rehashed))).toMatch(
    /checkpoint 24: expected the root that was signed, .* one of the entries 4 to 23 was changed$/,
  );
  expect(await faultOf(goodLines.slice(0, -1))).toBe(
    `changed:${goodLines.length - 1}: expected the line that ends the bundle, got the end of the file`,
  );
});

test('one cause is reported once, not at every checkpoint after it', async () => {
  const index = goodLines.findIndex((line) => line.startsWith('entry 0 '));
  const text = goodLines[index]!.slice('entry 0 '.length + 65).replace('"ada"', '"eve"');
  const { faults } = await verifyLines(goodLines.with(index, formatEntry(0, hashLeaf(text), text)));
  expect(faults.map(({ field }) => field)).toEqual(['checkpoint 1', 'end']);
});

test('a bundle of another key verifies by itself, says which key, and not with ours', async () => {
  const eve = newSigner();
  const forged = forge(eve, [textOf(0), textOf(1)]);
  expect(await verify(forged)).toMatchObject({ ok: true, entries: 2, verifierKey: eve.verifierKey });
  const report = await verify(forged, signer.verifierKey);
  expect(report).toMatchObject({ ok: false, verifierKey: eve.verifierKey });
  expect(report.faults).toEqual([
    {
      file: at('changed'),
      line: 1,
      field: 'key',
      expected: `a bundle signed with ${signer.verifierKey}`,
      got: eve.verifierKey,
    },
  ]);
  await expect(verify(forged, 'no key')).rejects.toMatchObject({ code: 'bad_input' });
});

test.each([
  ['a text with another number', [textOf(0), textOf(2)]],
  [
    'a text with another field',
    [textOf(0, { extra: 1 }).replace(',"v":1,"extra":1', '').replace('"kind"', '"extra":1,"kind"')],
  ],
  ['a text that is not canonical', [textOf(0).replace('"data":1', '"data":1.0')]],
  ['a text with a field twice', [textOf(0).replace('"data":1', '"data":1,"data":2')]],
  ['an attestation of nobody', [textOf(0).replace('"data":1', '"data":{"dsse":1}')]],
  [
    'an attestation of somebody else',
    [
      textOf(0).replace(
        '"data":1',
        `"data":{"dsse":${JSON.stringify(signAttestation(newSigner(), statement))}}`,
      ),
    ],
  ],
  ['a text of another version', [textOf(0).replace('"v":1', '"v":2')]],
])('%s is found even when everything is signed', async (_, texts) => {
  expect(await verify(forge(signer, [textOf(0)]))).toMatchObject({ ok: true });
  expect(await verify(forge(signer, texts))).toMatchObject({ ok: false });
});

test.each<[string, (lines: string[]) => string[], string]>([
  ['the last checkpoint is missing', (lines) => lines.slice(0, -1), 'a last checkpoint of 3 entries'],
  ['the last entry is missing', (lines) => lines.toSpliced(3, 1), 'one checkpoint of 2 entries'],
  ['entry and checkpoint are missing', (lines) => lines.slice(0, 3), '3 entries'],
  ['a checkpoint stands twice', (lines) => [...lines, lines.at(-1)!], 'one checkpoint of 3 entries'],
  [
    'the checkpoint stands too early',
    (lines) => lines.with(3, lines[4]!).with(4, lines[3]!),
    'one checkpoint of 2 entries',
  ],
  [
    'the header has a space',
    (lines) => lines.with(0, lines[0]!.replace('{', '{ ')),
    'canonical JSON in the header',
  ],
  [
    'the header has another origin',
    (lines) => lines.with(0, lines[0]!.replace('"origin":"example', '"origin":"other')),
    'the origin example.com/log',
  ],
  [
    'a checkpoint is spelt otherwise',
    (lines) => lines.with(4, lines[4]!.replace('/', '\\/')),
    'checkpoint "<signed note>"',
  ],
  [
    'an empty line stands in it',
    (lines) => lines.toSpliced(2, 0, ''),
    'a line that begins with entry, checkpoint, raw, data or end',
  ],
])('signed by the key and all: %s', async (_, change, expected) => {
  const lines = linesOf(signer, [textOf(0), textOf(1), textOf(2)]);
  expect((await verify(seal(signer, lines))).ok).toBe(true);
  expect((await verify(seal(signer, change(lines)))).faults[0]?.expected).toBe(expected);
});

test.each([
  ['nothing', ''],
  ['a line break', '\n'],
  ['another file', '{"format":"something else"}\n'],
  ['UTF-16', Buffer.from('firebreak-bundle/1 {}\n', 'utf16le')],
  ['a byte order mark', '\ufefffirebreak-bundle/1 {}\n'],
  ['a line without end', 'x'.repeat(3 * limits.bundleLineBytesMax)],
  ['zeros', Buffer.alloc(100_000)],
])('a file with %s is no bundle, and the fault names line 1', async (_, content) => {
  const { ok, faults, verifierKey } = await verify(content);
  expect({ ok, verifierKey, line: faults[0]?.line }).toEqual({ ok: false, verifierKey: undefined, line: 1 });
});

test('a line without end inside a bundle stops the reading there', async () => {
  const { ok, faults } = await verify(
    `${goodLines.slice(0, 3).join('\n')}\nentry 2 ${'x'.repeat(2 * limits.bundleLineBytesMax)}`,
  );
  expect({ ok, line: faults[0]?.line, count: faults.length }).toEqual({ ok: false, line: 4, count: 1 });
});

test('a bundle full of faults lists the first of them only', async () => {
  const { faults } = await verifyLines([goodLines[0]!, ...Array(500).fill('nonsense')]);
  expect(faults).toHaveLength(limits.faultsListedMax);
});

test('a file that is not there, or a folder, is bad input', async () => {
  await expect(verifyBundle(at('missing'))).rejects.toMatchObject({ code: 'bad_input' });
  await expect(verifyBundle(folder)).rejects.toMatchObject({ code: 'bad_input' });
});

test('a file that exists is not replaced unless told, and nothing is left over', async () => {
  const ledger = openLedger(store.db, signer, systemClock);
  await writeFile(at('taken'), 'precious');
  await expect(exportBundle(ledger, at('taken'))).rejects.toMatchObject({ code: 'conflict' });
  expect(await readFile(at('taken'), 'utf8')).toBe('precious');
  await exportBundle(ledger, at('taken'), { overwrite: true });
  expect((await verifyBundle(at('taken'))).ok).toBe(true);
  await expect(exportBundle(ledger, join(folder, 'none', 'x'))).rejects.toMatchObject({
    code: 'unavailable',
  });
  const aborted = exportBundle(ledger, at('aborted'), { signal: AbortSignal.abort() });
  await expect(aborted).rejects.toThrow();
  expect((await readdir(folder)).filter((name) => name.includes('.part') || name === 'aborted')).toEqual([]);
});

test('an empty ledger gives a bundle that verifies', async () => {
  const empty = await createTestStore();
  const summary = await exportBundle(openLedger(empty.db, signer, systemClock), at('empty'));
  expect(summary).toMatchObject({ entries: 0, checkpoints: 1, verifierKey: signer.verifierKey });
  expect(await verifyBundle(at('empty'))).toMatchObject({ ok: true, entries: 0, checkpoints: 1 });
  await empty.close();
});

test('what was changed in the database is exported and found', async () => {
  const changed = await createTestStore();
  const ledger = openLedger(changed.db, signer, systemClock);
  await ledger.append(
    Array.from({ length: 1_200 }, (_, index) => ({ kind: 'test.done', actor: 'ada', data: { index } })),
  );
  await exportBundle(ledger, at('before'));
  expect(await verifyBundle(at('before'))).toMatchObject({ ok: true, entries: 1_200 });
  await sql`alter table ledger_entry disable trigger all`.execute(changed.db);
  await sql`delete from ledger_entry where seq = 700`.execute(changed.db);
  await exportBundle(ledger, at('after'));
  expect(await first(verifyBundle(at('after')))).toBe('after:702: expected entry 700, got entry 701');
  await changed.close();
});
