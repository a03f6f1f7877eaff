/** What may be claimed of a period: against a real lake, and against brute force. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { emptyLake, insertEvents, openTestLake, type TestLake } from '../../../test/lab/lake.ts';
import { limits } from '../../kernel/limits.ts';
import { findGaps } from './coverage/find-gaps.ts';
import { expectedBetween, rhythmOf } from './coverage/rhythm.ts';
import { coverageBetween, takeCoverage } from './coverage.ts';
import type { HuntContext } from './types.ts';

let lake: TestLake;
let context: HuntContext;

beforeAll(async () => {
  lake = await openTestLake();
  // Coverage needs nothing of the context but the lake.
  context = { lake: async () => lake } as unknown as HuntContext;
});
afterAll(() => lake.close());
beforeEach(() => emptyLake(lake));

const hourMs = 3_600_000;
const minuteMs = 60_000;
const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
const monday = day('2023-11-06');

/** An event every minute of working hours, every ten minutes at other times. */
function busyDays(days: number, without: (at: number) => boolean = () => false) {
  const events: { time: string; source: string; host: string; sequence: number }[] = [];
  let sequence = 0;
  for (let at = monday; at < monday + days * 24 * hourMs; at += minuteMs) {
    const hour = new Date(at).getUTCHours();
    const every = hour >= 8 && hour < 18 ? 1 : 10;
    if (Math.floor(at / minuteMs) % every !== 0) continue;
    sequence++;
    if (!without(at)) events.push({ time: new Date(at).toISOString(), source: 'a', host: 'h', sequence });
  }
  return events;
}
const period = (from: number, to: number) => ({ from: new Date(from), to: new Date(to) });

test('quiet nights are no gap; a silent working hour is one', async () => {
  const from = monday + 7 * 24 * hourMs + 10 * hourMs;
  await insertEvents(
    lake,
    busyDays(21, (at) => at > from && at < from + 3 * hourMs),
  );
  const report = await coverageBetween(context, period(monday, monday + 21 * 24 * hourMs), { sources: [] });
  expect(report.hosts[0]?.gaps).toEqual([
    {
      ...period(from, from + 3 * hourMs),
      why: 'silent for 3 h, in which about 180 events are usual',
    },
  ]);
  expect(report.claims[0]).toMatchObject({ source: 'a', verdict: 'partial', hosts: 1 });
  expect(report.outstanding[0]?.why).toContain('2023-11-13T10:00:00.000Z to 2023-11-13T13:00:00.000Z');
  // Beside the gap everything can be claimed.
  const beside = await coverageBetween(context, period(monday, from), { sources: [] });
  expect(beside.claims[0]?.verdict).toBe('full');
  expect(beside.outstanding).toEqual([]);
  const inside = await coverageBetween(context, period(from + hourMs, from + 2 * hourMs), { sources: [] });
  expect(inside.claims[0]).toMatchObject({ verdict: 'none', events: 0 });
});

test('a silence of a source whose numbers go on is no gap; missing numbers are a hole', async () => {
  const from = monday + 8 * 24 * hourMs + 10 * hourMs;
  const events = busyDays(21, (at) => at > from && at < from + 3 * hourMs);
  const sources = [{ id: 'a', sequenced: true }];
  await insertEvents(lake, events);
  const lost = await takeCoverage(context, { sources });
  expect(lost.hosts[0]?.gaps).toHaveLength(1);
  expect(lost.hosts[0]?.holes).toEqual([
    expect.objectContaining({ missing: 179, ...period(from, from + 3 * hourMs) }),
  ]);
  await lake.run('TRUNCATE TABLE events');
  await insertEvents(
    lake,
    events.map((event, index) => ({ ...event, sequence: index + 1 })),
  );
  const quiet = await takeCoverage(context, { sources });
  expect(quiet.hosts[0]).toMatchObject({ gaps: [], holes: [] });
});

test('where a log begins later or ends before, that is a doubt; a source without any event is missing', async () => {
  await insertEvents(lake, busyDays(14));
  const expected = [
    { source: 'a', why: 'in firebreak.yaml' },
    { source: 'a', host: 'other', why: 'in firebreak.yaml' },
    { source: 'b', why: 'the incident names it' },
  ];
  const wide = period(monday - 48 * hourMs, monday + 20 * 24 * hourMs);
  const report = await coverageBetween(context, wide, { sources: [], expected });
  expect(report.missing.map(({ source, host }) => [source, host])).toEqual([
    ['a', 'other'],
    ['b', undefined],
  ]);
  expect(report.claims.map(({ source, verdict }) => [source, verdict])).toEqual([
    ['a', 'partial'],
    ['b', 'none'],
  ]);
  expect(report.claims[0]?.doubts.map((doubt) => ('why' in doubt ? doubt.why : ''))).toEqual([
    'in firebreak.yaml',
    'the log begins later: silent for 2 d; 1 d are usual at most',
    expect.stringContaining('the log ends before: silent for 6 d'),
  ]);
});

