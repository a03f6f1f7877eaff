/** The whole job through the command line, against a real PostgreSQL. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiLab, openApiLab } from '../../test/lab/api.ts';
import { runFirebreak } from '../../test/lab/cli.ts';
import { startTargetPostgres, type TargetPostgres } from '../../test/lab/target-postgres.ts';

let target: TargetPostgres;
let lab: ApiLab;

const roles = ['billing', 'legacy', 'reporting', 'search'];

beforeAll(async () => {
  target = await startTargetPostgres();
  for (const role of roles) await target.sql(`create role ${role} login password 'old-${role}-4711'`);
  lab = await openApiLab(async (folder) => {
    const env = join(folder, 'env');
    await mkdir(env);
    for (const role of roles) await writeFile(join(env, `${role}.env`), `DB_PASSWORD=old-${role}-4711\n`);
    return JSON.stringify({
      firebreak: 1,
      organisation: 'Test',
      environments: [{ name: 'production' }],
      suppliers: [{ id: 'circleci', name: 'CircleCI' }],
      systems: [
        {
          name: 'core-db',
          connector: 'postgres',
          environment: 'production',
          suppliers: ['circleci'],
          hosts: ['core-db.corp.example'],
          config: target.config,
          oldSecret: { file: 'env/{name}.env', key: 'DB_PASSWORD' },
          delivery: { kind: 'env-file', path: 'env/{name}.env', key: 'DB_PASSWORD' },
        },
      ],
      policy: { waves: { canary: 1 } },
    });
  });
});
afterAll(async () => {
  await lab?.close();
  await target?.close();
});

const inTenDays = () => new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);

const shown: string[] = [];
async function firebreak(...argv: string[]) {
  const run = await runFirebreak(argv, lab);
  shown.push(`$ firebreak ${argv.join(' ')}\n${run.stdout}${run.stderr}=> ${run.exitCode}\n`);
  return run;
}

test('from the breach to the proof', async () => {
  expect(await firebreak('inventory', 'discover')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('1 discovered, 0 failed'),
  });
  const csv = join(lab.domain.folder, 'claims.csv');
  await writeFile(csv, 'system,kind,name,claimedUnusedBy\ncore-db,password,legacy,platform-team\n');
  expect((await firebreak('inventory', 'import', 'claims.csv', '--source', 'cmdb')).exitCode).toBe(0);
  expect((await firebreak('incident', 'open', '--advisory', 'circleci-2023-01')).exitCode).toBe(0);
  const open = await firebreak('incident', 'census');
  expect(open.exitCode).toBe(1);
  expect(open.stdout).toContain(
    'core-db/password/legacy  believed unused by platform-team: that closes nothing',
  );
  await firebreak('incident', 'next');
  expect((await firebreak('incident', 'close')).exitCode).toBe(1);
  const { stdout } = await firebreak('rotate', 'plan', '--json');
  const plan = (JSON.parse(stdout) as { id: string }).id;
  const refused = await firebreak('rotate', 'apply', plan);
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toContain(`firebreak rotate approve ${plan} --approver NAME`);
  await firebreak('rotate', 'show', plan, '--members');
  expect((await firebreak('rotate', 'approve', plan, '--approver', 'dana')).exitCode).toBe(0);
  const pressed = {
    onInterrupt: (handler: () => void) => {
      setImmediate(handler);
      return () => {};
    },
  };
  const paused = await runFirebreak(['rotate', 'apply', plan], lab, pressed);
  expect(paused.stderr).toContain('Pausing after');
  expect(paused).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/paused[\s\S]*Next: firebreak rotate apply/),
  });
  expect((await firebreak('rotate', 'apply', plan)).exitCode).toBe(0);
  expect((await firebreak('rotate', 'status')).exitCode).toBe(0);
  const own = await firebreak('incident', 'census');
  expect(own, 'the administrator that we log in with can not be rotated by us').toMatchObject({
    exitCode: 1,
  });
  const except = ['exposure', 'except', 'core-db/password/admin', '--reason', 'replaced by hand on Monday'];
  expect((await firebreak(...except, '--approver', 'dana', '--until', 'yesterday')).exitCode).toBe(2);
  expect((await firebreak(...except, '--approver', 'dana', '--until', inTenDays())).exitCode).toBe(0);
  const rotated = await firebreak('incident', 'census');
  expect(rotated).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('Not complete: not begun: '),
  });
  expect((await firebreak('incident', 'close')).stderr).toContain('systems: expected begun or excepted');
  const questions = await firebreak('incident', 'questions', '--json');
  expect(questions.exitCode).toBe(1);
  const ids = (questions.json() as { questions: { id: string }[] }).questions.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(['logs', 'systems', 'restarts']));
  const sign = ['incident', 'except', ...ids, '--reason', 'a test of credentials', '--approver', 'dana'];
  expect((await firebreak(...sign, '--until', 'yesterday')).exitCode).toBe(2);
  expect((await firebreak(...sign, '--until', inTenDays())).exitCode).toBe(0);
  expect(await firebreak('incident', 'questions')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('approved by dana: a test of credentials'),
  });
  const closed = await firebreak('incident', 'census', '--json');
  expect(closed.exitCode).toBe(0);
  expect(closed.json()).toMatchObject({
    census: { credentials: { total: 5, provenDead: 4, excepted: 1, outstanding: 0 }, complete: true },
  });
  await firebreak('incident', 'census');
  const proof = await firebreak('rotate', 'prove', 'core-db/password/legacy');
  expect(proof).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('28P01') });
  expect((await firebreak('rotate', 'prove', 'core-db/password/legacy', '--json')).json()).toMatchObject({
    statement: { subject: [{ name: 'core-db/password/legacy' }] },
    envelope: { payloadType: 'application/vnd.in-toto+json' },
    signatureValid: true,
    included: true,
  });
});

test('the evidence can be checked by somebody who does not trust us', async () => {
  const bundle = join(lab.domain.folder, 'bundle.fbb');
  expect((await firebreak('evidence', 'export', 'bundle.fbb')).exitCode).toBe(0);
  expect((await firebreak('evidence', 'export', 'bundle.fbb')).exitCode, 'it is there already').toBe(1);
  // Without an installation, as they would.
  expect(await runFirebreak(['evidence', 'verify', bundle])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('intact'),
  });
  const bytes = await readFile(bundle);
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
  await writeFile(bundle, bytes);
  const broken = await runFirebreak(['evidence', 'verify', bundle, '--json']);
  expect(broken.exitCode).toBe(1);
  expect(broken.json()).toMatchObject({
    ok: false,
    faults: expect.arrayContaining([expect.objectContaining({ line: expect.any(Number) })]),
  });
  await firebreak('evidence', 'list', '--kind', 'proof');
  await firebreak('evidence', 'show', '3');
});

test('the report is written whole, and the incident closes', async () => {
  const file = join(lab.domain.folder, 'report.html');
  expect((await firebreak('report', 'render', '--format', 'html', '--out', 'report.html')).exitCode).toBe(0);
  expect(await readFile(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/i);
  const json = await firebreak('report', 'render', '--format', 'json', '--json');
  expect(json.json()).toMatchObject({ format: 'json', report: { report: { complete: true } } });
  expect((await firebreak('report', 'render', '--format', 'md')).stdout).toMatch(/^# /);
  expect((await firebreak('incident', 'close')).exitCode).toBe(0);
  expect((await firebreak('incident', 'next', '--incident', 'inc_')).stdout).toContain('Closed');
});

test('no secret stood in any of it', () => {
  const text = shown.join('\n');
  for (const role of roles) expect(text).not.toContain(`old-${role}-4711`);
  expect(text.length).toBeGreaterThan(5_000);
});
