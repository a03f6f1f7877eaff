/**
 * The examination as a responder runs it, on the practice fleet at a smaller size: every host has one verdict, those
 * that did not answer are listed, and the implant comes first among the outliers.
 */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { packageFile } from '../../src/kernel/paths.ts';
import { startFleetEstate } from '../../src/replay/fleet/index.ts';
import { runProgram } from './program.ts';

const folder = await mkdtemp(join(tmpdir(), 'firebreak-triage-'));
execFileSync('chmod', ['711', folder]);
const fleet = await startFleetEstate(join(folder, 'fleet'), 150);
beforeAll(async () => {
  const config = {
    firebreak: 1,
    organisation: 'Practice estate',
    environments: [{ name: 'production' }],
    suppliers: [{ id: 'okta', name: 'Okta' }],
    fleet: fleet.settings,
  };
  await writeFile(join(folder, 'firebreak.yaml'), stringify(config));
});
afterAll(async () => {
  await fleet.stop();
  await rm(folder, { recursive: true, force: true });
});

async function firebreak<T>(expected: number | 'any', ...argv: string[]): Promise<T> {
  const env = { FIREBREAK_DATA: join(folder, 'data'), FIREBREAK_CONFIG: join(folder, 'firebreak.yaml') };
  const run = await runProgram([...argv, '--json'], { env, cwd: folder });
  if (expected === 'any') expect([0, 1]).toContain(run.exitCode);
  else expect(run.exitCode, `${argv.join(' ')}\n${run.stdout.slice(0, 3_000)}\n${run.stderr}`).toBe(expected);
  return JSON.parse(run.stdout) as T;
}

interface Census {
  total: number;
  examined: number;
  partial: number;
  refused: number;
  unreachable: number;
  notAttempted: number;
  excepted: number;
  outstanding: number;
}

interface Line {
  host: string;
  state: string;
  code: string;
}

test('every system has a verdict, and the census names those that are outstanding', async () => {
  const { truth, size } = fleet;
  await firebreak(0, 'incident', 'open', '--advisory', 'okta-2023-10');
  const outstanding = [...truth.unreachable, ...truth.refusing, ...truth.changedKey].sort();
  expect(outstanding.length).toBeGreaterThan(1);
  const done = await firebreak<{ collection: { status: string; census: Census }; outstanding: Line[] }>(
    1,
    'triage',
    'collect',
  );
  const { census } = done.collection;
  expect(done.collection.status).toBe('finished');
  expect(census).toMatchObject({
    total: size,
    notAttempted: 0,
    unreachable: truth.unreachable.length,
    refused: truth.refusing.length + truth.changedKey.length,
  });
  expect(
    census.examined +
      census.partial +
      census.refused +
      census.unreachable +
      census.notAttempted +
      census.excepted,
  ).toBe(size);
  const status = await firebreak<{ systems: Census; outstanding: Line[] }>(1, 'triage', 'status');
  const partial = status.outstanding.filter(({ state }) => state === 'partial').map(({ host }) => host);
  expect(status.outstanding.map(({ host }) => host).sort()).toEqual([...outstanding, ...partial].sort());
  for (const name of truth.changedKey)
    expect(status.outstanding.find(({ host }) => host === name)).toMatchObject({
      state: 'refused',
      code: 'host-key-changed',
    });
  // Whoever answers is examined whole, the real hosts too.
  expect(status.outstanding.filter(({ state }) => state === 'partial')).toEqual([]);
});

interface Outlier {
  host: string;
  key: string;
  path: string;
  score: number;
  technique: string;
  reasons: { kind: string; points: number; why: string }[];
}

const title = `the implant stands first among the outliers, with its reasons${fleet.real > 0 ? '' : ` (left out: ${fleet.realMissing})`}`;

test.skipIf(fleet.real === 0)(
  title,
  async () => {
    const { outliers } = await firebreak<{ outliers: Outlier[] }>(0, 'triage', 'stack', '--limit', '30');
    const brief = outliers.map(
      ({ host, key, score, reasons }) =>
        `${score} ${host} ${key} ${reasons.map(({ kind, points }) => `${kind} ${points}`).join(', ')}`,
    );
    expect(outliers[0]?.host, brief.join('\n')).toBe(fleet.truth.implanted);
    expect(fleet.truth.paths, brief.join('\n')).toContain(outliers[0]?.path);
    expect(outliers[0]?.technique).toMatch(/^T\d{4}/);
    expect(outliers[0]?.reasons.map(({ kind }) => kind)).toContain('finding');
    // And nothing of a host that is clean comes near.
    const best = outliers.find(({ host }) => host !== fleet.truth.implanted);
    expect(best?.score ?? 0, brief.join('\n')).toBeLessThan(outliers[0]?.score ?? 0);
    const shown = await firebreak<{ findings: { path: string }[]; raw: { check: string; sha256: string } }>(
      'any',
      'triage',
      'show',
      fleet.truth.implanted,
    );
    expect(shown.findings.map(({ path }) => path)).toContain(fleet.truth.paths[0]);
    expect(execFileSync('sh', ['-c', shown.raw.check]).toString().slice(0, 64)).toBe(shown.raw.sha256);
  },
  120_000,
);

