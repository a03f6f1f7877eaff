import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLake, type TestLake } from '../../../test/lab/lake.ts';
import { jsonRecord, jsonSource, lineSource, testSources } from '../../../test/lab/log-source.ts';
import { zstdFrame } from '../../../test/lab/zstd.ts';
import { limits } from '../../kernel/limits.ts';
import { type IngestInput, type IngestReport, ingestLogs } from './index.ts';

let lake: TestLake;
let folder: string;
beforeAll(async () => {
  lake = await openTestLake();
  folder = await mkdtemp(join(tmpdir(), 'firebreak-ingest-'));
});
afterAll(async () => {
  await lake?.close();
  await rm(folder, { recursive: true, force: true });
});

let files = 0;
async function put(content: string | Uint8Array, name = `log-${++files}`): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const ingest = (paths: string[], more: Partial<IngestInput> = {}): Promise<IngestReport> =>
  ingestLogs(lake, { paths, sources: testSources, ...more });

const events = (fileId: string | undefined) =>
  lake.rows<{ line: number; raw: string }>(
    'SELECT line, raw FROM events WHERE file_id = {fileId:String} ORDER BY line',
    { fileId: fileId ?? '' },
  );
const rejects = (fileId: string | undefined) =>
  lake.rows<{ line: number; reason: string; raw: string }>(
    'SELECT line, reason, raw FROM rejects WHERE file_id = {fileId:String} ORDER BY line',
    { fileId: fileId ?? '' },
  );
const records = Array.from({ length: 100 }, (_, n) => jsonRecord(n + 1));

test('NDJSON, a list, a wrapped list, gzip, zstd: the same records, whatever the name says', async () => {
  const lines = `${records.join('\n')}\n`;
  const paths = [
    await put(lines, 'plain.gz'),
    await put(`[${records.join(',\n')}]`),
    await put(`{"more":1,"Records":[${records.join(',')}]}`),
    await put(gzipSync(lines), 'packed.log'),
    await put(Buffer.concat([gzipSync(lines.slice(0, 500)), gzipSync(lines.slice(500))])),
    await put(`\ufeff${lines.replaceAll('\n', '\r\n')}`),
    await put(zstdFrame(Buffer.from(lines))),
    await put(
      Buffer.concat([zstdFrame(Buffer.from(lines.slice(0, 700))), zstdFrame(Buffer.from(lines.slice(700)))]),
    ),
  ];
  for (const [index, path] of paths.entries()) {
    // Each of another host: the same log of one host would count once.
    const {
      files: [file],
      failed,
    } = await ingest([path], { host: `host-${index}` });
    expect(failed).toEqual([]);
    if (!file) throw new Error('it was not ingested');
    expect(file).toMatchObject({
      source: 'test-json',
      state: 'ingested',
      records: 100,
      events: 100,
      rejects: 0,
    });
    expect(await events(file.fileId)).toEqual(records.map((raw, index) => ({ line: index + 1, raw })));
    expect(file.first).toEqual(new Date(1.7e12 + 1_000));
    expect(file.last).toEqual(new Date(1.7e12 + 100_000));
  }
});

test('a file is taken once, and the same content under another name too', async () => {
  const path = await put(`${jsonRecord(7_001)}\n`);
  const other = await put(`${jsonRecord(7_001)}\n`);
  expect((await ingest([path, other])).files.map(({ state }) => state)).toEqual(['ingested', 'already']);
  expect((await ingest([path])).files.map(({ state }) => state)).toEqual(['already']);
  const fileId = (await ingest([path])).files[0]?.fileId;
  expect(await events(fileId)).toHaveLength(1);
});

test('blank lines are counted, and each record keeps the number of its line', async () => {
  const path = await put('\n2023-11-23T00:00:00Z ann in\r\n\r\n\nno time here\n2023-11-24T00:00:00Z bob out');
  const [file] = (await ingest([path], { source: 'test-lines' })).files;
  expect(file).toMatchObject({ records: 3, events: 2, rejects: 1, blank: 3 });
  expect(file?.reasons).toEqual([{ reason: 'no time', records: 1, line: 5 }]);
  expect((await events(file?.fileId)).map(({ line }) => line)).toEqual([2, 6]);
  expect(await rejects(file?.fileId)).toEqual([{ line: 5, reason: 'no time', raw: 'no time here' }]);
});

