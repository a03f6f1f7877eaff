/** What was read: counted in things, in whichever logs they stand, by whoever is the attacker's. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { insertEvents, type TestEvent } from '../../../test/lab/lake.ts';
import { type HuntLab, openHuntLab } from './__fixtures__/lab.ts';
import type { DataClass } from './access/types.ts';
import { huntAccess } from './access.ts';
import { huntDescendants } from './descendants.ts';

let lab: HuntLab;
let incidentId: string;
beforeAll(async () => {
  lab = await openHuntLab();
});
afterAll(() => lab?.close());
beforeEach(async () => {
  incidentId = await lab.begin();
});

const from = new Date('2023-11-15T00:00:00Z');
const to = new Date('2023-11-15T02:00:00Z');
const at = (minute: number) => new Date(from.getTime() + minute * 60_000).toISOString();
const svc = { principal: 'svc', from, to };

const hunt = (extra: object = {}) =>
  huntAccess(lab.context, {
    incidentId,
    attacker: { principals: [svc], addresses: [] },
    period: { from, to },
    sources: [],
    ...extra,
  });
const followed = () =>
  huntDescendants(lab.context, { incidentId, principals: [svc], period: { from, to }, sources: [] });

/** As the sources of access logs give it: what was asked for is in the code and the resource. */
function asked(url: string): TestEvent {
  const [, ticket] = /^\/(?:browse|rest\/api\/2\/issue)\/([\w-]+)/.exec(url) ?? [];
  const [, page] = /pageId=(\d+)/.exec(url) ?? [];
  const [, project, slug] = /^\/projects\/(\w+)\/repos\/(\w+)/.exec(url) ?? [];
  const [, query] = /queryString=(.*)/.exec(url) ?? [];
  if (ticket) return { event_code: 'issue.view', resource_type: 'issue', resource_uid: ticket.toUpperCase() };
  if (page) return { event_code: 'page.view', resource_type: 'page', resource_uid: page };
  if (project) return { event_code: 'repository.view', resource_name: `${project}/${slug}` };
  if (query) return { event_code: 'search.search', query_text: query.replaceAll('+', ' ') };
  return { event_code: 'http.get' };
}

const get = (minute: number, source: string, url: string, extra: TestEvent = {}): TestEvent => ({
  ...asked(url),
  time: at(minute),
  source,
  actor_user_name: 'svc',
  src_ip: '192.0.2.66',
  http_method: 'GET',
  http_url: url,
  http_status: 200,
  status_id: 1,
  ...extra,
});

test('a ticket is one ticket, however often and by whichever path it was read; a refused one is none', async () => {
  await insertEvents(lab.lake, [
    get(1, 'jira-access', '/browse/SEC-1'),
    get(2, 'jira-access', '/rest/api/2/issue/sec-1?expand=changelog'),
    get(3, 'jira-access', '/browse/SEC-2'),
    get(4, 'jira-access', '/browse/SEC-3', { http_status: 404 }),
    get(5, 'jira-access', '/browse/SEC-4', { http_status: 302 }),
    get(6, 'jira-access', '/browse/SEC-5', { http_status: 403 }),
    get(7, 'jira-access', '/browse/SEC-5'),
    get(8, 'jira-access', '/browse/SEC-6', { http_status: 304 }),
    get(9, 'jira-access', '/browse/SEC-7', { actor_user_name: 'somebody' }),
    get(10, 'jira-access', '/secure/Dashboard.jspa'),
    get(-5, 'jira-access', '/browse/SEC-8'),
  ]);
  const report = await hunt();
  const [tickets] = report.types.filter(({ type }) => type === 'ticket');
  expect(tickets).toMatchObject({ resources: 4, byAct: { viewed: 4 }, refused: 2, total: null });
  expect(report.resources.map(({ key }) => key)).toEqual(['SEC-1', 'SEC-2', 'SEC-5', 'SEC-6']);
  expect(report.refused.map(({ key }) => key)).toEqual(['SEC-3', 'SEC-4']);
  expect(report.resources[0]).toMatchObject({ events: 2, proof: { line: 1, address: '192.0.2.66' } });
  expect(report.readers).toEqual([
    expect.objectContaining({ actor: 'svc', address: '192.0.2.66', resources: 4, events: 5 }),
  ]);
});

