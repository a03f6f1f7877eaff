/** What exposed principals made: generations, cycles, look-alikes and time, against a real lake and store. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { insertEvents, type TestEvent } from '../../../test/lab/lake.ts';
import { listExposures } from '../exposure/index.ts';
import { type HuntLab, openHuntLab } from './__fixtures__/lab.ts';
import { containDescendant } from './descendants/close.ts';
import { countDescendants } from './descendants/store.ts';
import type { ExposedPrincipal } from './descendants/types.ts';
import { huntDescendants } from './descendants.ts';
import { exposedPrincipals } from './exposed.ts';

let lab: HuntLab;
let incidentId: string;
beforeAll(async () => {
  lab = await openHuntLab();
});
afterAll(() => lab?.close());
beforeEach(async () => {
  incidentId = await lab.begin();
});

const from = new Date('2023-11-14T00:00:00Z');
const to = new Date('2023-11-30T00:00:00Z');
const at = (minute: number) => new Date(from.getTime() + minute * 60_000).toISOString();
const exposed = (principal: string, extra: Partial<ExposedPrincipal> = {}): ExposedPrincipal => ({
  principal,
  from,
  to,
  ...extra,
});

const hunt = (...principals: ExposedPrincipal[]) =>
  huntDescendants(lab.context, { incidentId, principals, period: { from, to }, sources: [] });

const jiraCreated = (minute: number, by: string, name: string, uid = `uid-${name}`): TestEvent => ({
  time: at(minute),
  source: 'jira-audit',
  event_code: 'jira.auditing.user.created',
  actor_user_name: by,
  user_name: name,
  made_uid: uid,
  src_ip: '192.0.2.66',
});

test('what was made makes more: four generations, each edge with its event', async () => {
  const { fileId } = await insertEvents(lab.lake, [
    jiraCreated(1, 'svc', 'one'),
    jiraCreated(2, 'one', 'two'),
    {
      time: at(3),
      source: 'jira-audit',
      event_code: 'jira.auditing.access.token.created',
      actor_user_name: 'two',
      made_uid: 'tok-3',
      resource_name: 'ci',
    },
    {
      time: at(4),
      source: 'confluence-audit',
      event_code: 'audit.logging.summary.webhook.created',
      actor_credential_uid: 'tok-3',
      resource_name: 'hook',
      made_uid: 'hook-4',
    },
    jiraCreated(5, 'somebody', 'harmless'),
  ]);
  const report = await hunt(exposed('SVC'));
  expect(report.descendants.map(({ kind, name, generation }) => [kind, name, generation])).toEqual([
    ['account', 'one', 1],
    ['account', 'two', 2],
    ['token', 'ci', 3],
    ['webhook', 'hook', 4],
  ]);
  const [one, two, token, hook] = report.descendants;
  expect(one?.edges).toEqual([
    {
      parent: 'SVC',
      event: expect.objectContaining({ fileId, line: 1, address: '192.0.2.66', actor: 'svc' }),
    },
  ]);
  expect(
    [two, token, hook].map((made) => made?.edges.map(({ parent, event }) => [parent, event.line])),
  ).toEqual([[[one?.id, 2]], [[two?.id, 3]], [[token?.id, 4]]]);
  expect(report.census).toMatchObject({ total: 4, outstanding: 4 });
});

test('a cycle ends: an account that makes its maker anew', async () => {
  await insertEvents(lab.lake, [
    jiraCreated(1, 'svc', 'a'),
    jiraCreated(2, 'a', 'b'),
    jiraCreated(3, 'b', 'a'),
    jiraCreated(4, 'a', 'a'),
  ]);
  const { descendants } = await hunt(exposed('svc'));
  expect(descendants.map(({ name, generation }) => [name, generation])).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  expect(descendants[0]?.edges.map(({ event }) => event.line)).toEqual([1, 3]);
});

test('the same name elsewhere is somebody else; on Linux each host is a realm of its own', async () => {
  await insertEvents(lab.lake, [
    jiraCreated(1, 'svc', 'julian'),
    // Confluence shares its users with Jira, GitHub does not.
    {
      time: at(2),
      source: 'confluence-audit',
      event_code: 'user_created',
      actor_user_name: 'julian',
      user_name: 'x',
      made_uid: 'x',
    },
    {
      time: at(3),
      source: 'github-audit',
      event_code: 'org.add_member',
      actor_user_name: 'julian',
      user_name: 'y',
    },
    {
      time: at(4),
      source: 'linux-auth',
      host: 'h1',
      class_uid: 3001,
      activity_id: 1,
      actor_user_name: 'svc',
      user_name: 'ops',
    },
    {
      time: at(5),
      source: 'linux-auth',
      host: 'h1',
      class_uid: 3001,
      activity_id: 1,
      actor_user_name: 'ops',
      user_name: 'h1-user',
    },
    {
      time: at(6),
      source: 'linux-auth',
      host: 'h2',
      class_uid: 3001,
      activity_id: 1,
      actor_user_name: 'ops',
      user_name: 'h2-user',
    },
  ]);
  const { descendants } = await hunt(exposed('svc'));
  expect(descendants.map(({ name }) => name)).toEqual(['julian', 'x', 'ops', 'h1-user']);
});

test('time: nothing before it was exposed or made, nothing after the end', async () => {
  await insertEvents(lab.lake, [
    jiraCreated(-10, 'svc', 'before'),
    jiraCreated(9, 'one', 'made-before-one-was-his'),
    jiraCreated(10, 'svc', 'one'),
    jiraCreated(11, 'one', 'two'),
    jiraCreated(60, 'svc', 'after-proof-of-death'),
  ]);
  const { descendants } = await hunt(exposed('svc', { to: new Date(at(30)) }));
  expect(descendants.map(({ name }) => name)).toEqual(['one', 'two']);
});

test('what failed made nothing', async () => {
  await insertEvents(lab.lake, [{ ...jiraCreated(1, 'svc', 'refused'), status_id: 2 }]);
  expect((await hunt(exposed('svc'))).descendants).toEqual([]);
});

test('credentials among it are exposed, once, and close with the proof; what is made again reopens', async () => {
  await insertEvents(lab.lake, [jiraCreated(1, 'svc', 'one')]);
  const first = await hunt(exposed('svc'));
  expect(first).toMatchObject({ added: 1, exposed: 1 });
  const again = await hunt(exposed('svc'));
  expect(again).toMatchObject({ added: 0, exposed: 0 });
  const exposures = await listExposures(lab.context.db, { incidentId, limit: 10 });
  expect(exposures).toHaveLength(1);
  expect(exposures[0]?.reasons.map(({ kind, source }) => [kind, source])).toEqual([
    ['descendant', first.descendants[0]?.id],
  ]);
  // An exposure that the hunt itself made is no start of a hunt: the account is followed from its making on.
  expect(await exposedPrincipals(lab.context, { id: incidentId, advisory: lab.advisory })).toEqual([]);
  await containDescendant(lab.context, incidentId, 'one', { because: 'disabled', at: new Date(at(5)) });
  expect(await countDescendants(lab.context.db, incidentId)).toMatchObject({ outstanding: 0, contained: 1 });
  await insertEvents(lab.lake, [jiraCreated(20, 'svc', 'one')]);
  await hunt(exposed('svc'));
  expect(await countDescendants(lab.context.db, incidentId)).toMatchObject({ outstanding: 1, contained: 0 });
});

test('hostile names are data', async () => {
  const name = "x'); DROP TABLE events; -- \u0000 {a:String} \\";
  await insertEvents(lab.lake, [jiraCreated(1, "svc' OR 1=1 --", name), jiraCreated(2, 'other', 'harmless')]);
  const { descendants } = await hunt(exposed("svc' OR 1=1 --"));
  expect(descendants.map((one) => one.name)).toEqual([name.replace('\0', '\ufffd')]);
});

test('ten thousand descendants in bounded time', async () => {
  const events = Array.from({ length: 10_000 }, (_, index) =>
    jiraCreated(1 + index, index < 100 ? 'svc' : `user-${index % 100}`, `user-${index}`),
  );
  await insertEvents(lab.lake, events);
  const started = performance.now();
  const { census, descendants } = await hunt(
    exposed('svc', { to: new Date('2024-01-01') }),
    exposed('other'),
  );
  expect(census.total).toBe(10_000);
  expect(Math.max(...descendants.map(({ generation }) => generation))).toBe(2);
  expect(performance.now() - started).toBeLessThan(60_000);
});
