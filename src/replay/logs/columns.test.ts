/** What the intruder read, as the columns of the mapped practice logs have it: the sources must name each thing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MappedRow, mapRecords } from '../../../test/lab/golden.ts';
import { sources } from '../../lake/sources/registry.ts';
import { type LogEstate, writeLogs } from './index.ts';

let estate: LogEstate;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-columns-'));
  estate = await writeLogs({ folder, events: 6_000, broken: false });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The mapped records of a kind of log that the attack left. */
async function attackIn(kind: string, id = kind): Promise<MappedRow[]> {
  const source = sources.find((one) => one.id === id);
  if (source === undefined) throw new Error(`the lake has no source ${id}`);
  const rows: MappedRow[] = [];
  for (const { path } of estate.files.filter((file) => file.source === kind)) {
    const records = (await readFile(join(estate.folder, path), 'utf8')).trimEnd().split('\n');
    const lines = estate.truth.attack.filter((event) => event.path === path).map(({ line }) => line);
    rows.push(
      ...(await mapRecords(
        source,
        lines.map((line) => records[line - 1] ?? ''),
      )),
    );
  }
  return rows;
}

const distinct = (rows: readonly MappedRow[], column: string): string[] =>
  [...new Set(rows.map((row) => String(row[column])))].sort();
const sorted = (texts: readonly string[]): string[] => [...texts].sort();
const of = (code: string) => (row: MappedRow) => row.event_code === code;

test('tickets by their key, those that were refused apart', async () => {
  const views = (await attackIn('jira-access')).filter(of('issue.view'));
  expect(
    distinct(
      views.filter(({ status_id }) => status_id === 1),
      'resource_uid',
    ),
  ).toEqual(sorted(estate.truth.tickets));
  expect(
    distinct(
      views.filter(({ status_id }) => status_id === 2),
      'resource_uid',
    ),
  ).toEqual(sorted(estate.truth.refusedTickets));
});

test('pages by their id in the access log, with their title in the audit log; searches by their words', async () => {
  const [access, audit] = [await attackIn('confluence-access'), await attackIn('confluence-audit')];
  const ids = sorted(estate.truth.pages.map(({ id }) => id));
  expect(distinct(access.filter(of('page.view')), 'resource_uid')).toEqual(ids);
  const viewed = audit.filter(of('audit.logging.summary.page.viewed'));
  expect(distinct(viewed, 'resource_uid')).toEqual(ids);
  expect(distinct(viewed, 'resource_name')).toEqual(sorted(estate.truth.pages.map(({ title }) => title)));
  const words = sorted(estate.truth.searches);
  expect(distinct(access.filter(of('search.search')), 'query_text')).toEqual(words);
  expect(
    distinct(
      audit.filter(({ class_uid, activity_id }) => class_uid === 6001 && activity_id === 5),
      'query_text',
    ),
  ).toEqual(words);
});

test('repositories by project and slug, over HTTP, over SSH and in the audit log', async () => {
  const [access, audit] = [await attackIn('bitbucket-access'), await attackIn('bitbucket-audit')];
  const viewed = sorted(estate.truth.repositoriesViewed);
  expect(distinct(access.filter(of('repository.view')), 'resource_name')).toEqual(viewed);
  expect(
    distinct(
      audit.filter(({ class_uid }) => class_uid === 6001),
      'resource_name',
    ),
  ).toEqual(viewed);
  const archived = access.filter(of('repository.archive'));
  expect(distinct(archived, 'resource_name')).toEqual(sorted(estate.truth.repositoriesArchived));
  expect(archived.every(({ bytes_out }) => Number(bytes_out) > 0)).toBe(true);
});

test('the token that opened the gateway, the account that was made, the groups that it joined', async () => {
  const { credentials, createdAccount } = estate.truth;
  const entered = await attackIn('cloudflare-access-requests', 'cloudflare-access');
  expect(distinct(entered, 'actor_credential_uid')).toEqual([credentials.moveworks]);
  expect(distinct(entered, 'actor_user_type')).toEqual(['ServiceToken']);
  const audit = await attackIn('jira-audit');
  expect(audit.filter(({ class_uid }) => class_uid === 3001)).toMatchObject([
    {
      activity_id: 1,
      user_name: createdAccount.name,
      made_uid: createdAccount.uid,
      actor_user_name: credentials.smartsheet,
    },
  ]);
  const joined = audit.filter(({ class_uid, activity_id }) => class_uid === 3006 && activity_id === 3);
  const own = joined.filter(({ user_name }) => user_name === createdAccount.name);
  expect(distinct(own, 'group_name')).toEqual(sorted(createdAccount.groups));
  expect(distinct(joined, 'group_name')).toContain('jira-administrators');
});

test('what Okta and the dashboard refused', async () => {
  const okta = await attackIn('okta');
  expect(okta.length).toBeGreaterThan(0);
  expect(okta.every(({ status_id, actor_user_uid }) => status_id === 2 && actor_user_uid === '')).toBe(true);
  const entered = await attackIn('cloudflare-access-requests', 'cloudflare-access');
  const refused = entered.filter(({ status_id, time }) => status_id === 2 && String(time) < '2023-11-16');
  expect(distinct(refused, 'dst_hostname')).toEqual(['dash.corp.example']);
});
