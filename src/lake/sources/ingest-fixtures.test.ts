/** Files of every source through the whole of the ingest: told by their content, and no record lost. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { goldenPairs } from '../../../test/lab/golden.ts';
import { openTestLake, type TestLake } from '../../../test/lab/lake.ts';
import { fixtures } from '../../../test/lab/source-suite.ts';
import { ingestLogs } from '../ingest/index.ts';
import { declareSource } from './declared.ts';
import { sources } from './registry.ts';

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(() => lake?.close());

test.each(sources.map((source) => [source.id, source] as const))(
  'files of %s are ingested as what they are',
  async (id, source) => {
    const paths = (await goldenPairs(source)).map(({ input }) => input);
    const report = await ingestLogs(lake, { paths, sources, source: id, host: 'practice' });
    expect(report.failed).toEqual([]);
    const records = (await fixtures(source)).reduce((sum, fixture) => sum + fixture.records.length, 0);
    const [counted] = await lake.rows<{ events: number; rejects: number }>(
      `SELECT (SELECT toUInt32(count()) FROM events WHERE source = {id:String}) AS events,
              (SELECT toUInt32(count()) FROM rejects WHERE source = {id:String}) AS rejects`,
      { id },
    );
    expect((counted?.events ?? 0) + (counted?.rejects ?? 0)).toBe(records);
    expect(counted?.events).toBeGreaterThan(0);
  },
);

test('a declared source is ingested like any other', async () => {
  const gateway = declareSource('gateway', {
    title: 'Gateway',
    time: { path: ['at'], format: 'milliseconds' },
    classUid: 3002,
    activityId: 1,
    columns: { user_name: { path: ['user', 'name'] }, host: { const: 'gw-1' } },
    recognise: [{ path: ['product'], value: 'gateway' }],
    records: ['items'],
    sigma: { product: 'gateway' },
  });
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-declared-'));
  try {
    const path = join(folder, 'log');
    const one = (at: unknown) => ({ product: 'gateway', at, user: { name: "o'brien" } });
    await writeFile(
      path,
      JSON.stringify({ items: [one(1_699_953_769_000), one('soon'), one(1_699_953_770_000)] }),
    );
    const report = await ingestLogs(lake, { paths: [path], sources: [...sources, gateway] });
    expect(report.files).toMatchObject([{ source: 'gateway', events: 2, rejects: 1 }]);
    const rows = await lake.rows(
      `SELECT host, user_name, class_uid FROM events WHERE source = 'gateway' ORDER BY line`,
    );
    expect(rows).toEqual(Array(2).fill({ host: 'gw-1', user_name: "o'brien", class_uid: 3002 }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
