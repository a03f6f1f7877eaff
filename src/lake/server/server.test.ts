import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query } from 'chdb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClickHouse, type TestClickHouse } from '../../../test/lab/clickhouse-server.ts';
import { jsonRecord, testSources } from '../../../test/lab/log-source.ts';
import { ingestLogs, type Lake, openLake } from '../index.ts';
import { clusterSchema, readerSchema, serverSchema } from '../schema.ts';
import { readPlace } from './place.ts';

let server: TestClickHouse;
let lake: Lake;
let folder: string;
beforeAll(async () => {
  server = await startClickHouse();
  lake = await openLake({ url: server.url });
  folder = await mkdtemp(join(tmpdir(), 'firebreak-server-'));
});
afterAll(async () => {
  await lake?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The engine's own parser takes a statement or throws. */
const parse = (sql: string): string =>
  query(`SELECT formatQuery('${sql.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}')`, 'TSV');

test('the statements of a server and of a cluster are ones that the engine parses', () => {
  const cluster = { name: 'main`;\\' };
  const statements = [
    ...serverSchema(),
    ...clusterSchema(cluster),
    ...readerSchema(),
    ...readerSchema(cluster),
  ];
  expect(statements.length).toBeGreaterThan(25);
  for (const sql of statements) expect(() => parse(sql), sql).not.toThrow();
  expect(() => parse('CREATE TABLE x (')).toThrow();
  const text = clusterSchema({ name: 'main' }).join('\n');
  expect(text).toMatch(
    /CREATE TABLE IF NOT EXISTS firebreak\.events_local ON CLUSTER `main`[\s\S]*ReplicatedMergeTree/,
  );
  expect(text).toMatch(
    /firebreak\.events ON CLUSTER `main`[^;]*Distributed\(`main`, firebreak, events_local, cityHash64\(file_id\)\)/,
  );
});

test('values come back as they were bound, and large numbers whole', async () => {
  const nasty = `x'\\ "\n\t {b:String} -- é`;
  expect(
    await lake.rows(
      `SELECT {a:String} AS a, {d:DateTime64(3, 'UTC')} AS d, {l:Array(String)} AS l, {n:UInt32} AS n, 9007199254740993 AS big`,
      { a: nasty, d: new Date(1e12 + 5), l: ["a'b", 'c\\d', ''], n: 7 },
    ),
  ).toEqual([
    { a: nasty, d: '2001-09-09T01:46:40.005Z', l: ["a'b", 'c\\d', ''], n: 7, big: '9007199254740993' },
  ]);
});

test('files are sent, and each record is there once', async () => {
  const records = Array.from({ length: 2_000 }, (_, n) => jsonRecord(n + 1));
  const path = join(folder, 'a.ndjson');
  await writeFile(path, `${records.join('\n')}\n{"t":"never","who":"x"}\n`);
  const ingest = () => ingestLogs(lake, { paths: [path], sources: testSources });
  const report = await ingest();
  expect(report.failed).toEqual([]);
  expect(report.files[0]).toMatchObject({ state: 'ingested', events: 2_000, rejects: 1 });
  expect((await ingest()).files[0]?.state).toBe('already');
  expect(await lake.rows('SELECT raw FROM events ORDER BY line')).toEqual(records.map((raw) => ({ raw })));
  const sent = server.statements.find(({ sql }) => sql.startsWith('INSERT INTO intake'));
  expect(sent?.sql).toContain("input('number UInt64, line String')");
  expect(sent?.settings).toMatchObject({ insert_deduplicate: '0', distributed_foreground_insert: '1' });
});

test('what reads is read-only, as a role that may read the lake alone, and bounded', async () => {
  await expect(lake.rows('SELECT name FROM system.users')).rejects.toMatchObject({ code: 'refused' });
  await expect(lake.rows("SELECT * FROM url('http://127.0.0.1/', 'CSV', 'a String')")).rejects.toMatchObject({
    code: 'refused',
  });
  await expect(lake.rows('INSERT INTO files SELECT * FROM files')).rejects.toMatchObject({ code: 'refused' });
  await expect(lake.rows('SELECT number FROM numbers(100)', {}, { rowsMax: 10 })).rejects.toMatchObject({
    code: 'limit_exceeded',
  });
  await expect(
    lake.rows('SELECT sum(cityHash64(number)) FROM numbers(1e12)', {}, { msMax: 1_000 }),
  ).rejects.toMatchObject({
    code: 'limit_exceeded',
  });
  const reads = server.statements.filter(({ sql }) => /^\s*SELECT/.test(sql));
  expect(reads.length).toBeGreaterThan(5);
  for (const { role, settings } of reads) {
    expect(role).toBe('firebreak_reader');
    expect(settings.readonly).toBe('1');
  }
});

test('a read that is not wanted any more ends', async () => {
  const slow = 'SELECT sum(cityHash64(number)) AS sum FROM numbers(1e12)';
  const bounds = { msMax: 20_000 };
  const signal = AbortSignal.timeout(500);
  await expect(lake.rows(slow, {}, { ...bounds, signal })).rejects.toThrow('timeout');
  const read = async (): Promise<void> => {
    for await (const _row of lake.stream(slow, {}, { ...bounds, signal: AbortSignal.timeout(500) }));
  };
  await expect(read()).rejects.toThrow('timeout');
});

test('an answer that breaks off is an error, never a part of the rows', async () => {
  server.breakNext();
  await expect(lake.rows('SELECT number FROM numbers(1000)')).rejects.toMatchObject({ code: 'unavailable' });
});

test('wrong credentials, a server that is away, and a user who may not make the role are told apart', async () => {
  const wrong = new URL(server.url);
  wrong.password = 'guess';
  await expect(openLake({ url: wrong.href })).rejects.toMatchObject({ code: 'refused' });
  await expect(openLake({ url: wrong.href })).rejects.not.toThrow(/guess/);
  await expect(openLake({ url: 'http://127.0.0.1:9/' })).rejects.toMatchObject({ code: 'unavailable' });
  const plain = await startClickHouse({ managesAccess: false });
  try {
    await expect(openLake({ url: plain.url })).rejects.toThrow(
      /administrator.*GRANT SELECT ON firebreak\.events/,
    );
  } finally {
    await plain.close();
  }
  await expect(openLake({ url: `${server.url}?cluster=main` })).rejects.toThrow(
    /Requested cluster not found/,
  );
});

test('the address is checked, and never repeated', () => {
  expect(readPlace('https://u:p@db:8443/?cluster=main')).toEqual({
    url: 'https://u:p@db:8443/',
    cluster: 'main',
  });
  for (const address of [
    'nonsense s3cret',
    'tcp://u:s3cret@h/',
    'http://u:s3cret@h/db',
    'http://h/?x=s3cret',
    'http://h/?cluster=a%20b',
  ])
    expect(() => readPlace(address)).toThrow(/FIREBREAK_CLICKHOUSE_URL: expected .*(?<!s3cret)$/);
});
