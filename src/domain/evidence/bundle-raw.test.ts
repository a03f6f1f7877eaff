/** A bundle with the raw output that entries cite: what was embedded is checked offline, what is wrong is found. */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestStore } from '../../../test/lab/store.ts';
import { systemClock } from '../../kernel/clock.ts';
import { describeFault } from '../../kernel/errors.ts';
import type { Store } from '../../store/index.ts';
import { endText, formatEnd, formatRaw, formatRawPart } from './bundle-format.ts';
import { exportBundle } from './export-bundle.ts';
import { LedgerSigner } from './keys.ts';
import { openLedger } from './ledger.ts';
import type { Ledger } from './types.ts';
import { verifyBundle } from './verify-bundle.ts';

const signer = new LedgerSigner(generateKeyPairSync('ed25519').privateKey, 'example.com/log');
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const [small, large, empty] = [Buffer.from('what a host sent\n'), randomBytes(300_000), Buffer.alloc(0)];
const [smallHash, largeHash, emptyHash] = [sha256Of(small), sha256Of(large), sha256Of(empty)];

/** A folder of raw output whose files a test can change. */
const stored = new Map([small, large, empty].map((bytes) => [sha256Of(bytes), gzipSync(bytes)]));
const source = (files: ReadonlyMap<string, Buffer> = stored) => ({
  stored: async (sha256: string) => {
    const bytes = files.get(sha256);
    return bytes && chunked(bytes);
  },
});
async function* chunked(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

let folder: string;
let store: Store;
let ledger: Ledger;
let good: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-bundle-raw-'));
  store = await createTestStore();
  ledger = openLedger(store.db, signer, systemClock);
  const cites = (...hashes: string[]) => ({
    kind: 'triage.examined',
    actor: 'ada',
    data: { hosts: hashes.map((rawSha256, index) => ({ host: `web-${index}`, rawSha256 })) },
  });
  // The last one only talks of a hash: that cites nothing.
  const talk = { kind: 'note', actor: 'ada', data: { text: `"rawSha256":"${'a'.repeat(64)}"` } };
  await ledger.append([cites(smallHash, largeHash), cites(smallHash, emptyHash), talk]);
  await exportBundle(ledger, at('good'), { raw: source() });
  good = (await readFile(at('good'), 'utf8')).split('\n').slice(0, -1);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

/** A bundle of these lines, ended by whoever has the key. */
async function sealed(lines: readonly string[]) {
  const body = lines.map((line) => `${line}\n`).join('');
  const sha256 = sha256Of(Buffer.from(body));
  await writeFile(
    at('changed'),
    `${body}${formatEnd({ sha256, signature: signer.sign(endText(sha256)) })}\n`,
  );
  const report = await verifyBundle(at('changed'), { key: signer.verifierKey });
  return { ...report, said: report.faults.map((fault) => describeFault(fault)).join('\n') };
}
const body = () => good.slice(0, -1);
const indexOf = (sha256: string) => good.indexOf(formatRaw(sha256));

test('raw output is embedded once, and what comes out of it is what the ledger says', async () => {
  const summary = await exportBundle(ledger, at('again'), { raw: source() });
  expect(summary.raw).toEqual({ cited: 3, embedded: 3, missing: [] });
  expect(await verifyBundle(at('again'), { key: signer.verifierKey })).toMatchObject({
    ok: true,
    entries: 3,
    rawCited: 3,
    rawFound: 3,
  });
  // As the page on the format says: the lines of one output are one base64 of one gzip file.
  const lines = good.slice(indexOf(largeHash) + 1);
  const parts = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('data ')),
  );
  expect(parts.length).toBeGreaterThan(3);
  const base64 = parts.map((line) => line.slice('data '.length)).join('');
  expect(sha256Of(gunzipSync(Buffer.from(base64, 'base64')))).toBe(largeHash);
});

test('without it, a bundle says what is cited and verifies as before', async () => {
  const summary = await exportBundle(ledger, at('plain'));
  expect(summary.raw).toBeNull();
  expect(await verifyBundle(at('plain'))).toMatchObject({ ok: true, rawCited: 3, rawFound: 0 });
});

test('what is not where it was kept is named by the export, and missed by the verifier', async () => {
  const files = new Map(stored);
  files.delete(smallHash);
  const summary = await exportBundle(ledger, at('short'), { raw: source(files) });
  expect(summary.raw).toEqual({ cited: 3, embedded: 2, missing: [smallHash] });
  const report = await verifyBundle(at('short'));
  expect(report).toMatchObject({ ok: false, rawCited: 3, rawFound: 2 });
  expect(report.faults).toHaveLength(1);
  expect(describeFault(report.faults[0]!)).toContain(`raw ${smallHash} of entry 0`);
});

test.each([
  ['other content', gzipSync('what a host did not send'), 'raw output with the SHA-256 that the ledger says'],
  ['no gzip file', Buffer.from('plain text'), 'raw output that can be unpacked'],
  ['a file cut off', gzipSync(small).subarray(0, 12), 'raw output that can be unpacked'],
  ['an empty file', Buffer.alloc(0), 'raw output'],
])('changed where it was kept: %s', async (_what, bytes, expected) => {
  await exportBundle(ledger, at('bad'), {
    raw: source(new Map(stored).set(smallHash, bytes)),
    overwrite: true,
  });
  const report = await verifyBundle(at('bad'));
  expect(report).toMatchObject({ ok: false, rawCited: 3, rawFound: 2 });
  expect(describeFault(report.faults[0]!)).toContain(`expected ${expected}`);
  expect(describeFault(report.faults[0]!)).toContain(`raw ${smallHash} of entry 0`);
});

test('a change by the holder of the key is found too: left out, doubled, foreign, misplaced, unannounced', async () => {
  expect((await sealed(body())).ok).toBe(true);
  const raw = indexOf(smallHash);
  expect((await sealed(body().toSpliced(raw, 2))).said).toContain(`raw ${smallHash} of entry 0: expected`);
  expect((await sealed([...body(), ...good.slice(raw, raw + 2)])).said).toContain('each raw output once');
  const foreign = gzipSync('foreign');
  const other = [formatRaw(sha256Of(Buffer.from('foreign'))), formatRawPart(foreign)];
  expect((await sealed([...body(), ...other])).said).toContain('raw output that an entry cites');
  expect((await sealed(body().toSpliced(raw, 1))).said).toContain('raw <sha256> before its data');
  const entry = good.findIndex((line) => line.startsWith('entry 2 '));
  expect((await sealed([...body().toSpliced(entry, 1), good[entry]!])).said).toContain('after the first raw');
  const silent = body().with(0, good[0]!.replace('"raw":true,', ''));
  expect((await sealed(silent)).said).toContain('the header announces none');
  const [head, first] = [indexOf(largeHash), good[indexOf(largeHash) + 1]!];
  const halves = [first.slice(0, 1_005), `data ${first.slice(1_005)}`];
  expect((await sealed(body().toSpliced(head + 1, 1, ...halves))).said).toContain(
    'a shorter one before the last',
  );
});

test('one byte changed anywhere is found', async () => {
  const bytes = await readFile(at('good'));
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (offset, mask) => {
      const changed = Buffer.from(bytes);
      changed[offset]! ^= mask;
      await writeFile(at('flipped'), changed);
      expect((await verifyBundle(at('flipped'))).ok).toBe(false);
    }),
    { numRuns: 200 },
  );
});
