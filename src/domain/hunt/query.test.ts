import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertEvents, openTestLake, type TestLake } from '../../../test/lab/lake.ts';
import { queryLogs } from './query.ts';
import type { HuntContext } from './types.ts';

let lake: TestLake;
let folder: string;
beforeAll(async () => {
  lake = await openTestLake();
  folder = await mkdtemp(join(tmpdir(), 'firebreak-query-'));
  await writeFile(join(folder, 'secret.csv'), 'the secret\n');
  await insertEvents(lake, [{ host: 'a' }, { host: 'b' }]);
});
afterAll(async () => {
  await lake?.close();
  await rm(folder, { recursive: true, force: true });
});

const query = (sql: string, rowsMax = 100, msMax = 5_000) =>
  queryLogs({ lake: async () => lake } as unknown as HuntContext, { sql, rowsMax, msMax });

test('a SELECT is answered, also with a semicolon, a remark at its end, or WITH', async () => {
  expect(await query('SELECT host FROM events ORDER BY host;')).toEqual({
    columns: ['host'],
    rows: [{ host: 'a' }, { host: 'b' }],
    more: false,
  });
  expect((await query('WITH 1 AS x SELECT x -- one')).rows).toEqual([{ x: 1 }]);
  expect(await query('/* few */ SELECT host FROM events ORDER BY host DESC', 1)).toEqual({
    columns: ['host'],
    rows: [{ host: 'b' }],
    more: true,
  });
  for (const table of ['rejects', 'files', 'ingests'])
    expect((await query(`SELECT count() AS n FROM ${table}`)).columns).toEqual(['n']);
});

