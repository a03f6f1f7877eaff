/**
 * Nothing is lost or doubled by a crash: of this process by SIGKILL, and of the engine's by SIGKILL and by SIGSEGV,
 * at several points of an ingest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLake } from '../../../test/lab/lake.ts';
import { jsonRecord, testSources } from '../../../test/lab/log-source.ts';
import { packageFile } from '../../kernel/paths.ts';
import { ingestLogs, type Lake, openLake } from '../index.ts';

const count = 120_000;
let folder: string;
let whole: string;
let list: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-crash-'));
  const records = Array.from({ length: count }, (_, n) => jsonRecord(n + 1, { pad: 'p'.repeat(80) }));
  // The engine reads the first one itself; the second is cut here and handed over in segments.
  whole = join(folder, 'whole.ndjson');
  await writeFile(whole, records.join('\n'));
  list = join(folder, 'list.json');
  await writeFile(list, `{"Records":[${records.join(',')}]}`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function expectOnce(lake: Lake): Promise<void> {
  const [row] = await lake.rows(
    'SELECT count() AS n, uniqExact(line) AS lines, uniqExact(sequence) AS sequences FROM events',
  );
  expect(row).toEqual({ n: count, lines: count, sequences: count });
  expect(await lake.rows('SELECT count() AS n FROM rejects')).toEqual([{ n: 0 }]);
  expect(await lake.rows('SELECT records, events FROM files')).toEqual([{ records: count, events: count }]);
}

const startIngest = (...args: string[]) =>
  spawn(process.execPath, [packageFile('dist', 'test', 'lab', 'ingest-child.js'), ...args]);

/** Kills the process with SIGKILL when it says that it is this far. */
async function ingestUntil(
  lakeFolder: string,
  path: string,
  reached: (line: string) => boolean,
): Promise<boolean> {
  const child = startIngest(lakeFolder, path);
  let text = '';
  let killed = false;
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString();
    if (killed || !text.split('\n').slice(0, -1).some(reached)) return;
    killed = true;
    child.kill('SIGKILL');
  });
  await once(child, 'close');
  return killed && !text.includes('done');
}

const points: [name: string, reached: (line: string) => boolean][] = [
  ['while the lake opens', (line) => line === 'open'],
  ['when the scan ends', (line) => Number(line) > 0.15],
  ['early in the load', (line) => Number(line) > 0.21],
  ['late in the load', (line) => Number(line) > 0.8],
];

test.each(['whole', 'list'] as const)(
  'kill -9 of the process at several points of a %s file, one after the other: each line once',
  async (kind) => {
    const path = kind === 'whole' ? whole : list;
    const lakeFolder = join(folder, `lake-${kind}`);
    const hits: string[] = [];
    for (const [name, reached] of points) if (await ingestUntil(lakeFolder, path, reached)) hits.push(name);
    // How far a fast load gets between two reports differs; most points are hit on any machine.
    expect(hits.length).toBeGreaterThanOrEqual(2);
    const lake = await openLake({ folder: lakeFolder });
    try {
      const report = await ingestLogs(lake, { paths: [path], sources: testSources });
      expect(report.failed).toEqual([]);
      await expectOnce(lake);
    } finally {
      await lake.close();
    }
  },
  120_000,
);

test('kill -9 before each write of an older copy of a log, one after the other: it counts once', async () => {
  const records = Array.from({ length: 30 }, (_, n) => `${jsonRecord(n + 1)}\n`);
  const [longer, older] = [join(folder, 'longer.ndjson'), join(folder, 'older.ndjson')];
  await writeFile(longer, records.join(''));
  await writeFile(older, records.slice(0, 12).join(''));
  const lakeFolder = join(folder, 'lake-older');
  const ingest = async (path: string, ...write: string[]): Promise<NodeJS.Signals | null> => {
    const child = startIngest(lakeFolder, path, ...write);
    child.stdout.resume();
    await once(child, 'close');
    return child.signalCode;
  };
  expect(await ingest(longer)).toBe(null);
  let kills = 0;
  while ((await ingest(older, String(kills + 1))) === 'SIGKILL') kills++;
  expect(kills).toBeGreaterThanOrEqual(4);
  const lake = await openLake({ folder: lakeFolder });
  try {
    expect(
      await lake.rows(
        `SELECT count() AS n, uniqExact(raw) AS texts, uniqExact(file_id) AS logs,
          (SELECT groupArray(records) FROM (SELECT records FROM files ORDER BY records)) AS read FROM events`,
      ),
    ).toEqual([{ n: 30, texts: 30, logs: 1, read: [0, 30] }]);
    const report = await ingestLogs(lake, { paths: [older], sources: testSources });
    expect(report.files).toMatchObject([{ state: 'already' }]);
  } finally {
    await lake.close();
  }
}, 120_000);

test.each([
  ['SIGSEGV', 'whole', 0.1],
  ['SIGSEGV', 'list', 0.5],
  ['SIGKILL', 'whole', 0.21],
] as const)(
  '%s of the engine during the load of a %s file: the same ingest goes on',
  async (signal, kind, at) => {
    const lake = await openTestLake({ silenceMsMax: 3_000 });
    try {
      let struck = 0;
      const report = await ingestLogs(lake, {
        paths: [kind === 'whole' ? whole : list],
        sources: testSources,
        onProgress: ({ bytesDone, bytesTotal }) => {
          if (struck > 0 || bytesDone / bytesTotal < at) return;
          struck++;
          void lake.enginePid().then((pid) => process.kill(pid ?? 0, signal));
        },
      });
      expect(struck).toBe(1);
      expect(report.failed).toEqual([]);
      await expectOnce(lake);
    } finally {
      await lake.close();
    }
  },
  120_000,
);

test('a read whose engine dies is answered by the next one; rows given out before are not repeated', async () => {
  const lake = await openTestLake({ silenceMsMax: 3_000 });
  try {
    const slow = lake.rows<{ n: number }>(
      'SELECT count() AS n FROM numbers(3000000000) WHERE cityHash64(number) % 7 = 8',
    );
    const first = await lake.enginePid();
    // The statement is with the engine once a second one is answered.
    await lake.rows('SELECT 1');
    process.kill(first ?? 0, 'SIGSEGV');
    expect(await slow).toEqual([{ n: 0 }]);
    expect(await lake.enginePid()).not.toBe(first);
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { number } of lake.stream<{ number: number }>(
        'SELECT number FROM numbers(10000000)',
      )) {
        seen.push(number);
        if (seen.length === 1_000) process.kill((await lake.enginePid()) ?? 0, 'SIGSEGV');
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toEqual(Array.from(seen, (_, index) => index));
    expect(await lake.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  } finally {
    await lake.close();
  }
});