test("a source's own longest silence is kept, and times of year 9999 change nothing", async () => {
  const events = busyDays(14, (at) => at > monday + 34 * hourMs && at < monday + 35.5 * hourMs);
  await insertEvents(lake, [...events, { ...events[0], time: '2299-01-01T00:00:00Z' }]);
  const strict = await takeCoverage(context, { sources: [{ id: 'a', quietSecondsMax: 1_800 }] });
  expect(strict.hosts[0]?.gaps[0]).toMatchObject(period(monday + 34 * hourMs, monday + 35.5 * hourMs));
  const loose = await takeCoverage(context, { sources: [] });
  expect(loose.hosts[0]?.gaps[0]).toMatchObject(period(monday + 34 * hourMs, monday + 35.5 * hourMs));
});

test('rejected records, interrupted files and late writing are told', async () => {
  await insertEvents(lake, [
    { time: '2023-11-14T10:00:00Z', source: 'a', logged_time: '2023-11-14T10:00:05Z' },
    { time: '2023-11-14T10:01:00Z', source: 'a', logged_time: '2023-11-14T10:01:15Z' },
  ]);
  await lake.run('ALTER TABLE files UPDATE rejects = 3 WHERE 1 SETTINGS mutations_sync = 1');
  await lake.run(
    "INSERT INTO ingests (file_id, path, source, host, begun_at) VALUES (repeat('f', 64), 'half.log', 'a', '', now64(3))",
  );
  const at = period(Date.parse('2023-11-14T10:00:00Z'), Date.parse('2023-11-14T10:01:00Z'));
  const report = await coverageBetween(context, at, { sources: [] });
  expect(report.claims[0]?.doubts).toEqual([
    { kind: 'interrupted', files: ['half.log'] },
    { kind: 'rejects', lines: 3, files: 1 },
  ]);
  expect(report.hosts[0]?.skew).toEqual({ events: 2, min: 5_000, median: 5_000, p99: 15_000, max: 15_000 });
});

test('an empty lake covers nothing', async () => {
  const report = await coverageBetween(context, period(0, 1), {
    sources: [],
    expected: [{ source: 'okta', why: 'named' }],
  });
  expect(report.claims).toMatchObject([{ source: 'okta', verdict: 'none' }]);
  expect(report.outstanding).toHaveLength(1);
});

test('silences from the lake are those of the events one by one', async () => {
  const offsets = fc.array(fc.integer({ min: 0, max: 5 * 24 * 3_600 }), { minLength: 1, maxLength: 60 });
  const property = fc.asyncProperty(offsets, async (seconds) => {
    await lake.run('TRUNCATE TABLE events');
    const times = seconds.map((second) => monday + second * 1_000);
    await insertEvents(
      lake,
      times.map((time) => ({ time: new Date(time).toISOString(), source: 'a', host: 'h' })),
    );
    const quietSecondsMax = 3 * 3_600;
    const { hosts } = await takeCoverage(context, { sources: [{ id: 'a', quietSecondsMax }] });
    const sorted = [...times].sort((a, b) => a - b);
    const long = sorted
      .slice(1)
      .flatMap((at, index) =>
        at - (sorted[index] ?? at) > quietSecondsMax * 1_000 ? [[sorted[index], at]] : [],
      );
    const found = hosts[0]?.gaps.filter((gap) => gap.why.includes('are usual at most'));
    expect(found?.map((gap) => [gap.from.getTime(), gap.to.getTime()])).toEqual(long);
  });
  await fc.assert(property, { numRuns: 15 });
});

test('what is to be expected is the sum over the hours, for any span', () => {
  const rhythm = rhythmOf(
    Array.from({ length: 168 }, (_, cell) => ({ cell, counts: [cell, cell, cell] })),
    { firstMs: 0, lastMs: 3 * 168 * hourMs - 1, activeWeeks: 3 },
  );
  const moment = fc.integer({ min: -400 * hourMs, max: 400 * hourMs });
  fc.assert(
    fc.property(moment, moment, (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      let sum = 0;
      for (let at = from; at < to; ) {
        const next = Math.min((Math.floor(at / hourMs) + 1) * hourMs, to);
        const cell = ((Math.floor(at / hourMs) % 168) + 168) % 168;
        sum += (cell * (next - at)) / hourMs;
        at = next;
      }
      expect(expectedBetween(rhythm, from, to)).toBeCloseTo(sum, 6);
    }),
  );
  const host = { rhythm, usualMs: 0, quietSecondsMax: limits.coverageQuietSecondsMax };
  expect(findGaps([{ fromMs: 100 * hourMs, toMs: 101 * hourMs, unbroken: true }], host)).toEqual([]);
  expect(findGaps([{ fromMs: 100 * hourMs, toMs: 101 * hourMs }], host)).toHaveLength(1);
});
