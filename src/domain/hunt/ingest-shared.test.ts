/** Two who ingest the same logs at the same time, by two processes or by one API: each line is in the lake once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApiLab } from '../../../test/lab/api.ts';
import { runFirebreak } from '../../../test/lab/cli.ts';
import { startClickHouse, type TestClickHouse } from '../../../test/lab/clickhouse-server.ts';
import { jsonRecord } from '../../../test/lab/log-source.ts';
import { packageFile } from '../../kernel/paths.ts';
import { type Lake, openLake } from '../../lake/index.ts';
import { type HuntLab, openHuntLab } from './__fixtures__/lab.ts';

const count = 60_000;
let lab: HuntLab;
let server: TestClickHouse;
let lake: Lake;
let folder: string;
beforeAll(async () => {
  lab = await openHuntLab();
  server = await startClickHouse();
  lake = await openLake({ url: server.url });
  folder = await mkdtemp(join(tmpdir(), 'firebreak-shared-'));
});
afterAll(async () => {
  await lake?.close();
  await server?.close();
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});

interface ChildReport {
  files: { state: string; events: number; grown: boolean }[];
  failed: unknown[];
}

/** Starts a process for each list of paths, and lets them go at one moment. */
async function ingestTogether(lists: string[][]): Promise<ChildReport[]> {
  const children = lists.map((paths) => {
    const child = spawn(
      process.execPath,
      [packageFile('dist', 'test', 'lab', 'shared-ingest-child.js'), ...paths],
      {
        env: {
          ...process.env,
          LAB_URL: lab.domain.store.url,
          LAB_FOLDER: lab.domain.folder,
          LAB_LAKE: server.url,
          LAB_INCIDENT: lab.incident.id,
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const said: string[] = [];
    const ready = new Promise<void>((resolve) => {
      child.stdout.on('data', (data: Buffer) => {
        said.push(data.toString());
        if (said.join('').includes('ready')) resolve();
      });
    });
    return { child, said, ready, closed: once(child, 'close') };
  });
  await Promise.all(children.map(({ ready }) => ready));
  for (const { child } of children) child.stdin.end('go\n');
  await Promise.all(children.map(({ closed }) => closed));
  return children.map(({ said }) => JSON.parse(said.join('').trim().split('\n').at(-1) ?? '') as ChildReport);
}

const inLake = async (where: string) =>
  (
    await lake.rows(
      `SELECT count() AS n, uniqExact(raw) AS texts, (SELECT count() FROM rejects) AS rejects FROM events WHERE ${where}`,
    )
  )[0];

test('two processes that ingest one file into one server: one takes it, the other finds it there', async () => {
  const path = join(folder, 'same.ndjson');
  await writeFile(path, Array.from({ length: count }, (_, n) => jsonRecord(n, { log: 1 })).join('\n'));
  const reports = await ingestTogether([[path], [path]]);
  const files = reports.flatMap((report) => report.files);
  expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
  expect(files.map(({ state, events }) => `${state} ${events}`).sort()).toEqual([
    `already ${count}`,
    `ingested ${count}`,
  ]);
  expect(await inLake(`position(raw, '"log":1}') > 0`)).toEqual({ n: count, texts: count, rejects: 0 });
}, 120_000);

test('one takes a log, the other what it has grown to meanwhile: each line is there once', async () => {
  const lines = Array.from({ length: count }, (_, n) => `${jsonRecord(n, { log: 2 })}\n`);
  const [small, large] = [join(folder, 'small.ndjson'), join(folder, 'large.ndjson')];
  await writeFile(small, lines.slice(0, count / 2).join(''));
  await writeFile(large, lines.join(''));
  // Whoever comes second sees what the first has taken, but the shorter one alone can't be told from the longer.
  await ingestTogether([[small]]);
  const reports = await ingestTogether([[large], [large, small]]);
  expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
  expect(await inLake(`position(raw, '"log":2}') > 0`)).toEqual({ n: count, texts: count, rejects: 0 });
}, 120_000);

test('two requests to one installation with an embedded lake: each line once', async () => {
  const api = await openApiLab(
    'firebreak: 1\norganisation: Test\nenvironments: []\nsuppliers: []\nsystems: []\n',
  );
  try {
    const path = join(api.domain.folder, 'auth.log');
    const line = (n: number) =>
      `2023-11-23T10:00:${String(n % 60).padStart(2, '0')}.000000+00:00 gw-1 sshd[${n}]: Accepted publickey for ada from 192.0.2.1 port ${1_000 + n} ssh2`;
    await writeFile(path, `${Array.from({ length: 2_000 }, (_, n) => line(n)).join('\n')}\n`);
    await runFirebreak(['incident', 'open', '--advisory', 'okta-2023-10'], api);
    const runs = await Promise.all([1, 2].map(() => runFirebreak(['logs', 'ingest', path, '--json'], api)));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const states = runs.flatMap((run) => (run.json() as { files: { state: string }[] }).files);
    expect(states.map(({ state }) => state).sort()).toEqual(['already', 'ingested']);
    const inEmbedded = await api.lake();
    expect(await inEmbedded.rows('SELECT count() AS n, uniqExact(raw) AS texts FROM events')).toEqual([
      { n: 2_000, texts: 2_000 },
    ]);
  } finally {
    await api.close();
  }
}, 60_000);
