/** Reports of an incident that was worked on for real: a PostgreSQL whose passwords were replaced, a scan, an exception. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DomainLab, openDomainLab } from '../../../test/lab/domain.ts';
import {
  declareCoreDb,
  startTargetPostgres,
  type TargetPostgres,
} from '../../../test/lab/target-postgres.ts';
import { sha256 } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { loadShipped } from '../advisory/index.ts';
import { exceptExposure, exposeAsPrecaution, scanForExposures } from '../exposure/index.ts';
import { type Incident, openIncident } from '../incident/index.ts';
import { discoverSystem, saveStatements } from '../inventory/index.ts';
import { applyPlan, approvePlan, planRotation } from '../rotation/index.ts';
import { Report, type ReportFormat, renderReport } from './index.ts';

const script = '<script>alert(1)</script>';
const bidi = '\u202egnp.exe\u2066';
const roles = ['r_alpha', 'r_beta', 'r_gamma', 'r_delta', 'r_epsilon'];
const leaked = 'fd3a91c07be24a5f9d18c6e2b7a40513';

let target: TargetPostgres;
let lab: DomainLab;
let incident: Incident;

async function fillFolder(folder: string): Promise<string> {
  await mkdir(join(folder, 'apps'), { recursive: true });
  await mkdir(join(folder, 'cases'));
  for (const name of roles)
    await writeFile(join(folder, 'apps', `${name}.env`), `PGPASSWORD=old-${name}-Secret1\n`);
  const request = {
    method: 'GET',
    url: 'https://admin.example.com/',
    headers: [{ name: 'Cookie', value: `sid=${leaked}` }],
    cookies: [],
  };
  const entry = {
    startedDateTime: '2023-10-01T10:00:00Z',
    request,
    response: { status: 200, headers: [], content: {} },
  };
  await writeFile(
    join(folder, 'cases', 'case-1.har'),
    JSON.stringify({ log: { version: '1.2', entries: [entry] } }),
  );
  await writeFile(join(folder, 'cases', 'broken.har'), '{"log": {"version": "1.2", "entries": [{"request": ');
  return declareCoreDb(target.config, { canary: 2, size: 2 });
}

/** The whole job, with people and things whose names try to break out of the report. */
beforeAll(async () => {
  target = await startTargetPostgres();
  await target.sql(roles.map((name) => `create role ${name} login password 'old-${name}-Secret1'`).join(';'));
  lab = await openDomainLab(fillFolder);
  const { context, systems } = lab;
  await discoverSystem(context, systems, 'core-db', AbortSignal.timeout(60_000));
  // The administrator is a role too, and can't be rotated by itself.
  await context.db.deleteFrom('credential_claim').execute();
  await context.db.deleteFrom('credential').where('name', 'not in', roles).execute();
  const unused = { environment: 'production', claimedUnusedBy: `alice ${script}` };
  await saveStatements(
    context.db,
    'csv:unused',
    [
      { system: 'core-db', kind: 'password', name: 'r_alpha', ...unused },
      { system: 'legacy', kind: 'api-key', class: 'api-token', name: `${script}"'|\`${bidi}`, ...unused },
    ],
    context,
  );
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10')!;
  ({ incident } = await openIncident(
    context,
    advisory,
    `Okta ${script} ${bidi} | [x](https://evil.example)`,
  ));
  await exposeAsPrecaution(context, incident.id, advisory, {
    scope: { environment: 'production' },
    reason: `in doubt ${script}`,
  });
  await scanForExposures(context, systems, {
    incidentId: incident.id,
    paths: [join(lab.folder, 'cases')],
    signal: AbortSignal.timeout(60_000),
  });
  const plan = await planRotation(context, systems, incident.id);
  await approvePlan(context, plan.id, 'bob');
  const engine = await lab.startEngine();
  await applyPlan(context, engine, plan.id);
  await engine.result(`${plan.id}/1`);
  const until = new Date(Date.now() + 20 * 24 * 3_600_000);
  await exceptExposure(context, incident.id, `legacy/api-key/${script}"'|\`${bidi}`, {
    reason: `retired soon ${script}`,
    approver: 'carol',
    until,
  });
});

afterAll(async () => {
  await lab?.close();
  await target?.close();
});

async function render(format: ReportFormat): Promise<string> {
  let text = '';
  for await (const piece of renderReport(lab.context, incident, format)) text += piece;
  return text;
}

const readReport = async (): Promise<Report> => Report.parse(JSON.parse(await render('json')));

const factsOf = (report: Report) => [
  ...report.sections.flatMap((section) =>
    section.blocks.flatMap((block) => (block.type === 'fact' ? [block.fact] : [])),
  ),
  ...report.appendices.map(({ closing }) => closing),
];

const factOf = (report: Report, id: string) => factsOf(report).find((fact) => fact.id === id)!;

const appendixOf = (report: Report, id: string) => report.appendices.find((appendix) => appendix.id === id)!;

