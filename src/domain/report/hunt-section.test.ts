/** What a report says of the hunt: each number with the ledger entry that holds it, and what can't be ruled out. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertEvents } from '../../../test/lab/lake.ts';
import { type HuntLab, openHuntLab } from '../hunt/__fixtures__/lab.ts';
import { containDescendant, huntAccess, huntDescendants, huntIndicators } from '../hunt/index.ts';
import { closeIncident, nextSteps, takeCensus } from '../incident/index.ts';
import { Report, renderReport } from './index.ts';

let lab: HuntLab;
const [from, to] = [new Date('2023-11-16T14:00:00Z'), new Date('2023-11-16T16:00:00Z')];
const at = (minute: number) => new Date(from.getTime() + minute * 60_000).toISOString();
const period = { from, to };
const principals = [{ principal: 'svc', ...period }];

async function read(): Promise<Report> {
  let text = '';
  for await (const piece of renderReport(lab.context, lab.incident, 'json')) text += piece;
  return Report.parse(JSON.parse(text));
}
const blocksOf = (report: Report) => report.sections.find(({ id }) => id === 'hunt')?.blocks ?? [];
const factOf = (report: Report, id: string) =>
  report.sections
    .flatMap(({ blocks }) => blocks)
    .flatMap((block) => (block.type === 'fact' && block.fact.id === id ? [block.fact] : []))[0];
const tableOf = (report: Report, id: string) =>
  blocksOf(report).flatMap((block) => (block.type === 'table' && block.id === id ? [block] : []))[0];

beforeAll(async () => {
  lab = await openHuntLab();
});
afterAll(() => lab?.close());

test('before a hunt the report says that none was made, and what to do next is to read the logs', async () => {
  const report = await read();
  expect(factOf(report, 'hunt')?.statement).toBe('No log was looked into.');
  expect(factOf(report, 'no-hunt')).toBeDefined();
  const steps = await nextSteps(lab.context, lab.incident);
  expect(steps.map(({ command }) => command)).toContain('firebreak logs ingest PATH');
});

test('afterwards: findings by rule, what was made with its state and proof, of how many, and the verdicts', async () => {
  const by = { source: 'jira-audit', src_ip: '104.251.211.122', actor_user_name: 'svc' };
  const { fileId } = await insertEvents(lab.lake, [
    { ...by, time: at(1), event_code: 'jira.auditing.user.created', user_name: 'julian', made_uid: 'J1' },
    {
      ...by,
      time: at(2),
      source: 'jira-access',
      event_code: 'issue.view',
      resource_uid: 'SEC-1',
      http_status: 200,
    },
    {
      ...by,
      time: at(3),
      source: 'jira-access',
      event_code: 'issue.view',
      resource_uid: 'SEC-2',
      http_status: 403,
    },
  ]);
  const input = { incidentId: lab.incident.id, period, sources: [] };
  const ioc = await huntIndicators(lab.context, { ...input, advisories: [lab.advisory] });
  const made = await huntDescendants(lab.context, { ...input, principals });
  const totalsFile = join(lab.domain.folder, 'totals.json');
  await writeFile(totalsFile, JSON.stringify({ totals: { issues: 2_059_357 } }));
  const access = await huntAccess(lab.context, {
    ...input,
    attacker: { principals, addresses: [] },
    totalsFile,
    classes: [{ class: 'customer-data', stores: [{ source: 'postgres-csvlog' }] }],
  });
  const report = await read();
  const kindOf = async (seq: number | undefined) =>
    seq === undefined ? undefined : (await lab.context.ledger.entry(seq)).kind;

  expect(factOf(report, 'no-hunt')).toBeUndefined();
  expect(tableOf(report, 'findings')?.rows).toEqual([
    expect.objectContaining({
      cells: expect.objectContaining({ findings: ioc.tally.found, severity: 'medium' }),
    }),
  ]);
  expect(await kindOf(tableOf(report, 'findings')?.rows[0]?.citations[0])).toBe('hunt.ioc.finished');
  const [row] = tableOf(report, 'descendants')?.rows ?? [];
  expect(row?.cells).toMatchObject({ name: 'julian', state: 'outstanding', by: 'svc' });
  expect(row?.cells.proof).toBe(`jira-audit, line 1 of the file with SHA-256 ${fileId}`);
  expect(await kindOf(row?.citations[0])).toBe('hunt.descendants.finished');
  const tickets = factOf(report, 'access-ticket');
  expect(tickets?.statement).toBe(
    '1 of 2,059,357 tickets read (1 viewed); 1 more was asked for and refused.',
  );
  expect(await kindOf(tickets?.citations[0])).toBe('hunt.access.finished');
  expect(tableOf(report, 'protected-classes')?.rows[0]?.cells).toMatchObject({
    class: 'customer-data',
    verdict: 'cannot be ruled out',
    because: 'no log of postgres-csvlog was ingested',
  });
  expect(access.classes[0]?.verdict).toBe('cannot-be-ruled-out');
  expect(made.census.outstanding).toBe(1);
});

test('while something that was made is outstanding, the incident is not complete and can not be closed', async () => {
  const census = await takeCensus(lab.context, lab.incident);
  expect(census).toMatchObject({
    complete: false,
    descendants: { total: 1, outstanding: 1 },
    hunts: { total: 3, finished: 3, unfinished: 0 },
  });
  await expect(closeIncident(lab.context, lab.incident)).rejects.toMatchObject({
    code: 'outstanding',
    message: expect.stringContaining('1 descendant outstanding'),
  });
  const steps = await nextSteps(lab.context, lab.incident);
  expect(steps.map(({ what, urgency }) => [what, urgency])).toContainEqual(['Contain 1 descendant', 'now']);
  await containDescendant(lab.context, lab.incident.id, 'julian', {
    because: 'disabled',
    at: new Date(at(90)),
  });
  const after = await takeCensus(lab.context, lab.incident);
  expect(after.descendants).toMatchObject({ outstanding: 0, contained: 1 });
  const report = await read();
  const [row] = tableOf(report, 'descendants')?.rows ?? [];
  expect(row?.cells).toMatchObject({ state: 'contained', reason: 'disabled' });
  expect((await lab.context.ledger.entry(row?.citations[0] ?? 0)).kind).toBe('hunt.descendant.contained');
});

test('a hunt that failed stays in the census until a later one of its kind finishes', async () => {
  const broken = { ...lab.context, lake: () => Promise.reject(new Error('the lake is away')) };
  const input = { incidentId: lab.incident.id, period, sources: [], advisories: [lab.advisory] };
  await expect(huntIndicators(broken, input)).rejects.toThrow('the lake is away');
  expect((await takeCensus(lab.context, lab.incident)).hunts).toMatchObject({ unfinished: 1 });
  await huntIndicators(lab.context, input);
  expect((await takeCensus(lab.context, lab.incident)).hunts).toMatchObject({ unfinished: 0 });
});