test('a large file that the engine reads itself: numbers, blanks and returns are the same', async () => {
  const lines = Array.from({ length: 150_000 }, (_, n) =>
    n % 1_000 === 7 ? '' : n % 1_000 === 8 ? 'not a time' : `2023-11-23T00:00:00Z name${n} ${'x'.repeat(60)}`,
  );
  const path = await put(lines.join('\r\n'));
  const shares: number[] = [];
  const [file] = (await ingest([path], { onProgress: ({ bytesDone }) => void shares.push(bytesDone) })).files;
  expect(file).toMatchObject({ records: 149_850, events: 149_700, rejects: 150, blank: 150 });
  const [row] = await lake.rows(
    `SELECT countIf(raw != concat('2023-11-23T00:00:00Z name', toString(line - 1), ' ', repeat('x', 60))) AS wrong,
      uniqExact(line) AS lines FROM events WHERE file_id = {id:String}`,
    { id: file?.fileId ?? '' },
  );
  expect(row).toEqual({ wrong: 0, lines: 149_700 });
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
});

test('records that the engine itself fails on cost only themselves', async () => {
  const bad = new Set([1, 777, 778, 2_999]);
  const lines = Array.from(
    { length: 3_000 },
    (_, n) => `2023-11-23T00:00:00Z u${n} ${bad.has(n) ? 'boom' : 'fine'}`,
  );
  const [file] = (await ingest([await put(lines.join('\n'))])).files;
  expect(file).toMatchObject({ events: 2_996, rejects: 4 });
  expect((await rejects(file?.fileId)).map(({ line }) => line - 1)).toEqual([...bad]);
  expect(file?.reasons[0]?.reason).toContain('the mapping broke');
});

test('a small file that breaks its statement leaves the others of the group whole', async () => {
  const paths = [
    await put('2023-11-23T00:00:00Z one fine 1'),
    await put('2023-11-23T00:00:00Z two boom 2'),
    await put('2023-11-23T00:00:00Z three fine 3'),
  ];
  const report = await ingest(paths);
  expect(report.files.map(({ events, rejects }) => [events, rejects])).toEqual([
    [1, 0],
    [0, 1],
    [1, 0],
  ]);
});

test('the source is told from the content; a wrong one is refused with what it looks like', async () => {
  const json = await put(jsonRecord(8_001));
  const lines = await put('2023-11-23T00:00:00Z eve here 8001\n');
  const report = await ingest([json, lines], { source: 'test-lines' });
  expect(report.files.map(({ path }) => path)).toEqual([lines]);
  expect(report.failed).toEqual([
    { path: json, reason: 'not of test-lines: it looks like test-json (Test events)' },
  ]);
  const unknown = await put('nothing that anyone knows\n');
  expect((await ingest([unknown])).failed[0]?.reason).toContain('no known source');
  const twin = { ...lineSource, id: 'twin' };
  const both = await ingest([await put('2023-11-23T00:00:00Z two claim\n')], {
    sources: [...testSources, twin],
  });
  expect(both.failed[0]?.reason).toBe(
    'it could be test-lines (100 % of its records) or twin (100 % of its records): say which with --source',
  );
  await expect(ingest([json], { source: 'nope' })).rejects.toMatchObject({ code: 'bad_input' });
});

test('folders are walked; what is no log, empty, missing or special is said, and the rest goes on', async () => {
  const inner = join(folder, 'walk', 'deep');
  await mkdir(inner, { recursive: true });
  await writeFile(join(inner, 'a.log'), jsonRecord(9_001));
  await writeFile(join(inner, 'empty.log'), '\n');
  await symlink('/dev/zero', join(inner, 'endless'));
  const report = await ingest([join(folder, 'walk'), join(folder, 'gone')]);
  expect(report.files.map(({ path }) => path)).toEqual([join(inner, 'a.log')]);
  expect(report.empty).toEqual([join(inner, 'empty.log')]);
  expect(report.failed.map(({ path }) => path).sort()).toEqual(
    [join(folder, 'gone'), join(inner, 'endless')].sort(),
  );
});