test('pages and searches stand in the access log and in the audit log, and are counted once', async () => {
  await insertEvents(lab.lake, [
    get(1, 'confluence-access', '/pages/viewpage.action?pageId=77'),
    {
      time: at(1),
      source: 'confluence-audit',
      actor_user_name: 'svc',
      event_code: 'audit.logging.summary.page.viewed',
      resource_type: 'Page',
      resource_uid: '77',
      resource_name: 'VPN and remote access',
    },
    get(2, 'confluence-access', '/dosearchsite.action?queryString=remote+access'),
    {
      time: at(2),
      source: 'confluence-audit',
      actor_user_name: 'svc',
      event_code: 'audit.logging.summary.search.performed',
      query_text: 'Remote access',
    },
  ]);
  const { types, resources } = await hunt();
  expect(types.map(({ type, resources: number }) => [type, number])).toEqual([
    ['page', 1],
    ['search', 1],
  ]);
  expect(resources.map(({ key, title, sources }) => [key, title, sources])).toEqual([
    ['77', 'VPN and remote access', ['confluence-access', 'confluence-audit']],
    ['remote access', '', ['confluence-access', 'confluence-audit']],
  ]);
  expect(types[0]?.topics.map(({ word }) => word)).toEqual(['access', 'remote', 'vpn']);
});

test('repositories: seen, cloned, archived, in the log of the server and of the host', async () => {
  const git = (minute: number, verb: string, name = 'NET/backbone'): TestEvent => ({
    time: at(minute),
    source: 'bitbucket-access',
    actor_user_name: 'svc',
    status_id: 1,
    event_code: `repository.${verb}`,
    resource_name: name,
  });
  await insertEvents(lab.lake, [
    get(1, 'bitbucket-access', '/projects/NET/repos/backbone/browse'),
    // The line that a request leaves when it comes in says nothing of whether it was answered.
    get(1, 'bitbucket-access', '/projects/NET/repos/refused/browse', {
      event_code: 'https.request',
      http_status: 0,
      status_id: 0,
    }),
    get(1, 'bitbucket-access', '/projects/NET/repos/refused/browse', { http_status: 404 }),
    {
      time: at(1),
      source: 'bitbucket-audit',
      actor_user_name: 'svc',
      event_code: 'bitbucket.service.repository.audit.action.repositoryaccessed',
      resource_name: 'NET/backbone',
    },
    git(2, 'archive'),
    git(3, 'clone', 'NET/other'),
    git(4, 'refs', 'NET/third'),
    git(5, 'archive', 'NET/fourth'),
    {
      time: at(6),
      source: 'auditd',
      host: 'h',
      actor_user_name: 'svc',
      process_cmd_line: 'git archive --remote=ssh://git@bb:7999/net/backbone.git HEAD',
    },
  ]);
  const { types, resources } = await hunt();
  expect(types).toEqual([
    expect.objectContaining({
      type: 'repository',
      resources: 4,
      byAct: { viewed: 2, archived: 2, cloned: 1 },
    }),
  ]);
  expect(resources.map(({ key }) => key)).toEqual(['net/backbone', 'net/other', 'net/third', 'net/fourth']);
  expect(resources[0]?.acts).toEqual(['viewed', 'archived']);
  expect(resources[0]?.sources).toEqual(['auditd', 'bitbucket-access', 'bitbucket-audit']);
});

test('the attacker is the exposed principal, what it made, and the addresses', async () => {
  await insertEvents(lab.lake, [
    get(1, 'jira-access', '/browse/A-1'),
    {
      time: at(10),
      source: 'jira-audit',
      event_code: 'jira.auditing.user.created',
      actor_user_name: 'svc',
      user_name: 'julian',
      made_uid: 'JIRAUSER9',
    },
    get(5, 'jira-access', '/browse/A-2', { actor_user_name: 'julian', src_ip: '203.0.113.1' }),
    get(11, 'jira-access', '/browse/A-3', { actor_user_name: 'Julian', src_ip: '203.0.113.1' }),
    get(12, 'confluence-access', '/pages/viewpage.action?pageId=4', { actor_user_name: 'julian' }),
    get(13, 'github-audit', '/nothing', { actor_user_name: 'julian', src_ip: '203.0.113.1' }),
    get(14, 'jira-access', '/browse/A-6', { actor_user_name: 'innocent', src_ip: '192.0.2.77' }),
  ]);
  await followed();
  const keys = async (extra: object = {}) => (await hunt(extra)).resources.map(({ key }) => key);
  expect(await keys()).toEqual(['A-1', 'A-3', '4']);
  const addresses = ['192.0.2.64/26'];
  expect(await keys({ attacker: { principals: [], addresses } })).toEqual(['A-1', 'A-3', '4', 'A-6']);
  await expect(keys({ attacker: { principals: [], addresses: ['nowhere'] } })).rejects.toMatchObject({
    code: 'bad_input',
  });
});