test('the census in the report is the sum of its states, and the appendices list as many', async () => {
  const report = await readReport();
  const { total, provenDead, excepted, replaced, outstanding } = report.report.credentials;
  expect({ total, provenDead, excepted, replaced, outstanding }).toEqual({
    total: 7,
    provenDead: 5,
    excepted: 1,
    replaced: 0,
    outstanding: 1,
  });
  expect(report.report).toMatchObject({
    complete: false,
    headline: expect.stringContaining('1 of 7 exposed credentials is outstanding. Not begun: '),
  });
  expect(appendixOf(report, 'proven').rows).toHaveLength(provenDead);
  expect(appendixOf(report, 'outstanding').rows).toHaveLength(outstanding);
  expect(appendixOf(report, 'excepted').rows).toHaveLength(excepted);
  for (const id of ['proven', 'outstanding', 'excepted'])
    expect(factOf(report, `${id}-listed`).statement).toContain('as many as the census counted');
});

test('every fact rests on something, every citation leads to an entry of this incident or of the inventory', async () => {
  const report = await readReport();
  const ids = factsOf(report).map((fact) => fact.id);
  expect(new Set(ids).size).toBe(ids.length);
  const cited = new Set(factsOf(report).flatMap((fact) => fact.citations));
  const listed = new Map(appendixOf(report, 'entries').rows.map((row) => [row.citations[0], row.cells]));
  for (const seq of cited) {
    const entry = await lab.context.ledger.entry(seq);
    expect(entry.incidentId ?? 'inventory').toMatch(/^inc_|^inventory$/);
  }
  for (const section of report.sections)
    for (const block of section.blocks)
      for (const seq of block.type === 'fact'
        ? block.fact.citations
        : block.type === 'table'
          ? block.rows.flatMap((row) => row.citations)
          : block.citations)
        expect(listed.has(seq), `entry ${seq} is cited in ${section.id} and listed`).toBe(true);
});

test('each proven credential stands with the code that the system gave and with its own proof', async () => {
  const report = await readReport();
  for (const { cells, citations } of appendixOf(report, 'proven').rows) {
    expect(cells).toMatchObject({ code: '28P01', sessions: '0', signature: 'holds' });
    const entry = await lab.context.ledger.entry(citations[0]!);
    expect(entry.kind).toBe('proof');
    const { payload } = (entry.data as { dsse: { payload: string } }).dsse;
    expect(JSON.parse(Buffer.from(payload, 'base64').toString()).subject[0].name).toBe(cells.ref);
  }
  expect(factOf(report, 'proof-signatures').values).toEqual({ valid: 5, total: 5 });
});

test('it says who approved, who claimed what, what was scanned, and what is not known', async () => {
  const report = await readReport();
  const said = factsOf(report)
    .map((fact) => fact.statement)
    .join('\n');
  expect(said).toMatch(/bob approved plan cmp_/);
  expect(said).toMatch(
    /2 exposed credentials are said to be unused, by alice .*now 1 is excepted and 1 is proven dead/,
  );
  expect(factOf(report, 'no-hunt').statement).toMatch(/No log was searched/);
  expect(factOf(report, 'no-connector').statement).toMatch(/legacy \(1\)/);
  expect(factOf(report, 'scan-errors').values).toEqual({ errors: expect.any(Number) });
  const timeline = report.sections
    .find((section) => section.id === 'timeline')!
    .blocks.find((block) => block.type === 'table')!;
  expect(timeline.rows.map((row) => row.cells.what)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^Recorded 5 proofs/),
      expect.stringMatching(/^Approved campaign/),
    ]),
  );
});

test('the file of a page asks for nothing, runs nothing and lets no name out of its place', async () => {
  const html = await render('html');
  expect(html).not.toMatch(/<script|<img|<iframe|<object|javascript:|@import|url\(/i);
  const links = [...html.matchAll(/\s(?:href|src|srcset|action|style|on\w+)="([^"]*)"/g)].map(
    ([, value]) => value,
  );
  expect(links.filter((value) => !value!.startsWith('#') && value !== 'data:,')).toEqual([]);
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).toContain('\\u202egnp.exe\\u2066');
  expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  const style = /<style>([\s\S]*)<\/style>/.exec(html)![1]!;
  expect(html).toContain(`style-src &#39;sha256-${sha256(style).toString('base64')}&#39;`);
  const anchors = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const [, id] of html.matchAll(/ href="#([^"]+)"/g))
    expect(anchors.has(id), `#${id} leads somewhere`).toBe(true);
});

