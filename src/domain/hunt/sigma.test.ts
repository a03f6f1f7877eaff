/** `hunt sigma` on a real store and lake: our own rules on logs in the vendors' formats, read by the real sources. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ingestLogs, sources } from '../../lake/index.ts';
import { type HuntLab, openHuntLab } from './__fixtures__/lab.ts';
import { logs } from './__fixtures__/sigma-logs.ts';
import { checkSigma, huntSigma, type SigmaInput } from './sigma.ts';
import { listFindings, listRuns } from './store.ts';

let lab: HuntLab;
let folder: string;
beforeAll(async () => {
  lab = await openHuntLab();
  folder = await mkdtemp(join(tmpdir(), 'firebreak-sigma-'));
  await Promise.all(logs.map(({ name, lines }) => writeFile(join(folder, name), `${lines.join('\n')}\n`)));
  for (const { name, source } of logs.filter(({ source }) => sources.some(({ id }) => id === source))) {
    const report = await ingestLogs(lab.lake, { paths: [join(folder, name)], source, sources });
    expect(report.failed, name).toEqual([]);
  }
});
afterAll(async () => {
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});

const period = { from: new Date('2023-11-14T00:00:00Z'), to: new Date('2023-11-25T00:00:00Z') };
const input = (more: Partial<SigmaInput> = {}): SigmaInput => ({
  incidentId: lab.incident.id,
  sources,
  period,
  ...more,
});

/** By file: the lines of each rule's findings. */
async function found(more: Partial<SigmaInput> = {}) {
  const report = await huntSigma(lab.context, input(more));
  const rows = await lab.lake.rows<{ fileId: string; path: string }>(
    'SELECT toString(file_id) AS fileId, path FROM files',
  );
  const names = new Map(rows.map(({ fileId, path }) => [fileId, path.slice(path.lastIndexOf('/') + 1)]));
  const byRule: Record<string, string[]> = {};
  for (const { title, event } of report.findings) {
    byRule[title] ??= [];
    byRule[title].push(`${names.get(event.fileId)}:${event.line}`);
  }
  for (const all of Object.values(byRule)) all.sort();
  return { report, byRule };
}

test('each rule of ours matches the lines that it is for, and no other', async () => {
  const { report, byRule } = await found();
  const expected: Record<string, string[]> = {};
  for (const { name, source, matches } of logs.filter(({ source }) =>
    sources.some(({ id }) => id === source),
  )) {
    expect(source).not.toBe('');
    for (const [title, lines] of Object.entries(matches))
      expected[title] = [...(expected[title] ?? []), ...lines.map((line) => `${name}:${line}`)].sort();
  }
  expect(byRule).toEqual(expected);
  expect(
    report.notCompiled
      .map(({ title, reason }) => `${title}: ${reason}`)
      .filter((one) => !one.includes('placeholders')),
  ).toEqual([]);
  const spree = report.findings.find(({ title }) => title.startsWith('Many Bitbucket Repositories Taken'));
  if (sources.some(({ id }) => id === 'bitbucket-access'))
    expect(spree).toMatchObject({
      severity: 'high',
      techniques: ['T1213.003', 'T1560'],
      data: { correlation: 'event_count', group: { 'cs-username': 'bitbucket_svc' }, measured: 10, peak: 12 },
    });
});

test('a run is written down, and running again adds nothing', async () => {
  const [before, first] = [await lab.context.db.selectFrom('finding').select('id').execute(), await found()];
  expect(first.report.tally).toEqual({ found: first.report.findings.length, added: 0 });
  expect(await lab.context.db.selectFrom('finding').select('id').execute()).toHaveLength(before.length);
  const runs = await listRuns(lab.context.db, lab.incident.id, 'sigma');
  expect(runs.at(-1)).toMatchObject({ failedBecause: null, found: first.report.findings.length, added: 0 });
  expect(runs.at(-1)?.ledgerSeq).toBeGreaterThan(0);
  const kept = await listFindings(lab.context.db, {
    incidentId: lab.incident.id,
    ruleKind: 'sigma',
    limit: 1_000,
  });
  expect(kept.length).toBe(first.report.findings.length);
  expect(kept.every(({ techniques }) => techniques.length > 0)).toBe(true);
});

test('a hunt that is cancelled ends, and is written down as failed', async () => {
  const cancel = new AbortController();
  const onProgress = () => cancel.abort();
  await expect(huntSigma(lab.context, input({ signal: cancel.signal, onProgress }))).rejects.toThrow(
    'aborted',
  );
  const runs = await listRuns(lab.context.db, lab.incident.id, 'sigma');
  expect(runs.at(-1)?.failedBecause).toContain('aborted');
});

test('rules below the level are not looked for; the period bounds what is found', async () => {
  const { report } = await found({ severityMin: 'high' });
  expect(new Set(report.results.map(({ severity }) => severity))).toEqual(new Set(['high']));
  const empty = { from: new Date('2022-01-01T00:00:00Z'), to: new Date('2022-01-02T00:00:00Z') };
  expect((await found({ period: empty })).report.findings).toEqual([]);
});

test('rules that can not be looked for are outstanding, with file, line and reason', async () => {
  const file = join(folder, 'own.yml');
  const rule = (id: string, detection: string, service = 'audit') =>
    `title: ${id}\nid: ${id}\nlogsource:\n    product: jira\n    service: ${service}\ndetection:\n    s:\n        ${detection}\n    condition: s\n`;
  await writeFile(
    file,
    [
      rule('look', "author.name|re: 'a(?=b)'"),
      rule('odd', 'author.name|soundslike: x'),
      rule('who', "author.name|expand: '%nobody%'"),
      rule('else', 'a: b', 'printer'),
      rule('fine', 'author.name: nobody'),
      'title: [',
    ].join('---\n'),
  );
  const report = await huntSigma(lab.context, input({ rules: [file] }));
  expect(report.results.map(({ rule }) => rule)).toEqual(['fine']);
  expect(report.noSource).toMatchObject([
    { rule: 'else', reason: expect.stringContaining('service printer') },
  ]);
  expect(report.notCompiled.map(({ line, reason }) => `${line}: ${reason}`).sort()).toEqual([
    expect.stringMatching(/^18: detection.s.author.name\|soundslike: the specification has no modifier/),
    expect.stringMatching(/^1: the engine's RE2 does not take .*perl operator/),
    expect.stringMatching(/^28: .*no values are given for the placeholder %nobody%/),
    expect.stringMatching(/^\d+: it is no valid YAML/),
  ]);
  expect(report.outstanding.filter(({ what }) => what.includes('was not looked for'))).toHaveLength(4);
  const check = await checkSigma(lab.context, input({ rules: [file] }));
  expect(check).toMatchObject({ rules: 3, correlations: 0 });
  expect(check.notCompiled).toHaveLength(4);
  await expect(huntSigma(lab.context, input({ rules: [join(folder, 'gone')] }))).rejects.toMatchObject({
    code: 'bad_input',
  });
});

test('filters are added to the rules that they name', async () => {
  const file = join(folder, 'filtered.yml');
  await writeFile(
    file,
    `title: created\nid: made\nlogsource: {product: jira, service: audit}\ndetection: {s: {auditType.actionI18nKey: jira.auditing.user.created}, condition: s}\n---\n` +
      `title: but the administrator's\nlogsource: {product: jira}\nfilter: {rules: [made], selection: {author.name: admin}, condition: not selection}\n`,
  );
  const { report } = await found({ rules: [file] });
  expect(report.findings.map(({ event }) => event.actor)).toEqual(['smartsheet_svc']);
});
