/** One order over everything, each line with its source; against a real lake, store and ledger. */
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { insertEvents, type TestEvent } from '../../../test/lab/lake.ts';
import { type HuntLab, openHuntLab } from './__fixtures__/lab.ts';
import { huntDescendants } from './descendants.ts';
import { huntIndicators } from './indicators.ts';
import { joinSame, mergeByTime } from './timeline/merge.ts';
import { render } from './timeline/render.ts';
import type { TimelineEntry } from './timeline/types.ts';
import { renderTimeline, timelineOf } from './timeline.ts';

let lab: HuntLab;
let incidentId: string;
beforeAll(async () => {
  lab = await openHuntLab();
});
afterAll(() => lab?.close());
beforeEach(async () => {
  incidentId = await lab.begin();
});

const from = new Date('2023-11-15T16:00:00Z');
const to = new Date('2023-11-24T00:00:00Z');
const period = { from, to };
const at = (minute: number) => new Date(from.getTime() + minute * 60_000);
const attacker = { principals: [{ principal: 'svc', from, to }], addresses: [] };
const event = (minute: number, extra: TestEvent): TestEvent => ({
  time: at(minute).toISOString(),
  time_text: `as written ${minute}`,
  source: 'jira-access',
  host: 'jira-01',
  actor_user_name: 'svc',
  src_ip: '192.0.2.66',
  raw: `line ${minute} ${JSON.stringify(extra)}`,
  ...extra,
});
const browse = (minute: number, ticket: string, extra: TestEvent = {}) =>
  event(minute, {
    event_code: 'issue.view',
    resource_uid: ticket,
    http_url: `/browse/${ticket}`,
    http_status: 200,
    ...extra,
  });
const day = 24 * 60;

async function entries(): Promise<TimelineEntry[]> {
  const all: TimelineEntry[] = [];
  for await (const entry of timelineOf(lab.context, { incidentId, attacker, period })) all.push(entry);
  return all;
}
const ofLog = (all: TimelineEntry[]) => all.filter(({ citation }) => 'fileId' in citation);

test('sessions are cut where the pause is long; a long one is a line of its own', async () => {
  await insertEvents(lab.lake, [
    browse(0, 'A-1', { actor_credential_uid: 'tok-1', http_user_agent: 'agent one' }),
    browse(10, 'A-2'),
    browse(39, 'A-3'),
    // 31 minutes later: another session. Another address: another session at the same time.
    browse(70, 'A-4'),
    browse(71, 'A-5', { src_ip: '198.51.100.1' }),
    browse(71 + 2 * day, 'A-6'),
  ]);
  const all = await entries();
  const sessions = all.filter(({ kinds }) => kinds[0] === 'session' || kinds[0] === 'pause');
  expect(sessions.map(({ at: when, what }) => [when, what])).toEqual([
    [
      at(0),
      'session of svc from 192.0.2.66; 3 events within 39 min, until 2023-11-15T16:39:00.000Z; in jira-access; with tok-1; by agent one',
    ],
    [
      at(70),
      'session of svc from 192.0.2.66; 1 event within a moment, until 2023-11-15T17:10:00.000Z; in jira-access',
    ],
    [
      at(71),
      'session of svc from 198.51.100.1; 1 event within a moment, until 2023-11-15T17:11:00.000Z; in jira-access',
    ],
    [at(71), 'pause: seen nowhere for 2 d, until 2023-11-17T17:11:00.000Z'],
    [
      at(71 + 2 * day),
      'session of svc from 192.0.2.66; 1 event within a moment, until 2023-11-17T17:11:00.000Z; in jira-access',
    ],
  ]);
});

test('all of it in one order, the same event once, each with its line, its time as written and its technique', async () => {
  const { fileId } = await insertEvents(lab.lake, [
    event(0, {
      source: 'jira-audit',
      event_code: 'jira.auditing.user.created',
      user_name: 'julian',
      made_uid: 'J1',
    }),
    browse(1, 'SEC-1'),
    browse(2, 'SEC-2', { http_status: 404 }),
    browse(3, 'X-1', { actor_user_name: 'somebody', src_ip: '192.0.2.1' }),
  ]);
  await huntDescendants(lab.context, { incidentId, principals: attacker.principals, period, sources: [] });
  await huntIndicators(lab.context, {
    incidentId,
    period,
    sources: [],
    advisories: [
      {
        id: 'x',
        indicators: [
          {
            type: 'ipv4',
            values: ['192.0.2.66'],
            confidence: 'high',
            provenance: { source: 'x', kind: 'supplier' },
          },
        ],
      },
    ],
  });
  const all = await entries();
  const times = all.map((entry) => entry.at.getTime());
  expect([...times].sort((a, b) => a - b)).toEqual(times);
  expect(
    ofLog(all).map(({ kinds, timeText, techniques, citation }) => [
      kinds.join('+'),
      timeText,
      techniques,
      'line' in citation && citation.line,
    ]),
  ).toEqual([
    ['finding+descendant', 'as written 0', ['T1136'], 1],
    ['session', 'as written 0', [], 1],
    ['finding+access', 'as written 1', ['T1213'], 2],
    ['finding+access', 'as written 2', ['T1213'], 3],
  ]);
  expect(ofLog(all)[0]).toMatchObject({
    severity: 'high',
    who: 'svc',
    address: '192.0.2.66',
    citation: { fileId },
  });
  expect(ofLog(all)[3]?.what).toContain('refused (viewed) ticket SEC-2');
  const acts = all.filter(({ kinds }) => kinds[0] === 'act').map(({ code }) => code);
  expect(acts).toContain('incident.opened');
  expect(acts).toContain('hunt.ioc.finished');
});