test('a line of 1 GB is rejected with its beginning, in bounded memory, and its neighbours are events', async () => {
  const [before, head, after] = ['ann in', 'bob in ', 'eve in'].map((text) => `2023-11-23T00:00:00Z ${text}`);
  const path = await put(`${before}\n${head}`);
  // The file system keeps a hole: what is read of it is a line of NUL bytes.
  await truncate(path, 1024 ** 3);
  await appendFile(path, `\n${after}\n`);
  const pid = (await lake.enginePid()) ?? 0;
  let peak = 0;
  const resident = () => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0;
  const measure = () => {
    const engine = process.platform === 'linux' ? Number(resident()) * 1024 : 0;
    peak = Math.max(peak, process.memoryUsage.rss() + engine);
  };
  const timer = setInterval(measure, 50);
  const [file] = (await ingest([path], { onProgress: measure })).files;
  clearInterval(timer);
  expect(file).toMatchObject({ records: 3, events: 2, rejects: 1 });
  expect((await events(file?.fileId)).map(({ raw }) => raw)).toEqual([before, after]);
  const [reject] = await rejects(file?.fileId);
  expect(reject?.line).toBe(2);
  expect(reject?.raw.startsWith(head ?? '-')).toBe(true);
  expect(reject?.raw.length).toBeLessThanOrEqual(limits.ingestRejectRawBytesMax);
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThan(3 * 1024 ** 3);
});

test('compressed data that ends too early is not taken in part', async () => {
  const path = await put(gzipSync(`${records.join('\n')}\n`));
  await truncate(path, 300);
  const report = await ingest([path]);
  expect(report.files).toEqual([]);
  expect(report.failed[0]?.reason).toContain('gzip data can not be read');
});

test('a file that grows while it is loaded is refused, and nothing of it stays', async () => {
  const path = await put(`${jsonRecord(9_100)}\n`);
  const grow = { done: false };
  const report = await ingest([path], {
    sources: [
      {
        ...jsonSource,
        get map() {
          return jsonSource.map ?? '';
        },
      },
    ],
    onProgress: ({ bytesDone }) => {
      if (bytesDone === 0 || grow.done) return;
      grow.done = true;
      void appendFile(path, 'more').then(() => utimes(path, 1, 1));
    },
  });
  expect(report.files).toEqual([]);
  expect(report.failed[0]?.reason).toContain('changed while it was read');
  expect(await lake.rows('SELECT count() AS n FROM events WHERE sequence = 9100')).toEqual([{ n: 0 }]);
});

test('progress of many small files only grows, to the last byte and file, whatever becomes of each', async () => {
  const paths: string[] = [];
  for (let n = 0; n < 40; n++) paths.push(await put(`2023-11-23T00:00:00Z small${n} ${'z'.repeat(n)}\n`));
  paths.push(await put('2023-11-23T00:00:00Z small0 \n'), await put('nothing known'), await put('\n\n'));
  const seen: { bytes: number; files: number }[] = [];
  const totals = new Set<string>();
  const report = await ingest(paths, {
    onProgress: ({ bytesDone, bytesTotal, files, filesTotal }) => {
      seen.push({ bytes: bytesDone, files });
      totals.add(`${bytesTotal} ${filesTotal}`);
    },
  });
  expect([report.files.length, report.failed.length, report.empty.length]).toEqual([41, 1, 1]);
  for (const [index, { bytes, files }] of seen.entries()) {
    expect(bytes).toBeGreaterThanOrEqual(seen[index - 1]?.bytes ?? 0);
    expect(files).toBeGreaterThanOrEqual(seen[index - 1]?.files ?? 0);
  }
  const last = seen.at(-1);
  expect([...totals]).toEqual([`${last?.bytes} ${last?.files}`]);
  expect(last?.files).toBe(43);
});

