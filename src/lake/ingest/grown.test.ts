/** What was read of a log before does not count twice: it grew, was rotated, packed, or cut within a record. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLake, type TestLake } from '../../../test/lab/lake.ts';
import { jsonRecord, testSources } from '../../../test/lab/log-source.ts';
import { type IngestInput, ingestLogs } from './index.ts';

let lake: TestLake;
let folder: string;
beforeAll(async () => {
  lake = await openTestLake();
  folder = await mkdtemp(join(tmpdir(), 'firebreak-grown-'));
});
afterAll(async () => {
  await lake?.close();
  await rm(folder, { recursive: true, force: true });
});

let logs = 0;
/** Lines of one log, which no other test has. */
function newLog() {
  const log = ++logs;
  return (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => jsonRecord(from + n, { log })).map((line) => `${line}\n`);
}

async function ingest(name: string, content: string | Uint8Array, more: Partial<IngestInput> = {}) {
  const path = join(folder, name);
  await writeFile(path, content);
  const report = await ingestLogs(lake, { paths: [path], sources: testSources, ...more });
  expect(report.failed).toEqual([]);
  const [file] = report.files;
  if (!file) throw new Error('it was not ingested');
  return file;
}

/** How often each record stands in the lake, by its text. */
async function counted(like: string): Promise<{ records: number; texts: number }> {
  const [row] = await lake.rows<{ records: number; texts: number }>(
    `SELECT count() AS records, uniqExact(raw) AS texts FROM (SELECT raw FROM events UNION ALL SELECT raw FROM rejects)
     WHERE position(raw, {like:String}) > 0`,
    { like },
  );
  return row ?? { records: 0, texts: 0 };
}
const ofLog = (log = logs) => counted(`"log":${log}}`);

test('a log that has grown gives only what is new, with the numbers of its own lines', async () => {
  const lines = newLog();
  const first = await ingest('app.log', lines(0, 30).join(''));
  expect(first).toMatchObject({ state: 'ingested', events: 30, grownFrom: null });
  const second = await ingest('app.log', lines(0, 50).join(''));
  expect(second).toMatchObject({
    state: 'ingested',
    records: 20,
    events: 20,
    grownFrom: { fileId: first.fileId, records: 30, cut: false },
  });
  const rows = await lake.rows<{ line: number }>(
    'SELECT line FROM events WHERE file_id = {id:String} ORDER BY line',
    { id: second.fileId },
  );
  expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, n) => n + 31));
  // And once more, from what had grown itself.
  const third = await ingest('app.log', lines(0, 55).join(''));
  expect(third).toMatchObject({ events: 5, grownFrom: { fileId: second.fileId, records: 50 } });
  expect(await ofLog()).toEqual({ records: 55, texts: 55 });
  expect(await ingest('app.log', lines(0, 55).join(''))).toMatchObject({ state: 'already', grownFrom: null });
  expect(await ofLog()).toEqual({ records: 55, texts: 55 });
});

test('rotated and packed it is still the same log', async () => {
  const lines = newLog();
  await ingest('today.log', lines(0, 10).join(''));
  const rotated = await ingest('yesterday.log.1.gz', gzipSync(lines(0, 25).join('')));
  expect(rotated).toMatchObject({ events: 15, grownFrom: { records: 10 } });
  // The same content otherwise packed has nothing new.
  const plain = await ingest('yesterday.log.1', lines(0, 25).join(''));
  expect(plain).toMatchObject({ state: 'already', records: 0, grownFrom: { records: 25, cut: false } });
  expect(await ofLog()).toEqual({ records: 25, texts: 25 });
  expect(await ingest('yesterday.log.1', lines(0, 25).join(''))).toMatchObject({ state: 'already' });
});

test('of several copies in one ingest each line counts once, whatever their names', async () => {
  const lines = newLog();
  const names = ['a', 'b', 'c'].map((name) => join(folder, `copy-${name}.log`));
  const contents = [lines(0, 40), lines(0, 20), lines(0, 40)].map((some) => some.join(''));
  await Promise.all(names.map((name, index) => writeFile(name, contents[index] ?? '')));
  const report = await ingestLogs(lake, { paths: names, sources: testSources });
  expect(report.files.map(({ events, state }) => [events, state])).toEqual([
    [20, 'ingested'],
    [20, 'ingested'],
    [20, 'already'],
  ]);
  expect(await ofLog()).toEqual({ records: 40, texts: 40 });
});

test('a last line without its end is whole when the next one begins; one that was cut off is said to be', async () => {
  const lines = newLog();
  const text = lines(0, 12).join('');
  await ingest('open.log', lines(0, 5).join('').trimEnd());
  expect(await ingest('open.log', text)).toMatchObject({ events: 7, grownFrom: { records: 5, cut: false } });
  expect(await ofLog()).toEqual({ records: 12, texts: 12 });

  const others = newLog();
  const whole = others(0, 12).join('');
  const cutAt = others(0, 5).join('').length - 10;
  expect(await ingest('torn.log', whole.slice(0, cutAt))).toMatchObject({ events: 4, rejects: 1 });
  expect(await ingest('torn.log', whole)).toMatchObject({ events: 8, grownFrom: { records: 4, cut: true } });
  // The whole record is there; what was left of it before stays the reject that it was.
  expect(await ofLog()).toEqual({ records: 12, texts: 12 });
});

