/** What nobody began and what hunts could not answer is named, holds the incident open, and is signed for or answered. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertEvents } from '../../../test/lab/lake.ts';
import { jsonRecord, testSources } from '../../../test/lab/log-source.ts';
import { signForQuestions } from '../../../test/lab/questions.ts';
import { type HuntLab, openHuntLab } from '../hunt/__fixtures__/lab.ts';
import { huntDescendants, huntIndicators, ingestIntoLake } from '../hunt/index.ts';
import { saveStatements } from '../inventory/index.ts';
import { Report, renderReport } from '../report/index.ts';
import { closeIncident, exceptQuestion, nextSteps, readQuestions, takeCensus } from './index.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const hourMs = 60 * 60 * 1_000;
const begin = Date.parse('2023-11-16T00:00:00Z');
const until = () => new Date(Date.now() + 7 * dayMs);
const signed = () => ({ reason: 'looked at by hand', approver: 'dana', until: until() });
const sources = [{ id: 'test' }, ...testSources];
const principals = [{ principal: 'svc', from: new Date(begin), to: new Date(begin + 4 * dayMs) }];
const days = { from: new Date(begin), to: new Date(begin + 4 * dayMs) };

let lab: HuntLab;
let folder: string;
beforeAll(async () => {
  lab = await openHuntLab();
  folder = await mkdtemp(join(tmpdir(), 'firebreak-questions-'));
});
afterAll(async () => {
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});

const open = async (kind?: string) =>
  (await readQuestions(lab.context, lab.incident)).filter(
    (one) => one.state === 'open' && (kind === undefined || one.kind === kind),
  );
const openIds = async () => (await open()).map(({ id }) => id);
const minutes = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({
    source: 'test',
    time: new Date(begin + (from + n) * 60_000).toISOString(),
    actor_user_name: 'other',
  }));

test('an incident in which nothing was begun is not complete, and says what was not begun', async () => {
  const census = await takeCensus(lab.context, lab.incident);
  const notBegun = ['inventory', 'scans', 'logs', 'systems', 'restarts'];
  expect(census).toMatchObject({
    complete: false,
    questions: { total: 5, open: 5, excepted: 0, doubts: 0, notBegun },
  });
  await expect(closeIncident(lab.context, lab.incident)).rejects.toMatchObject({
    code: 'outstanding',
    message: expect.stringContaining('not begun: inventory, scans, logs, systems, restarts'),
    faults: notBegun.map((field) => ({ field, expected: 'begun or excepted', got: expect.anything() })),
  });
  const steps = await nextSteps(lab.context, lab.incident);
  // A restart before the first examination would destroy what is in memory.
  expect(steps.map(({ command }) => command)).toEqual([
    'firebreak inventory discover',
    'firebreak exposure scan PATH',
    'firebreak logs ingest PATH',
    'firebreak triage collect',
  ]);
});

test('what is out of scope is signed for with a reason and an end; it is open again when that comes', async () => {
  await saveStatements(
    lab.context.db,
    'asset-list',
    [{ system: 'idp', kind: 'token', name: 'a', class: 'api-token' }],
    lab.context,
  );
  const sign = (id: string, end = until()) =>
    exceptQuestion(lab.context, lab.incident, id, { ...signed(), until: end });
  await expect(sign('systems', new Date(Date.now() - dayMs))).rejects.toMatchObject({ code: 'bad_input' });
  await expect(sign('systems', new Date(Date.now() + 4_000 * dayMs))).rejects.toMatchObject({
    code: 'bad_input',
  });
  await expect(sign('nothing')).rejects.toMatchObject({ code: 'not_found' });
  const { ledgerSeq } = await sign('systems');
  expect(await lab.context.ledger.entry(ledgerSeq)).toMatchObject({
    kind: 'incident.excepted',
    actor: 'dana',
    subject: 'systems',
    data: { reason: 'looked at by hand', requestedBy: 'tester', dsse: expect.anything() },
  });
  expect(await openIds()).toEqual(['scans', 'logs', 'restarts']);
  // Whoever does not examine systems may still restart them.
  const steps = async () => (await nextSteps(lab.context, lab.incident)).map(({ command }) => command);
  expect(await steps()).toContain('firebreak reboot plan');
  await lab.context.db
    .updateTable('incident_exception')
    .set({ until: new Date(Date.now() - 1_000) })
    .execute();
  expect(await openIds()).toContain('systems');
  for (const id of ['scans', 'systems', 'restarts']) await sign(id);
  expect(await openIds()).toEqual(['logs']);
});

test('a file that is not read is a doubt until it is read; logs that came in make the hunts due', async () => {
  const path = join(folder, 'a.log');
  await writeFile(path, 'nothing that any source writes\n');
  const ingest = () =>
    ingestIntoLake(lab.context, { incidentId: lab.incident.id, paths: [folder], sources: testSources });
  await ingest();
  expect(await open('doubt')).toEqual([
    expect.objectContaining({ what: `${path} is not in the lake`, state: 'open' }),
  ]);
  expect((await open('not-begun')).map(({ id }) => id)).toEqual([
    'hunt-ioc',
    'hunt-sigma',
    'hunt-descendants',
    'hunt-access',
  ]);
  await writeFile(path, `${jsonRecord(1)}\n{"broken\n`);
  await ingest();
  expect(await open('doubt')).toEqual([
    expect.objectContaining({ what: expect.stringContaining('1 record of') }),
  ]);
});

test('a gap in the logs is a doubt of the hunt until logs fill it or somebody signs for it', async () => {
  await insertEvents(lab.lake, [...minutes(0, 600), ...minutes(5_000, 5_760)]);
  const hunt = () =>
    huntDescendants(lab.context, { incidentId: lab.incident.id, principals, period: days, sources });
  await hunt();
  const gaps = async () => (await open('doubt')).filter(({ what }) => what.startsWith('test covers'));
  const [gap] = await gaps();
  expect(gap).toMatchObject({
    what: 'test covers only a part of 2023-11-16T00:00:00.000Z to 2023-11-20T00:00:00.000Z',
    why: expect.stringContaining('silent for'),
  });
  expect((await nextSteps(lab.context, lab.incident)).map(({ command }) => command)).toContain(
    `firebreak incident except ${gap?.id} --reason WHY --approver NAME --until YYYY-MM-DD`,
  );
  await expect(closeIncident(lab.context, lab.incident)).rejects.toMatchObject({
    message: expect.stringContaining('of the hunts open'),
    faults: expect.arrayContaining([
      { field: gap?.id, expected: 'answered or excepted', got: expect.stringContaining('silent for') },
    ]),
  });
  // The same question about a shorter time takes nothing back.
  const hour = { from: new Date(begin), to: new Date(begin + hourMs) };
  await huntDescendants(lab.context, { incidentId: lab.incident.id, principals, period: hour, sources });
  expect(await gaps()).toEqual([gap]);
  await exceptQuestion(lab.context, lab.incident, gap?.id ?? '', signed());
  expect(await gaps()).toEqual([]);
  // Another gap is another doubt: nobody has signed for it.
  const wide = { from: new Date(begin - dayMs), to: new Date(begin + 4 * dayMs) };
  await huntDescendants(lab.context, { incidentId: lab.incident.id, principals, period: wide, sources });
  expect(await gaps()).toHaveLength(1);
  await insertEvents(lab.lake, [...minutes(-1_440, 0), ...minutes(600, 5_000)]);
  await huntDescendants(lab.context, { incidentId: lab.incident.id, principals, period: wide, sources });
  expect(await gaps()).toEqual([]);
});

test('hunts that were done before more logs came in are due again', async () => {
  const notBegun = async () => (await open('not-begun')).map(({ id }) => id);
  expect(await notBegun()).not.toContain('hunt-descendants');
  await writeFile(join(folder, 'b.log'), `${jsonRecord(7)}\n`);
  await ingestIntoLake(lab.context, { incidentId: lab.incident.id, paths: [folder], sources: testSources });
  const due = (await open()).find(({ id }) => id === 'hunt-descendants');
  expect(due).toMatchObject({ what: 'Look for what was made again', command: 'firebreak hunt descendants' });
  const stale = await notBegun();
  // The same files once more bring nothing.
  await huntDescendants(lab.context, { incidentId: lab.incident.id, principals, period: days, sources });
  await ingestIntoLake(lab.context, { incidentId: lab.incident.id, paths: [folder], sources: testSources });
  expect(await notBegun()).toEqual(stale.filter((id) => id !== 'hunt-descendants'));
});

test('what an indicator file asks for and nobody can look for stays in doubt', async () => {
  const stix = join(folder, 'bundle.json');
  const pattern = (id: string, text: string) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${id}`,
    created: '2023-11-24T00:00:00.000Z',
    modified: '2023-11-24T00:00:00.000Z',
    pattern: text,
    pattern_type: 'stix',
    valid_from: '2023-11-24T00:00:00.000Z',
  });
  const objects = [
    pattern('11111111-1111-4111-8111-111111111111', "[domain-name:value = 'evil.example']"),
    pattern('22222222-2222-4222-8222-222222222222', "[mutex:name = 'x']"),
  ];
  await writeFile(
    stix,
    JSON.stringify({ type: 'bundle', id: 'bundle--11111111-1111-4111-8111-111111111112', objects }),
  );
  await huntIndicators(lab.context, {
    incidentId: lab.incident.id,
    stixFiles: [stix],
    period: days,
    sources,
  });
  expect((await open('doubt')).map(({ what }) => what)).toContainEqual(
    expect.stringContaining('not looked for'),
  );
});

test('the report tells every question; with all of them signed for, the incident is complete and closes', async () => {
  const report = async () => {
    let text = '';
    for await (const part of renderReport(lab.context, lab.incident, 'json')) text += part;
    return Report.parse(JSON.parse(text));
  };
  const before = await report();
  expect(before.report).toMatchObject({ complete: false, headline: expect.stringContaining('Not begun:') });
  const pending = await openIds();
  expect(await signForQuestions(lab.context, lab.incident)).toEqual(pending);
  const after = await report();
  expect(after.report.complete).toBe(true);
  const section = after.sections.find(({ id }) => id === 'questions');
  const table = section?.blocks.find((block) => block.type === 'table');
  expect(table?.type === 'table' && table.rows.every(({ cells }) => cells.state === 'excepted')).toBe(true);
  const { questions } = await closeIncident(lab.context, lab.incident);
  expect(questions).toMatchObject({ open: 0, notBegun: [], doubts: 0 });
  expect(questions.total).toBe(questions.excepted);
});