const attacks = (file: string, out: string): string[] => [
  `SELECT * FROM file('${file}', 'LineAsString')`,
  `SELECT * FROM file('${file}', 'LineAsString', 'line String')`,
  `WITH x AS (SELECT * FROM file('${file}', 'RawBLOB')) SELECT * FROM x`,
  `SELECT file('${file}')`,
  `SELECT FILE('${file}')`,
  `SELECT \`file\`('${file}')`,
  `WITH file('${file}') AS x SELECT x`,
  `SELECT arrayMap(x -> file(x), ['${file}'])`,
  `SELECT * APPLY(file) FROM (SELECT '${file}' AS x)`,
  `SELECT COLUMNS('x') APPLY file FROM (SELECT '${file}' AS x)`,
  `SELECT 1 WHERE (SELECT 1 ORDER BY file('${file}')) = 1`,
  `SELECT count() FROM events WHERE host IN (SELECT file('${file}'))`,
  "SELECT hasColumnInTable('127.0.0.1:9', 'u', 'p', 'd', 't', 'c')",
  `SELECT (SELECT line FROM file('${file}', 'LineAsString') LIMIT 1)`,
  `SELECT * FROM fileCluster('c', '${file}', 'LineAsString')`,
  "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString', 'line String')",
  "SELECT * FROM urlCluster('c', 'http://127.0.0.1:9/', 'LineAsString')",
  "SELECT * FROM s3('http://127.0.0.1:9/b/k', 'LineAsString', 'line String')",
  "SELECT * FROM hdfs('hdfs://127.0.0.1:9/x', 'LineAsString', 'line String')",
  "SELECT * FROM azureBlobStorage('x', 'y', 'z')",
  "SELECT * FROM remote('127.0.0.1:9', system.one)",
  "SELECT * FROM remoteSecure('127.0.0.1:9', system.one)",
  "SELECT * FROM mysql('127.0.0.1:9', 'a', 'b', 'c', 'd')",
  "SELECT * FROM postgresql('127.0.0.1:9', 'a', 'b', 'c', 'd')",
  "SELECT * FROM mongodb('127.0.0.1:9', 'a', 'b', 'c', 'd', 'x String')",
  "SELECT * FROM redis('127.0.0.1:9', 'k', 'k String, v String')",
  `SELECT * FROM sqlite('${file}', 'x')`,
  "SELECT * FROM jdbc('x', 'y', 'z')",
  "SELECT * FROM odbc('x', 'y', 'z')",
  "SELECT * FROM executable('cat /etc/passwd', 'TSV', 'line String')",
  "SELECT * FROM python('x')",
  "SELECT * FROM merge('system', '.*')",
  "SELECT * FROM cluster('default', system.one)",
  "SELECT * FROM dictionary('x')",
  "SELECT dictGet('x', 'y', 1)",
  "SELECT joinGet('firebreak.files', 'path', 1)",
  'SELECT * FROM system.users',
  'SELECT * FROM system.processes',
  'SELECT * FROM system.settings',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM system.tables',
  'SELECT * FROM firebreak.intake',
  'SELECT * FROM intake_events',
  `SELECT 1 INTO OUTFILE '${out}'`,
  `SELECT 1) INTO OUTFILE '${out}' FORMAT CSV --`,
  `SELECT 1 FORMAT Null) --`,
  'SELECT 1; DROP TABLE events',
  'SELECT 1) ; DROP TABLE events; --',
  'DROP TABLE events',
  'INSERT INTO events SELECT * FROM events',
  'WITH 1 AS x INSERT INTO files SELECT * FROM files',
  `INSERT INTO FUNCTION file('${out}', 'CSV') SELECT 1`,
  'ALTER TABLE events DELETE WHERE 1',
  'TRUNCATE TABLE events',
  'SYSTEM SHUTDOWN',
  'SET readonly = 0',
  'EXPLAIN SELECT 1',
  'DESCRIBE events',
  'SHOW TABLES',
  'KILL QUERY WHERE 1',
  'CREATE TABLE x (a Int8) ENGINE = Memory',
  `CREATE TABLE x ENGINE = File(CSV, '${file}')`,
  'ATTACH TABLE x',
  `BACKUP TABLE events TO Disk('default', '${out}')`,
  'GRANT ALL ON *.* TO default',
  'SELECT 1 SETTINGS readonly = 0',
  'SELECT 1 SETTINGS max_execution_time = 0, max_memory_usage = 0',
  'SELECT sleepEachRow(3) FROM numbers(100)',
  'SELECT addressToLine(1)',
  "SELECT getMacro('x')",
  "SELECT catboostEvaluate('/x', 1)",
  "SELECT hostName() FROM clusterAllReplicas('default', system.one)",
];

test('nothing but the lake can be read, and nothing written', async () => {
  const out = join(folder, 'out');
  const answered: string[] = [];
  for (const sql of attacks(join(folder, 'secret.csv'), out))
    await query(sql).then(
      ({ rows }) => answered.push(`${sql}: ${JSON.stringify(rows)}`),
      (error: unknown) => expect(JSON.stringify(error), sql).not.toContain('the secret'),
    );
  expect(answered).toEqual([]);
  expect(existsSync(out)).toBe(false);
  expect((await query('SELECT count() AS n FROM events')).rows).toEqual([{ n: 2 }]);
});

test('time, memory, rows and text are bounded', async () => {
  await expect(query('SELECT sum(cityHash64(number)) FROM numbers(1e13)', 1, 1_000)).rejects.toMatchObject({
    code: 'limit_exceeded',
  });
  await expect(query('SELECT groupArray(number) AS all FROM numbers(1e9)', 1, 60_000)).rejects.toMatchObject({
    code: 'limit_exceeded',
  });
  expect(await query('SELECT number FROM numbers(1e12)', 3)).toMatchObject({
    more: true,
    rows: { length: 3 },
  });
  await expect(query(`SELECT '${'x'.repeat(70_000)}'`)).rejects.toMatchObject({ code: 'limit_exceeded' });
  expect((await query("SELECT repeat('x', 70000) AS x FROM numbers(1200)", 5_000, 30_000)).more).toBe(true);
});