test('an abort ends a load soon; the next ingest begins it again', async () => {
  const lines = Array.from(
    { length: 400_000 },
    (_, n) => `2023-11-23T00:00:00Z abort${n} ${'y'.repeat(100)}`,
  );
  const path = await put(lines.join('\n'));
  const abort = new AbortController();
  const run = ingest([path], {
    signal: abort.signal,
    onProgress: ({ bytesDone, bytesTotal }) => {
      if (bytesDone > bytesTotal * 0.19) abort.abort(new Error('enough'));
    },
  });
  await expect(run).rejects.toThrow('enough');
  const [file] = (await ingest([path])).files;
  expect(file).toMatchObject({ state: 'ingested', events: 400_000, rejects: 0 });
});

test('hostile records are data or rejects, never more', async () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const hostile = [
    jsonRecord(1, { who: "'); DROP TABLE events; --" }),
    jsonRecord(2, { who: '{file_ids:Array(String)} {input} $& $1' }),
    `{"t":"9999-12-31T23:59:59Z","who":"far"}`,
    `{"t":"2023-11-23T00:00:00Z","who":"a\\u0000b","x":${deep}}`,
    `{"t":"2023-11-23T00:00:00Z","who":"\u0000raw nul"}`,
    '{"t":"2023-11-23T00:00:00Z","who":',
    '{"t":{"t":[]},"who":"x"}',
    `{"t":"-1","who":"${'z'.repeat(100_000)}"}`,
    ...Array.from({ length: 20 }, (_, n) => jsonRecord(n + 50)),
  ].map((text) => Buffer.from(text));
  hostile.push(
    Buffer.concat([
      Buffer.from('{"t":"2023-11-23T00:00:00Z","who":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]),
  );
  const content = Buffer.concat(hostile.flatMap((line) => [line, Buffer.from('\n')]));
  const [file] = (await ingest([await put(content)], { source: 'test-json' })).files;
  expect(file).toBeDefined();
  expect((file?.events ?? 0) + (file?.rejects ?? 0)).toBe(hostile.length);
  const hex = await lake.rows<{ line: number; hex: string }>(
    `SELECT line, hex(raw) AS hex FROM (SELECT line, raw FROM events WHERE file_id = {id:String}
     UNION ALL SELECT line, raw FROM rejects WHERE file_id = {id:String}) ORDER BY line`,
    { id: file?.fileId ?? '' },
  );
  expect(hex.map((row) => row.hex.toLowerCase())).toEqual(hostile.map((line) => line.toString('hex')));
});

test('whatever the bytes, each record is there once, as it came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 4_000 }), async (bytes) => {
      const salt = randomBytes(8).toString('hex');
      const content = Buffer.concat([Buffer.from(`2023-11-23T00:00:00Z salt ${salt}\n`), bytes]);
      const lines = content
        .toString('latin1')
        .split('\n')
        .map((line) => line.replace(/\r$/, ''));
      const expected = lines.flatMap((line, index) => (line === '' ? [] : [{ n: index + 1, line }]));
      const [file] = (await ingest([await put(content)], { source: 'test-lines' })).files;
      const rows = await lake.rows<{ n: number; hex: string }>(
        `SELECT line AS n, hex(raw) AS hex FROM (SELECT line, raw FROM events WHERE file_id = {id:String}
         UNION ALL SELECT line, raw FROM rejects WHERE file_id = {id:String}) ORDER BY n`,
        { id: file?.fileId ?? '' },
      );
      expect(rows.map(({ n, hex }) => ({ n, line: Buffer.from(hex, 'hex').toString('latin1') }))).toEqual(
        expected,
      );
    }),
    { numRuns: 12 },
  );
});

test('a record longer than the limit is a reject with its beginning', async () => {
  const path = await put(
    `${jsonRecord(5)}\n{"who":"${'w'.repeat(limits.ingestRecordBytesMax)}"}\n${jsonRecord(6)}\n`,
  );
  const [file] = (await ingest([path])).files;
  expect(file).toMatchObject({ events: 2, rejects: 1 });
  const [reject] = await rejects(file?.fileId);
  expect(reject?.line).toBe(2);
  expect(reject?.raw.length).toBe(limits.ingestRejectRawBytesMax);
});
