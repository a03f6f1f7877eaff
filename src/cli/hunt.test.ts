/** The hunt from the command line, over the real API, store and lake. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiLab, openApiLab } from '../../test/lab/api.ts';
import { runFirebreak } from '../../test/lab/cli.ts';
import { insertEvents } from '../../test/lab/lake.ts';

let lab: ApiLab;
beforeAll(async () => {
  lab = await openApiLab(`
firebreak: 1
organisation: Test
environments: [{name: production}]
suppliers: [{id: okta, name: Okta}]
systems: []
`);
  await runFirebreak(['incident', 'open', '--advisory', 'okta-2023-10'], lab);
  const at = (minute: number) => new Date(Date.UTC(2023, 10, 16, 14, minute)).toISOString();
  const by = { source: 'jira-audit', host: 'jira-01', src_ip: '104.251.211.122' };
  await insertEvents(await lab.lake(), [
    { ...by, time: at(0), actor_user_name: 'smartsheet_svc', event_code: 'jira.auditing.user.logged.in' },
    {
      ...by,
      time: at(36),
      actor_user_name: 'smartsheet_svc',
      event_code: 'jira.auditing.user.created',
      user_name: 'julian.hartwell',
      user_uid: 'JIRAUSER11873',
      time_text: '2023-11-16 14:36',
    },
    {
      ...by,
      time: at(37),
      actor_user_name: 'julian.hartwell',
      event_code: 'jira.auditing.user.added.to.group',
      user_name: 'julian.hartwell',
      group_name: 'jira-administrators\u001b[2J',
    },
  ]);
});
afterAll(() => lab?.close());

const period = ['--from', '2023-11-16', '--to', '2023-11-16'];

test('hunt ioc names what was seen, by whom and in which line, and exits with 1', async () => {
  const run = await runFirebreak(['hunt', 'ioc', ...period], lab);
  expect(run.stderr).toBe('');
  expect(run.stdout).toContain('1 of 18 indicators seen');
  expect(run.stdout).toContain('104.251.211.122');
  expect(run.stdout).toMatch(/2023-11-16 14:36:00 UTC .*julian|2023-11-16 14:36:00 UTC/);
  expect(run.exitCode).toBe(1);
  const json = (await runFirebreak(['hunt', 'ioc', ...period, '--json'], lab)).json() as {
    tally: { found: number; added: number };
  };
  expect(json.tally).toEqual({ found: 3, added: 0 });
});

test('hunt ioc --stix takes a bundle, and refuses what is none', async () => {
  const file = join(lab.domain.folder, 'bundle.json');
  const pattern = "[user-account:account_login = 'julian.hartwell']";
  const object = {
    type: 'indicator',
    id: 'indicator--1',
    name: 'his account',
    pattern,
    pattern_type: 'stix',
  };
  await writeFile(file, JSON.stringify({ type: 'bundle', id: 'bundle--1', objects: [object] }));
  const run = await runFirebreak(['hunt', 'ioc', '--stix', file, ...period], lab);
  expect(run.stdout).toContain('his account');
  await writeFile(file, 'not json');
  const wrong = await runFirebreak(['hunt', 'ioc', '--stix', file], lab);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain('bundle.json');
});

test('hunt findings lists them with their proof', async () => {
  const run = await runFirebreak(['hunt', 'findings', '--kind', 'indicator', '--limit', '2'], lab);
  expect(run.stdout).toContain('jira-audit on jira-01');
  expect(run.stdout).toContain('more: --after fnd_');
});

test('hunt descendants, made, contained, except: the way from outstanding to done', async () => {
  const found = await runFirebreak(['hunt', 'descendants', '--principal', 'smartsheet_svc', ...period], lab);
  expect(found.exitCode).toBe(1);
  expect(found.stdout).toContain('2 descendants of 1 exposed name: 2 outstanding');
  // What a log holds is never sent to the terminal as it is.
  expect(found.stdout).toContain('jira-administrators\\u001b[2J');
  const late = ['--because', 'disabled', '--at', '2023-11-16T14:00Z'];
  expect((await runFirebreak(['hunt', 'contained', 'julian.hartwell', ...late], lab)).exitCode).toBe(2);
  const done = await runFirebreak(
    [
      'hunt',
      'contained',
      'julian.hartwell',
      '--because',
      'disabled, Jira audit 17:23',
      '--at',
      '2023-11-16T17:23Z',
    ],
    lab,
  );
  expect(done.stdout).toContain('ledger entry');
  const page = (await runFirebreak(['hunt', 'made', '--state', 'outstanding', '--json'], lab)).json() as {
    descendants: { id: string; kind: string }[];
    census: { total: number; outstanding: number; contained: number };
  };
  expect(page.census).toMatchObject({ total: 2, outstanding: 1, contained: 1 });
  expect(page.descendants.map(({ kind }) => kind)).toEqual(['group-membership']);
  const id = page.descendants[0]?.id ?? '';
  const until = ['--approver', 'dana', '--reason', 'group is needed', '--until'];
  expect((await runFirebreak(['hunt', 'except', id, ...until, '2020-01-01'], lab)).exitCode).toBe(2);
  const soon = new Date(Date.now() + 7 * 24 * 60 * 60 * 1_000).toISOString();
  expect((await runFirebreak(['hunt', 'except', id, ...until, soon], lab)).exitCode).toBe(0);
  const after = await runFirebreak(['hunt', 'made'], lab);
  expect(after.exitCode).toBe(0);
  expect(after.stdout).toContain('disabled, Jira audit 17:23');
});

test('a wrong time is named with what was expected', async () => {
  const run = await runFirebreak(['hunt', 'ioc', '--from', 'yesterday'], lab);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain('--from');
});

test('hunt access counts things of how many, names who read them, and what it can not rule out', async () => {
  const minute = (at: number) => new Date(Date.UTC(2023, 10, 16, 15, at)).toISOString();
  await insertEvents(await lab.lake(), [
    {
      time: minute(0),
      source: 'jira-access',
      actor_user_name: 'julian.hartwell',
      src_ip: '104.251.211.122',
      http_method: 'GET',
      event_code: 'issue.view',
      resource_uid: 'SEC-1',
      http_url: '/browse/SEC-1',
      http_status: 200,
    },
    {
      time: minute(1),
      source: 'jira-access',
      actor_user_name: 'julian.hartwell',
      src_ip: '104.251.211.122',
      http_method: 'GET',
      event_code: 'issue.view',
      resource_uid: 'SEC-2',
      http_url: '/browse/SEC-2',
      http_status: 404,
    },
  ]);
  const totals = join(lab.domain.folder, 'totals.json');
  await writeFile(totals, JSON.stringify({ totals: { issues: 2_059_357 } }));
  const run = await runFirebreak(['hunt', 'access', '--totals', totals, '--list', ...period], lab);
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toMatch(/ticket +1 of 2,059,357 +1 viewed/);
  expect(run.stdout).toContain('SEC-1');
  expect(run.stdout).toContain('Asked for and refused: 1');
  expect(run.stdout).toContain('none are named in firebreak.yaml');
  const json = (await runFirebreak(['hunt', 'access', '--json', ...period], lab)).json() as {
    resourcesTotal: number;
  };
  expect(json.resourcesTotal).toBe(1);
});

test('hunt timeline goes to stdout or to a file, in every format', async () => {
  const shown = await runFirebreak(['hunt', 'timeline', ...period], lab);
  expect(shown.exitCode).toBe(0);
  expect(shown.stdout).toMatch(
    /2023-11-16 15:00:00 UTC {2}finding.*SEC-1.*julian\.hartwell from 104\.251\.211\.122|access/,
  );
  const json = (await runFirebreak(['hunt', 'timeline', '--json', ...period], lab)).json() as {
    timeline: { kinds: string[] }[];
  };
  expect(new Set(json.timeline.flatMap(({ kinds }) => kinds))).toEqual(
    new Set(['finding', 'descendant', 'session', 'access', 'act']),
  );
  const file = join(lab.domain.folder, 'timeline.jsonl');
  const written = await runFirebreak(
    ['hunt', 'timeline', '--format', 'timesketch', '--out', file, ...period],
    lab,
  );
  expect(written.stdout).toContain('written');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(json.timeline.length);
  expect((await runFirebreak(['hunt', 'timeline', '--format', 'xml'], lab)).exitCode).toBe(2);
});
