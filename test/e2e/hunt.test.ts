/**
 * The whole hunt on the practice logs: two months of all systems with the published intrusion in them, read in and
 * hunted by commands alone. What it finds is compared with the truth, which only this test reads.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccessResult, DescendantsResult, FindingView, IocResult } from '../../src/api/contract.ts';
import { type LogEstate, type Truth, type TruthEvent, writeLogs } from '../../src/replay/logs/index.ts';
import { type ApiLab, openApiLab } from '../lab/api.ts';
import { runFirebreak } from '../lab/cli.ts';

let folder: string;
let estate: LogEstate;
let truth: Truth;
let lab: ApiLab;
/** The files of the lake by the hash that findings cite. */
let paths: Map<string, string>;

const config = `
firebreak: 1
organisation: Practice
environments: [{name: production}]
suppliers: [{id: okta, name: Okta}]
data:
  - class: customer-data
    stores: [{source: postgres-csvlog, match: "*customer*"}]
  - class: status-subscribers
    stores: [{source: web-access, host: status-01}]
`;
const period = ['--from', '2023-11-14', '--to', '2023-11-26'];
const four = ['moveworks-service-token', 'smartsheet_svc', 'bitbucket_svc', 'aws_apps_svc'];

/** The indicators as they were published, as a bundle that somebody might hand on. */
const bundle = {
  type: 'bundle',
  id: 'bundle--5f0b6f3c-3f0c-4f5e-9d0a-7b7a1c1f0001',
  objects: [
    ['address', "[ipv4-addr:value = '193.142.58.126']"],
    ['control', "[ipv4-addr:value = '198.244.174.214']"],
    ['domain', "[domain-name:value = 'idowall.com']"],
    ['file', "[file:name = 'jvm-agent']"],
    ['hash', "[file:hashes.'SHA-256' = 'bdd1a085d651082ad567b03e5186d1d46d822bb7794157ab8cce95d850a3caaf']"],
  ].map(([name, pattern]) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${name}`,
    name,
    pattern,
    pattern_type: 'stix',
    valid_from: '2024-02-01T00:00:00Z',
    confidence: 90,
  })),
};

async function run<T>(...argv: string[]): Promise<T> {
  const done = await runFirebreak([...argv, '--json'], lab);
  expect([0, 1], `${argv.join(' ')}\n${done.stderr}${done.stdout.slice(0, 2_000)}`).toContain(done.exitCode);
  return done.json() as T;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-hunt-'));
  estate = await writeLogs({ folder, events: 60_000 });
  ({ truth } = estate);
  await writeFile(join(folder, 'bundle.json'), JSON.stringify(bundle));
  lab = await openApiLab(async (place) => {
    await writeFile(join(place, 'firebreak.yaml'), config);
    return config;
  });
  await run('incident', 'open', '--advisory', 'okta-2023-10');
  const hosts = new Set(estate.files.map(({ host }) => host));
  for (const host of hosts) {
    const own = estate.files
      .filter((file) => file.host === host)
      .map(({ path }) => join(estate.folder, path));
    await run('logs', 'ingest', ...(host === undefined ? [] : ['--host', host]), ...own);
  }
  const lake = await lab.lake();
  const files = await lake.rows<{ file_id: string; path: string }>('SELECT file_id, path FROM files');
  paths = new Map(files.map(({ file_id, path }) => [file_id, path.slice(estate.folder.length + 1)]));
}, 600_000);
afterAll(async () => {
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});

const placeOf = (event: { fileId: string; line: number }): string =>
  `${paths.get(event.fileId)}:${event.line}`;
const placesOf = (events: readonly TruthEvent[]): Set<string> =>
  new Set(events.map(({ path, line }) => `${path}:${line}`));

test('every record is in the lake, as an event or as a reject', async () => {
  const lake = await lab.lake();
  const [sum] = await lake.rows<{ records: number; rejects: number; files: number }>(
    'SELECT sum(records) AS records, sum(rejects) AS rejects, count() AS files FROM files',
  );
  expect(sum).toEqual({ records: estate.events, rejects: truth.broken.length, files: estate.files.length });
});

test('indicators: from the first probe to the last report of the implant, and no look-alike', async () => {
  const result = await run<IocResult>('hunt', 'ioc', '--stix', join(folder, 'bundle.json'), ...period);
  const seen = new Map(
    result.results.filter(({ verdict }) => verdict === 'seen').map((one) => [one.title, one]),
  );
  expect([...seen.keys()].sort()).toEqual(['address', 'control', 'domain', 'file', 'hash']);
  expect(seen.get('address')?.first).toBe(truth.moments.probingStarted);
  expect(seen.get('file')?.first).toBe(truth.moments.implantInstalled);
  // It reported for the last time two seconds before the last command that was run through it.
  const last = Date.parse(truth.moments.lastActivity) - Date.parse(seen.get('control')?.last ?? '');
  expect(last).toBe(2_000);
  const page = await run<{ findings: FindingView[] }>(
    'hunt',
    'findings',
    '--kind',
    'indicator',
    '--limit',
    '1000',
  );
  const found = new Set(page.findings.map(({ event }) => placeOf(event)));
  expect([...placesOf(truth.lookAlikes)].filter((place) => found.has(place))).toEqual([]);
  expect([...placesOf(truth.past)].filter((place) => found.has(place))).toEqual([]);
  const entered = truth.attack.filter(({ act }) => act === 'atlassian-entered' || act === 'aws-entered');
  expect([...placesOf(entered)].filter((place) => !found.has(place))).toEqual([]);
});

test('descendants: the account, its groups, the script; nobody whom the administrator hired', async () => {
  const result = await run<DescendantsResult>('hunt', 'descendants', '--principal', ...four, ...period);
  const made = result.descendants.map(({ kind, name, owner, madeAt, edges }) => ({
    kind,
    name,
    owner,
    madeAt,
    edges,
  }));
  const { name, uid, groups } = truth.createdAccount;
  expect(made.filter(({ kind }) => kind === 'account')).toEqual([
    expect.objectContaining({ name, madeAt: truth.moments.accountCreated }),
  ]);
  expect(result.descendants.find(({ kind }) => kind === 'account')?.ref).toBe(uid);
  const joined = made.filter(({ kind }) => kind === 'group-membership');
  expect(joined.map((one) => one.name).sort()).toEqual([...groups, 'jira-administrators'].sort());
  expect(joined.find((one) => one.name === 'jira-administrators')).toMatchObject({
    owner: 'smartsheet_svc',
    madeAt: truth.moments.administratorsJoined,
  });
  const scripts = made.filter(({ kind }) => kind === 'script');
  expect(scripts.map(({ madeAt }) => madeAt)).toEqual([truth.moments.implantInstalled]);
  const proof = new Set(made.flatMap(({ edges }) => edges.map(({ event }) => placeOf(event))));
  expect([...placesOf(truth.lookAlikes)].filter((place) => proof.has(place))).toEqual([]);
  const attack = placesOf(truth.attack);
  expect([...proof].filter((place) => !attack.has(place))).toEqual([]);
  const shown = await runFirebreak(['incident', 'census'], lab);
  expect(shown.stdout).toContain('What the attacker made');
});

test('access: 36 tickets, 202 pages, 120 repositories and 76 of them archived, and what was searched for', async () => {
  const result = await run<AccessResult>(
    'hunt',
    'access',
    '--principal',
    ...four,
    '--totals',
    estate.totalsFile,
    ...period,
  );
  const of = (type: string) => result.types.find((one) => one.type === type);
  const keys = (type: string) =>
    result.resources
      .filter((one) => one.type === type)
      .map(({ key }) => key)
      .sort();
  expect(of('ticket')).toMatchObject({
    resources: 36,
    total: 2_059_357,
    refused: truth.refusedTickets.length,
  });
  expect(keys('ticket')).toEqual([...truth.tickets].sort());
  expect(
    result.refused
      .filter(({ type }) => type === 'ticket')
      .map(({ key }) => key)
      .sort(),
  ).toEqual([...truth.refusedTickets].sort());
  expect(of('page')).toMatchObject({ resources: 202, total: 14_099 });
  expect(keys('page')).toEqual(truth.pages.map(({ id }) => id).sort());
  expect(of('repository')).toMatchObject({ resources: 120, total: 11_904 });
  expect(of('repository')?.byAct).toMatchObject({ viewed: 120, archived: 76 });
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase()).sort();
  expect(keys('repository')).toEqual(lower(truth.repositoriesViewed));
  const archived = result.resources.filter(({ acts }) => acts.includes('archived')).map(({ key }) => key);
  expect(archived.sort()).toEqual(lower(truth.repositoriesArchived));
  expect(keys('search')).toEqual([...truth.searches].sort());
  const proof = new Set(result.resources.map((one) => placeOf(one.proof)));
  expect([...placesOf(truth.lookAlikes)].filter((place) => proof.has(place))).toEqual([]);
});

test('protected classes: the day without a log is said, and nothing is claimed of it', async () => {
  const { classes } = await run<AccessResult>('hunt', 'access', '--principal', ...four, ...period);
  const status = classes.find((one) => one.class === 'status-subscribers');
  expect(status?.verdict).toBe('cannot-be-ruled-out');
  const [longest = ''] = status?.because ?? [];
  expect(longest).toMatch(/^web-access: host status-01: silent for .*2023-11-20T2\d:.* to 2023-11-22T0\d:/);
  expect(classes.find((one) => one.class === 'customer-data')?.verdict).not.toBe('accessed');
});

test('timeline: the published moments in their order, the pause, and our own acts', async () => {
  const { timeline } = await run<{
    timeline: { datetime: string; kinds: string[]; message: string; file_sha256: string; line: number }[];
  }>('hunt', 'timeline', '--principal', ...four, ...period);
  const times = timeline.map(({ datetime }) => datetime);
  expect([...times].sort()).toEqual(times);
  const at = (moment: keyof Truth['moments'], pattern: RegExp) =>
    expect(
      timeline
        .filter(({ datetime }) => datetime === truth.moments[moment])
        .map(({ message }) => message)
        .join('\n'),
      moment,
    ).toMatch(pattern);
  at('probingStarted', /session of/);
  at('atlassianEntered', /session of/);
  at('accountCreated', /made: account julian\.hartwell/);
  at('implantInstalled', /made: script/);
  at('administratorsJoined', /made: group-membership jira-administrators/);
  const pause = timeline.find(
    ({ kinds, datetime }) => kinds.includes('pause') && datetime === truth.moments.pauseBegan,
  );
  expect(pause?.message).toContain(truth.moments.pauseEnded);
  const read = timeline.filter(({ kinds }) => kinds.includes('access'));
  const cited = new Set(read.map(({ file_sha256: fileId, line }) => placeOf({ fileId, line })));
  const tickets = truth.attack.filter(({ act }) => act === 'ticket-read');
  expect([...placesOf(tickets)].filter((place) => !cited.has(place))).toEqual([]);
  expect(timeline.some(({ kinds }) => kinds.includes('act'))).toBe(true);
});
