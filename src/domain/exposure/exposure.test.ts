/** Which credentials are exposed, why, and what closes them: against a real store. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DomainLab, openDomainLab } from '../../../test/lab/domain.ts';
import { Secret } from '../../kernel/secret.ts';
import { type Advisory, loadShipped } from '../advisory/index.ts';
import { type Incident, nextSteps, openIncident, takeCensus } from '../incident/index.ts';
import { type Statement, saveStatements, showCredential } from '../inventory/index.ts';
import {
  countExposures,
  exceptExposure,
  exposeAsPrecaution,
  listExposures,
  scanForExposures,
} from './index.ts';

let lab: DomainLab;
let advisory: Advisory;

beforeEach(async () => {
  lab = await openDomainLab(`
firebreak: 1
organisation: Test
environments: [{name: production}]
suppliers: [{id: okta, name: Okta}]
systems:
  - name: portal-db
    connector: postgres
    environment: production
    hosts: [db.corp.example]
    config: {host: 127.0.0.1, port: 1, user: admin, password: {env: NOWHERE}}
`);
  advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10')!;
});
afterEach(() => lab.close());

const save = (statements: Statement[]) => saveStatements(lab.context.db, 'test', statements, lab.context);
const session = (name: string, more: Partial<Statement> = {}): Statement => ({
  system: 'portal',
  kind: 'session',
  name,
  class: 'session',
  suppliers: ['okta'],
  environment: 'production',
  ...more,
});
const states = async (incident: Incident) => {
  const all = await listExposures(lab.context.db, { incidentId: incident.id, limit: 100 });
  return Object.fromEntries(all.map((one) => [one.ref, one.state]));
};

test('an advisory exposes what its supplier held, by class; believed unused or not', async () => {
  await save([
    session('a'),
    session('idle', { claimedUnusedBy: 'a survey' }),
    session('elsewhere', { suppliers: ['circleci'] }),
    { system: 'portal', kind: 'password', name: 'p', class: 'password', suppliers: ['okta'] },
    { system: 'portal', kind: 'mystery', name: 'm', suppliers: ['okta'] },
  ]);
  const { incident, matched } = await openIncident(lab.context, advisory);
  expect(matched).toEqual({ matched: 3, added: 3, replaced: 0, claimedUnused: 1 });
  // Of unknown class: it may be a session, so it counts as one.
  expect(await states(incident)).toEqual({
    'portal/mystery/m': 'outstanding',
    'portal/session/a': 'outstanding',
    'portal/session/idle': 'outstanding',
  });
  expect(await countExposures(lab.context.db, incident.id)).toMatchObject({
    total: 3,
    outstanding: 3,
    outstandingClaimedUnused: 1,
  });
});

test('a replacement after the window closes an exposure with its evidence, and never without', async () => {
  const late = new Date('2023-12-01T00:00:00Z');
  await save([
    session('shown', { changedAt: late, changedEvidence: 'vault version 7' }),
    session('claimed', { changedAt: late }),
    session('inside', { changedAt: new Date('2023-10-01T00:00:00Z'), changedEvidence: 'vault version 3' }),
    session('upper-bound', { changedNoLaterThan: late }),
  ]);
  const { incident } = await openIncident(lab.context, advisory);
  expect(await states(incident)).toEqual({
    'portal/session/claimed': 'outstanding',
    'portal/session/inside': 'outstanding',
    'portal/session/shown': 'replaced',
    'portal/session/upper-bound': 'outstanding',
  });
  const [, , shown] = await listExposures(lab.context.db, { incidentId: incident.id, limit: 10 });
  expect(shown?.reason).toContain('vault version 7');
});

test('a precaution names who decided and why, and may be repeated', async () => {
  await save([
    session('a'),
    { system: 'db', kind: 'password', name: 'x', class: 'password', environment: 'production' },
    { system: 'db', kind: 'password', name: 'y', class: 'password', environment: 'staging' },
  ]);
  const { incident } = await openIncident(lab.context, advisory);
  const input = { scope: { environment: 'production' }, reason: 'in doubt' };
  expect(await exposeAsPrecaution(lab.context, incident.id, advisory, input)).toMatchObject({
    matched: 2,
    added: 1,
  });
  expect(await exposeAsPrecaution(lab.context, incident.id, advisory, input)).toMatchObject({
    matched: 2,
    added: 0,
  });
  const all = await listExposures(lab.context.db, { incidentId: incident.id, limit: 10 });
  expect(all.map((one) => one.reasons.map((reason) => reason.kind))).toEqual([
    ['precaution'],
    ['advisory', 'precaution'],
  ]);
  expect(all[0]?.reasons[0]?.explanation).toBe('assumed exposed by tester: in doubt');
  await expect(
    exposeAsPrecaution(lab.context, incident.id, advisory, { scope: {}, reason: 'all' }),
  ).rejects.toMatchObject({ code: 'bad_input' });
});

test('an exception ends: it is signed, bounded, and then the credential is outstanding again', async () => {
  await save([session('a')]);
  const { incident } = await openIncident(lab.context, advisory);
  const ref = 'portal/session/a';
  const days = (count: number) => new Date(Date.now() + count * 86_400_000);
  await expect(
    exceptExposure(lab.context, incident.id, ref, { reason: 'x', approver: 'ann', until: days(-1) }),
  ).rejects.toMatchObject({ code: 'bad_input' });
  await expect(
    exceptExposure(lab.context, incident.id, ref, { reason: 'x', approver: 'ann', until: days(400) }),
  ).rejects.toMatchObject({ code: 'bad_input' });
  const { ledgerSeq } = await exceptExposure(lab.context, incident.id, ref, {
    reason: 'vendor must do it',
    approver: 'ann',
    until: days(7),
  });
  expect(await states(incident)).toEqual({ [ref]: 'excepted' });
  expect((await lab.context.ledger.entry(ledgerSeq)).data).toMatchObject({
    dsse: { payloadType: 'application/vnd.in-toto+json' },
  });
  await lab.context.db
    .updateTable('exposure_exception')
    .set({ until: days(-1) })
    .execute();
  const [after] = await listExposures(lab.context.db, { incidentId: incident.id, limit: 1 });
  expect(after).toMatchObject({
    state: 'outstanding',
    reason: expect.stringContaining('the exception ended'),
  });
});

const har = (entries: object[]) =>
  JSON.stringify({ log: { version: '1.2', creator: { name: 't', version: '1' }, entries } });
const entry = (url: string, headers: { name: string; value: string }[], text = '') => ({
  startedDateTime: '2023-10-01T10:00:00Z',
  request: { method: 'GET', url, headers, cookies: [], queryString: [] },
  response: { status: 200, headers: [], cookies: [], content: { mimeType: 'text/plain', text } },
});

test('a scan matches known secrets by fingerprint, and makes new credentials of the others', async () => {
  const known = 'Tk9vY2Fub3Rndessth1s0neK2q8';
  await save([
    {
      system: 'portal-db',
      kind: 'password',
      name: 'app',
      class: 'password',
      principal: 'app',
      fingerprint: lab.context.fingerprinter.of(new Secret(known)),
    },
  ]);
  const { incident } = await openIncident(lab.context, advisory);
  const folder = join(lab.folder, 'cases');
  await mkdir(folder);
  const other = 'An0therPa55wordOfApp77xQ';
  const bearer = 'q8ZkT3vWm5Xy7BnC2dFgH4jK6LpQ9rSt';
  await writeFile(
    join(folder, 'case.har'),
    har([
      entry('https://portal.corp.example/x', [], `use postgresql://app:${known}@db.corp.example:5432/x`),
      entry('https://portal.corp.example/y', [], `or postgresql://app:${other}@db.corp.example:5432/x`),
      entry('https://api.elsewhere.example/z', [{ name: 'Authorization', value: `Bearer ${bearer}` }]),
    ]),
  );
  await writeFile(join(folder, 'broken.har'), '{"log": {"entries": [{"request"');
  const summary = await scanForExposures(lab.context, lab.systems, {
    incidentId: incident.id,
    paths: [folder],
    signal: AbortSignal.timeout(30_000),
  });
  expect(summary).toMatchObject({ files: 2, secrets: 3, known: 1, added: 2 });
  expect(summary.errorsTotal).toBeGreaterThan(0);
  const refs = Object.keys(await states(incident));
  expect(refs).toEqual([
    expect.stringMatching(
      /^api\.elsewhere\.example\/api-token\/|^api\.elsewhere\.example\/oauth-token\/|^api\.elsewhere\.example\//,
    ),
    'portal-db/password/app',
    expect.stringMatching(/^portal-db\/password\/app~/),
  ]);
  // Another password of a known account is a leak of its own: it is tried, never issued.
  const { credential } = await showCredential(lab.context.db, refs[2]!);
  expect(credential).toMatchObject({ principal: 'app', attributes: { account: 'app' } });
  const census = await takeCensus(lab.context, incident);
  expect(census).toMatchObject({ complete: false, scans: { total: 1, unfinished: 0, filesWithErrors: 1 } });
  // Neither the database nor the ledger holds one of the secrets.
  const tables = [
    'credential',
    'credential_claim',
    'scan_hit',
    'exposure',
    'exposure_reason',
    'ledger_entry',
    'scan',
  ] as const;
  for (const table of tables) {
    const text = JSON.stringify(await lab.context.db.selectFrom(table).selectAll().execute());
    for (const secret of [known, other, bearer]) expect(text).not.toContain(secret);
  }
});

test('two secrets of one new account in one batch become two credentials', async () => {
  const { incident } = await openIncident(lab.context, advisory);
  const file = join(lab.folder, 'two.har');
  const url = (password: string) => `postgresql://fresh:${password}@db.corp.example/x`;
  await writeFile(
    file,
    har([
      entry('https://p.example/', [], url('FirstSecretOfFresh11aB')),
      entry('https://p.example/', [], url('SecondSecretOfFresh22bC')),
    ]),
  );
  await scanForExposures(lab.context, lab.systems, {
    incidentId: incident.id,
    paths: [file],
    signal: AbortSignal.timeout(30_000),
  });
  expect(Object.keys(await states(incident))).toEqual([
    'portal-db/password/fresh',
    expect.stringMatching(/^portal-db\/password\/fresh~/),
  ]);
});

test('what to do next follows from the state, and names the command', async () => {
  const first = await openIncident(lab.context, advisory);
  expect((await nextSteps(lab.context, first.incident)).map((step) => step.command)).toEqual([
    'firebreak inventory discover',
    'firebreak exposure scan PATH',
    'firebreak logs ingest PATH',
    'firebreak triage collect',
  ]);
  await save([session('a')]);
  const second = await openIncident(lab.context, advisory);
  expect((await nextSteps(lab.context, second.incident)).map((step) => step.command)).toEqual([
    'firebreak exposure scan PATH',
    'firebreak rotate plan',
    'firebreak logs ingest PATH',
    'firebreak triage collect',
  ]);
});