test('Markdown holds the same facts, and no name becomes markup', async () => {
  const [markdown, report] = [await render('md'), await readReport()];
  expect(markdown).not.toMatch(/<script|[\u202a-\u202e\u2066-\u2069]|\]\(https?:/i);
  for (const { id } of appendixOf(report, 'proven').rows.map((row) => ({ id: String(row.cells.ref) })))
    expect(markdown).toContain(id.replaceAll('_', '\\_'));
  expect(markdown.match(/^## /gm)).toHaveLength(report.sections.length + report.appendices.length);
  // Outside of code, every row of a table has as many cells as the head of its table.
  let cells: number | undefined;
  for (const line of markdown.replace(/^```\n[\s\S]*?^```$/gm, '').split('\n')) {
    const found = line.startsWith('| ') ? line.split(/(?<!\\)(?:\\\\)*\|/).length : undefined;
    if (found !== undefined && cells !== undefined) expect(found, line).toBe(cells);
    cells = line.startsWith('|') ? (found ?? cells) : undefined;
  }
});

test('no secret stands in any format', async () => {
  const secrets = [leaked, ...roles.map((name) => `old-${name}-Secret1`), 'target-administrator-7Qx'];
  for (const format of ['html', 'md', 'json'] as const) {
    const text = await render(format);
    for (const secret of secrets) expect(text.includes(secret), `${format} holds a secret`).toBe(false);
  }
});

test('what changes while it is written does not come into it', async () => {
  const pieces = renderReport(lab.context, incident, 'json');
  let text = (await pieces.next()).value as string;
  await saveStatements(
    lab.context.db,
    'csv:late',
    [{ system: 'late', kind: 'password', name: 'late', environment: 'late' }],
    lab.context,
  );
  await exposeAsPrecaution(lab.context, incident.id, incident.advisory, {
    scope: { environment: 'late' },
    reason: 'found later',
  });
  for await (const piece of pieces) text += piece;
  const before = Report.parse(JSON.parse(text));
  expect(appendixOf(before, 'outstanding').rows).toHaveLength(before.report.credentials.outstanding);
  expect(text).not.toContain('late/password/late');
  expect((await readReport()).report.credentials.total).toBe(before.report.credentials.total + 1);
});

test('a list longer than a page comes in pieces, whole and in order', async () => {
  const many = limits.reportPageRows * 2 + 17;
  const names = Array.from({ length: many }, (_, index) => `many-${String(index).padStart(5, '0')}`);
  const { context } = lab;
  for (let start = 0; start < many; start += limits.inventoryBatchRows) {
    const part = names.slice(start, start + limits.inventoryBatchRows);
    const statements = part.map((name) => ({ system: 'many', kind: 'password', name, environment: 'many' }));
    await saveStatements(context.db, 'csv:many', statements, context);
  }
  const { incident: other } = await openIncident(context, incident.advisory, 'Many');
  await exposeAsPrecaution(context, other.id, other.advisory, {
    scope: { environment: 'many' },
    reason: 'many',
  });
  const pieces: string[] = [];
  for await (const piece of renderReport(context, other, 'json')) pieces.push(piece);
  const report = Report.parse(JSON.parse(pieces.join('')));
  expect(appendixOf(report, 'outstanding').rows.map((row) => row.cells.ref)).toEqual(
    names.map((name) => `many/password/${name}`),
  );
  expect(Math.max(...pieces.map((piece) => (piece.match(/many\/password/g) ?? []).length))).toBe(
    limits.reportPageRows,
  );
  expect(report.report.credentials).toMatchObject({ total: many, outstanding: many });
});

test('an incident with nothing in it says so, and claims nothing', async () => {
  const { incident: empty } = await openIncident(lab.context, incident.advisory, 'Empty');
  let text = '';
  for await (const piece of renderReport(lab.context, empty, 'json')) text += piece;
  const report = Report.parse(JSON.parse(text));
  expect(report.report.headline).toMatch(/^No credential is known to be exposed\. Not begun: scans, logs, /);
  for (const id of ['no-scan', 'no-hunt']) expect(factOf(report, id)).toBeDefined();
  expect(factOf(report, 'proofs').statement).toBe('No exposed credential is proven dead.');
});

test('a proof of another credential is not taken for one', async () => {
  const { db } = lab.context;
  const rows = await db
    .selectFrom('exposure')
    .select(['id', 'proof_seq'])
    .where('proof_seq', 'is not', null)
    .orderBy('proof_seq')
    .limit(2)
    .execute();
  const [one, two] = [rows[0]!, rows[1]!];
  await db.updateTable('exposure').set({ proof_seq: two.proof_seq }).where('id', '=', one.id).execute();
  const report = await readReport();
  await db.updateTable('exposure').set({ proof_seq: one.proof_seq }).where('id', '=', one.id).execute();
  expect(factOf(report, 'proof-unverified').statement).toMatch(
    /1 proof could not be verified: core-db\/password\/r_\w+ \(expected a proof of this credential/,
  );
  expect(appendixOf(report, 'proven').rows.filter((row) => row.cells.signature !== 'holds')).toHaveLength(1);
});

test('a caller that stops early gives the connection back', async () => {
  for (let turn = 0; turn < 30; turn++)
    for await (const _ of renderReport(lab.context, incident, 'html')) break;
  expect((await readReport()).report.incident.id).toBe(incident.id);
});