test('a copy of a log adds nothing; two equal lines of one log are two', async () => {
  const copied = [
    browse(1, 'A-1'),
    browse(2, 'A-2', { raw: 'same' }),
    browse(2, 'A-2', { raw: 'same', event_uid: '2' }),
  ];
  await insertEvents(lab.lake, copied);
  const before = (await entries()).filter(({ kinds }) => kinds.includes('access')).length;
  await insertEvents(lab.lake, copied.slice(0, 1));
  const after = (await entries()).filter(({ kinds }) => kinds.includes('access')).length;
  expect([before, after]).toEqual([2, 2]);
});

const hostile = '=HYPERLINK("http://evil")';
async function* some(...given: Partial<TimelineEntry>[]): AsyncGenerator<TimelineEntry> {
  for (const one of given)
    yield {
      at: at(0),
      timeText: '15/Nov/2023:16:00:00 +0000',
      kinds: ['access'],
      what: 'viewed ticket A-1',
      who: 'svc',
      address: '192.0.2.66',
      code: '',
      severity: null,
      techniques: ['T1213'],
      citation: { fileId: 'f'.repeat(64), line: 7, source: 'jira-access', host: 'h' },
      ...one,
    };
}
const text = async (pieces: AsyncIterable<string>) => {
  let whole = '';
  for await (const piece of pieces) whole += piece;
  return whole;
};

test('CSV: no cell is a formula, and every cell can be read back', async () => {
  const nasty = [
    hostile,
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '|calc',
    'a "quoted", text\r\nnext',
    ' =1',
    '\u001b[2J',
  ];
  const csv = await text(render(some(...nasty.map((who) => ({ who }))), 'csv'));
  const rows = parse(csv, { columns: true }) as Record<string, string>[];
  expect(rows).toHaveLength(nasty.length);
  for (const row of rows)
    for (const value of Object.values(row)) expect(value).not.toMatch(/^\s*[=+\-@|\t\r]/);
  expect(rows[0]).toMatchObject({
    datetime: '2023-11-15T16:00:00.000Z',
    time_in_source: '15/Nov/2023:16:00:00 +0000',
    line: '7',
    user: `'${hostile}`,
  });
  expect(csv).not.toContain('\u001b');
});

test('Timesketch takes JSON lines with message, datetime and timestamp_desc', async () => {
  const lines = (await text(render(some({}, { citation: { ledgerSeq: 3 }, kinds: ['act'] }), 'timesketch')))
    .trimEnd()
    .split('\n');
  const [one, two] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(one).toMatchObject({
    message: 'viewed ticket A-1',
    datetime: '2023-11-15T16:00:00.000Z',
    timestamp_desc: 'Access',
    timestamp: at(0).getTime() * 1_000,
    attack_technique: 'T1213',
  });
  expect(two).toMatchObject({ source: 'ledger', ledger_entry: 3, timestamp_desc: 'Response' });
});

test('JSON is one document, also of nothing', async () => {
  expect(JSON.parse(await text(render(some(), 'json')))).toEqual({ timeline: [] });
  expect(JSON.parse(await text(render(some({}, {}), 'json')))).toMatchObject({
    timeline: [{ line: 7 }, { line: 7 }],
  });
  const whole = await text(renderTimeline(lab.context, { incidentId, attacker, period }, 'json'));
  expect((JSON.parse(whole) as { timeline: unknown[] }).timeline.length).toBeGreaterThan(0);
});

test('sequences are merged by time, reading no further ahead than they must', async () => {
  const read: number[] = [];
  async function* minutes(...list: number[]) {
    for (const minute of list) {
      read.push(minute);
      yield* some({ at: at(minute), who: `w${minute}` });
    }
  }
  const merged: string[] = [];
  for await (const entry of mergeByTime([minutes(1, 4, 5), minutes(2, 3, 6), minutes()])) {
    merged.push(entry.who);
    if (merged.length === 2) break;
  }
  expect(merged).toEqual(['w1', 'w2']);
  expect(read).toEqual([1, 2, 4]);
  const joined: string[] = [];
  for await (const entry of joinSame(
    some(
      {},
      { kinds: ['finding'], what: 'rule' },
      { citation: { fileId: 'e'.repeat(64), line: 1, source: 'jira-access', host: 'h' } },
    ),
  ))
    joined.push(`${entry.kinds.join('+')} ${entry.what}`);
  expect(joined).toEqual(['access+finding viewed ticket A-1; rule', 'access viewed ticket A-1']);
});