test('another log that begins alike, and another host, count whole', async () => {
  const lines = newLog();
  await ingest('one.log', lines(0, 10).join(''));
  const other = [...lines(0, 9), ...lines(20, 30)].join('');
  expect(await ingest('two.log', other)).toMatchObject({ events: 19, grownFrom: null });
  const grown = lines(0, 12).join('');
  expect(await ingest('three.log', grown, { host: 'elsewhere' })).toMatchObject({
    events: 12,
    grownFrom: null,
  });
  expect(await ingest('four.log', grown)).toMatchObject({ state: 'already' });
});

test('an older, shorter copy of a log that was read on since has nothing new, however it is packed', async () => {
  const lines = newLog();
  const whole = await ingest('now.log', lines(0, 30).join(''));
  const copy = await ingest('before.log.gz', gzipSync(lines(0, 12).join('')));
  expect(copy).toMatchObject({
    state: 'already',
    records: 0,
    grownFrom: { fileId: whole.fileId, records: 12, cut: false },
  });
  // One that ends within a record, and one between a copy and the whole.
  const torn = lines(0, 20).join('').slice(0, -10);
  expect(await ingest('torn-copy.log', torn)).toMatchObject({ state: 'already', grownFrom: { records: 20 } });
  expect(await ingest('between.log', lines(0, 25).join(''))).toMatchObject({
    state: 'already',
    grownFrom: { fileId: whole.fileId, records: 25 },
  });
  expect(await ofLog()).toEqual({ records: 30, texts: 30 });
  // It is read no second time, and the log grows on from where it was.
  expect(await ingest('before.log.gz', gzipSync(lines(0, 12).join('')))).toMatchObject({ state: 'already' });
  expect(await ingest('later.log', lines(0, 33).join(''))).toMatchObject({
    events: 3,
    grownFrom: { fileId: whole.fileId },
  });
  expect(await ofLog()).toEqual({ records: 33, texts: 33 });
});

test('a shorter log whose last line only begins like the other one counts whole', async () => {
  const lines = newLog();
  await ingest('long.log', lines(0, 8).join(''));
  const [last = ''] = lines(5, 6);
  const other = `${lines(0, 5).join('')}${last.trimEnd().slice(0, -1)}\n`;
  expect(await ingest('short.log', other)).toMatchObject({ state: 'ingested', records: 6 });
  const changed = `${lines(0, 3).join('')}${lines(40, 41).join('')}${lines(4, 6).join('')}`;
  expect(await ingest('changed.log', changed)).toMatchObject({ state: 'ingested', records: 6 });
});

test('whatever the lines, the order of its states and wherever it grew, the lake has each record of the last once', async () => {
  const line = fc.constantFrom('x', 'x y', '', '\r', '# note', '"quoted, with\nbreak"', 'ä');
  const property = fc.asyncProperty(
    fc.array(line, { minLength: 1, maxLength: 30 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('test-lines', 'test-csv'),
    fc.boolean(),
    fc.constantFrom('rising', 'falling', 'mixed'),
    async (texts, shares, source, packed, order) => {
      const log = `log${++logs}x`;
      const begin =
        source === 'test-csv' ? `2023-11-23T00:00:00Z,"${log}"\n` : `2023-11-23T00:00:00Z ${log} b\n`;
      const stamp = source === 'test-csv' ? ',' : ' ';
      const whole = Buffer.from(
        begin + texts.map((text, n) => `2023-11-23T00:00:00Z${stamp}${log}${n}${stamp}${text}\n`).join(''),
      );
      const sizes = [
        ...new Set(shares.map((share) => Math.max(begin.length, Math.round(share * whole.length)))),
      ];
      let [records, cuts] = [0, 0];
      for (const size of inOrder(order, [...sizes, whole.length])) {
        const part = whole.subarray(0, size);
        const file = await ingest('random.log', packed ? gzipSync(part) : part, { source });
        records += file.state === 'already' ? 0 : file.records;
        if (file.grownFrom?.cut) cuts++;
      }
      const direct = await openLikeNothing(whole, source);
      expect(records - cuts).toBe(direct);
    },
  );
  await fc.assert(property, { numRuns: 40 });
}, 120_000);

/** `mixed` is as they came, the whole last. */
function inOrder(order: string, sizes: readonly number[]): number[] {
  if (order === 'mixed') return [...sizes];
  return sizes.toSorted((a, b) => (order === 'rising' ? a - b : b - a));
}

/** Records of the content where nothing of it was read before: another host's. */
async function openLikeNothing(whole: Buffer, source: string): Promise<number> {
  const marked = Buffer.concat([whole, Buffer.from(' ')]);
  const file = await ingest('direct.log', marked, { source, host: `host-${logs}` });
  return file.records - 1;
}