test('of how many: totals come from a file, by the names that people use', async () => {
  await insertEvents(lab.lake, [get(1, 'jira-access', '/browse/A-1')]);
  const totalsFile = join(lab.domain.folder, 'totals.json');
  await writeFile(
    totalsFile,
    JSON.stringify({ asOf: '2023-11-28', totals: { issues: 2_059_357, pages: 3 } }),
  );
  expect((await hunt({ totalsFile })).types[0]).toMatchObject({
    type: 'ticket',
    resources: 1,
    total: 2_059_357,
  });
  await writeFile(totalsFile, JSON.stringify({ ticket: 5 }));
  expect((await hunt({ totalsFile })).types[0]?.total).toBe(5);
  await writeFile(totalsFile, '{"totals": {"issues": "many"}}');
  await expect(hunt({ totalsFile })).rejects.toMatchObject({ code: 'bad_input' });
});

const customers: DataClass = {
  class: 'customer-data',
  stores: [{ source: 'postgres-csvlog', host: 'core-db', match: '*customers*' }],
};
const query = (minute: number, text: string, extra: TestEvent = {}): TestEvent => ({
  time: at(minute),
  source: 'postgres-csvlog',
  host: 'core-db',
  actor_user_name: 'app',
  query_text: text,
  ...extra,
});
const steady = (without: (minute: number) => boolean = () => false) =>
  Array.from({ length: 121 }, (_, minute) => minute)
    .filter((minute) => !without(minute))
    .map((minute) => query(minute, 'select 1'));

test('a protected class: accessed, not accessed, or not ruled out', async () => {
  const verdict = async () => (await hunt({ classes: [customers] })).classes[0];
  await insertEvents(lab.lake, steady());
  // Nobody has looked for what the attacker made: a no would be worth nothing.
  expect(await verdict()).toMatchObject({
    verdict: 'cannot-be-ruled-out',
    because: [expect.stringContaining('hunt descendants')],
  });
  await followed();
  expect(await verdict()).toMatchObject({ verdict: 'no-access-seen', events: 0 });
  await insertEvents(lab.lake, [
    query(30, 'select * from CUSTOMERS', { actor_user_name: 'svc', status_id: 2 }),
  ]);
  expect(await verdict()).toMatchObject({ verdict: 'no-access-seen', refused: 1 });
  await insertEvents(lab.lake, [query(31, 'select * from orders', { actor_user_name: 'svc' })]);
  expect(await verdict()).toMatchObject({ verdict: 'no-access-seen' });
  await insertEvents(lab.lake, [query(32, 'select * from customers_eu', { actor_user_name: 'svc' })]);
  expect(await verdict()).toMatchObject({
    verdict: 'accessed',
    events: 1,
    proof: [expect.objectContaining({ line: 1, source: 'postgres-csvlog' })],
  });
});

test('a gap, a missing log, or an event that names nobody takes the no away', async () => {
  await insertEvents(
    lab.lake,
    steady((minute) => minute > 40 && minute < 80),
  );
  await followed();
  const sources = [{ id: 'postgres-csvlog', quietSecondsMax: 600 }];
  const gap = await hunt({ classes: [customers], sources });
  expect(gap.classes[0]).toMatchObject({ verdict: 'cannot-be-ruled-out' });
  expect(gap.classes[0]?.because.join()).toContain('2023-11-15T00:40:00.000Z to 2023-11-15T01:20:00.000Z');
  expect(gap.outstanding.map(({ what }) => what)).toContain("access to customer-data can't be ruled out");
  // A gap of another host is none of this store's.
  const other: DataClass = { class: 'x', stores: [{ source: 'postgres-csvlog', host: 'other-db' }] };
  const missing: DataClass = { class: 'y', stores: [{ source: 'mysql' }] };
  const { classes } = await hunt({ classes: [other, missing], sources });
  expect(classes[1]?.because).toEqual(['no log of mysql was ingested']);
  await lab.lake.run('TRUNCATE TABLE events');
  await insertEvents(lab.lake, [...steady(), query(50, 'copy customers to stdout', { actor_user_name: '' })]);
  const nameless = await hunt({ classes: [customers] });
  expect(nameless.classes[0]?.because).toEqual(['postgres-csvlog: 1 event of the store name nobody']);
});