interface Report {
  ok: boolean;
  rawCited: number;
  rawFound: number;
  faults: { field: string }[];
}

test('what the hosts sent leaves with the ledger, and its verifier misses what is gone', async () => {
  const whole = await firebreak<{ raw: { cited: number; embedded: number } }>(
    0,
    ...['evidence', 'export', 'whole.fbb', '--with-raw'],
  );
  expect(whole.raw.cited).toBeGreaterThan(100);
  expect(whole.raw.embedded).toBe(whole.raw.cited);
  const report = await firebreak<Report>(0, 'evidence', 'verify', 'whole.fbb');
  expect(report).toMatchObject({ ok: true, rawCited: whole.raw.cited, rawFound: whole.raw.cited });
  const kept = join(folder, 'data', 'evidence');
  const [gone = ''] = (await readdir(kept, { recursive: true })).filter((name) => name.endsWith('.gz'));
  await rename(join(kept, gone), join(folder, 'gone.gz'));
  const sha256 = basename(gone, '.gz');
  const short = await firebreak<{ raw: { missing: string[] } }>(
    1,
    ...['evidence', 'export', 'short.fbb', '--with-raw'],
  );
  expect(short.raw.missing).toEqual([sha256]);
  const { ok, faults } = await firebreak<Report>(1, 'evidence', 'verify', 'short.fbb');
  expect(ok).toBe(false);
  expect(faults.map(({ field }) => field).join()).toContain(`raw ${sha256} of entry`);
  await rename(join(folder, 'gone.gz'), join(kept, gone));
}, 120_000);

interface Survived {
  restarted: number;
  hosts: number;
  outliers: { host: string; artifact: string; key: string; path: string; fate: string; why: string }[];
}

test.skipIf(fleet.real === 0)(
  'after a restart what survived is told from what ended, and nothing is said of a host that did not restart',
  async () => {
    const role = ['--role', 'atlassian'];
    const { implanted, paths } = fleet.truth;
    // Examined again, and not restarted: nothing can be said.
    await firebreak('any', 'triage', 'collect', ...role);
    const still = await firebreak<Survived>(0, 'triage', 'survived');
    expect(still).toMatchObject({ restarted: 0, hosts: fleet.real });
    expect(new Set(still.outliers.map(({ fate }) => fate))).toEqual(new Set(['not-known']));

    await firebreak(0, 'reboot', 'plan', ...role);
    await firebreak(0, 'reboot', 'approve', '--approver', 'dana');
    const isDue = async () =>
      (await firebreak<{ steps: { what: string }[] }>('any', 'incident', 'next')).steps.some(
        ({ what }) => what === 'Examine again what was restarted',
      );
    expect(await isDue()).toBe(false);
    const applied = await firebreak<{ progress: { done: number } }>(0, 'reboot', 'apply');
    expect(applied.progress.done).toBe(fleet.real);
    expect(await isDue()).toBe(true);
    await firebreak('any', 'triage', 'collect', ...role);
    expect(await isDue()).toBe(false);
    const told = await firebreak<Survived>(0, 'triage', 'survived');
    expect(told).toMatchObject({ restarted: fleet.real, hosts: fleet.real });
    const brief = told.outliers.map(({ host, artifact, key, fate }) => `${fate} ${host} ${artifact} ${key}`);
    for (const path of paths)
      expect(
        told.outliers.some((one) => one.host === implanted && one.path === path && one.fate === 'survived'),
        brief.join('\n'),
      ).toBe(true);
    const one = await firebreak<Survived>(0, 'triage', 'survived', '--host', implanted);
    expect(one.hosts).toBe(1);
    expect(new Set(one.outliers.map(({ host }) => host))).toEqual(new Set([implanted]));
    // The process of the implant lived in memory only.
    const ended = told.outliers.filter(({ fate, artifact }) => fate === 'gone' && artifact === 'processes');
    expect(
      ended.map(({ host }) => host),
      brief.join('\n'),
    ).toContain(implanted);
  },
  300_000,
);

/** Of these, 1 is the right answer while something is outstanding. */
const mayBeOutstanding = /^firebreak triage (collect|status|retry|show)/;

test('every command of the how-to page does what it says', async () => {
  await copyFile(fleet.hostsFile, join(folder, 'hosts.csv'));
  const page = await readFile(packageFile('docs', 'howto', 'examine-systems.md'), 'utf8');
  const commands = [...page.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) =>
    (block ?? '').trim().split('\n'),
  );
  expect(commands.length).toBeGreaterThan(8);
  for (const command of commands) {
    const [program, ...argv] = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, bare]) => quoted ?? bare ?? '',
    );
    expect(program).toBe('firebreak');
    await firebreak(mayBeOutstanding.test(command) ? 'any' : 0, ...argv);
  }
});
