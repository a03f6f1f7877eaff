/** `firebreak hunt sigma` over the real API, store and lake. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiLab, openApiLab } from '../../test/lab/api.ts';
import { runFirebreak } from '../../test/lab/cli.ts';
import { insertEvents } from '../../test/lab/lake.ts';

let lab: ApiLab;
let rule: string;
beforeAll(async () => {
  lab = await openApiLab('firebreak: 1\norganisation: Test\nsystems: []\n');
  expect((await runFirebreak(['incident', 'open', '--advisory', 'okta-2023-10'], lab)).exitCode).toBe(0);
  const raw = JSON.stringify({ eventName: 'CreateAccessKey', eventSource: 'iam.amazonaws.com' });
  await insertEvents(await lab.lake(), [
    {
      source: 'cloudtrail',
      time: '2023-11-14T09:30:00Z',
      raw,
      actor_user_name: 'eve\u001b[31m',
      src_ip: '203.0.113.77',
      event_code: 'CreateAccessKey',
      fields: {},
    },
    { source: 'cloudtrail', time: '2023-11-14T09:31:00Z', raw: raw.replace('Create', 'List'), fields: {} },
  ]);
  rule = join(lab.domain.folder, 'rules.yml');
  const text = (id: string, product: string, name: string) =>
    `title: ${id}\nid: ${id}\nlevel: high\ntags: [attack.t1098.001]\nlogsource: {product: ${product}}\ndetection: {s: {eventName|expand: '${name}'}, condition: s}\n`;
  await writeFile(
    rule,
    [
      text('Key made', 'aws', 'createaccesskey'),
      text('Elsewhere', 'abacus', 'x'),
      text('Open', 'aws', '%names%'),
    ].join('---\n'),
  );
});
afterAll(() => lab?.close());

const period = ['--from', '2023-11-14', '--to', '2023-11-15'];

test('hunt sigma names rule, level, technique, time, who, from where and the line, and what was not looked for', async () => {
  const run = await runFirebreak(['hunt', 'sigma', '--rules', rule, ...period], lab);
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toContain('1 of 1 rule matched; 1 finding, 1 new');
  expect(run.stdout).toMatch(
    /2023-11-14 09:30\S* .*high +Key made +T1098\.001 +eve\\u001b\[31m +203\.0\.113\.77 +CreateAccessKey +cloudtrail +\w{12}:1/,
  );
  expect(run.stdout).toMatch(/1 rule not compiled\n +Open .*rules\.yml:20: .*%names%/);
  expect(run.stdout).toMatch(
    /1 rule without a source or a value\n +Elsewhere .*rules\.yml:8: no source has product abacus/,
  );
  const again = await runFirebreak(['hunt', 'sigma', '--rules', rule, ...period, '--json'], lab);
  expect(again.json()).toMatchObject({
    tally: { found: 1, added: 0 },
    matches: [{ title: 'Key made', event: { line: 1 } }],
  });
});

test('values for placeholders come from a file', async () => {
  const values = join(lab.domain.folder, 'values.yml');
  await writeFile(values, 'names: [List*, other]\n');
  const run = await runFirebreak(
    ['hunt', 'sigma', '--rules', rule, '--placeholders', values, ...period],
    lab,
  );
  expect(run.stdout).toContain('2 of 2 rules matched; 2 findings, 1 new');
  await writeFile(values, 'names: 5\n');
  expect(
    (await runFirebreak(['hunt', 'sigma', '--rules', rule, '--placeholders', values], lab)).exitCode,
  ).toBe(2);
});

test('hunt sigma --check compiles alone', async () => {
  const run = await runFirebreak(['hunt', 'sigma', '--rules', rule, '--check'], lab);
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toContain('2 rules and 0 correlations read; 1 do not compile');
  expect((await runFirebreak(['hunt', 'sigma', '--check'], lab)).exitCode).toBe(0);
  expect((await runFirebreak(['hunt', 'sigma', '--min-level', 'awful'], lab)).exitCode).toBe(2);
  expect((await runFirebreak(['hunt', 'sigma', '--rules', '/gone', '--check'], lab)).exitCode).toBe(2);
});
