/** Sums, averages, medians, percentiles and shares of a window: their bounds, by hand and against the plain way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correlate, type Occurrence } from './correlate.ts';
import { readRuleTexts } from './read-rules.ts';
import type { CorrelationRule } from './types.ts';

const base =
  'title: base\nid: base\nname: base\nlogsource: {product: app}\ndetection: {s: {f: v}, condition: s}\n';
const read = (correlation: string) =>
  readRuleTexts([{ file: 'r.yml', text: `${base}---\ntitle: c\nid: c\ncorrelation: ${correlation}\n` }]);

function ruleOf(type: string, condition: string, timespan = '10s'): CorrelationRule {
  const { rules, problems } = read(
    `{type: ${type}, rules: [base], group-by: [user], timespan: ${timespan}, condition: {field: size, ${condition}}}`,
  );
  expect(problems).toEqual([]);
  return rules.find((rule) => rule.kind === 'correlation') as CorrelationRule;
}

const at = (moments: readonly (readonly [seconds: number, value: string | null])[]): Occurrence[] =>
  moments.map(([seconds, value], index) => ({
    slot: 0,
    at: seconds * 1_000,
    fileId: 'f',
    line: index + 1,
    source: 's',
    keys: ['x', value],
  }));
const places = { groupBy: [0], values: [1] };
const met = (rule: CorrelationRule, events: Occurrence[]) =>
  correlate(rule, events, places, 1).map(({ line, measure }) => [line, measure]);
const measured = (rule: CorrelationRule, values: readonly (number | string)[]) =>
  met(
    { ...rule, thresholds: [{ op: 'gte', value: -Number.MAX_VALUE }] },
    at(values.map((value) => [1, String(value)])),
  ).at(-1)?.[1];

describe('which rules are taken', () => {
  const reasonOf = (type: string, condition: string) =>
    read(`{type: ${type}, rules: [base], group-by: [user], timespan: 1h, condition: {${condition}}}`)
      .problems[0]?.reason;

  test.each(['value_sum', 'value_avg', 'value_median', 'value_percentile'])(
    '%s needs one field and a bound',
    (type) => {
      expect(reasonOf(type, 'gte: 1')).toContain('needs the field');
      expect(reasonOf(type, 'field: size')).toContain('needs a condition');
      expect(reasonOf(type, 'field: [a, b], gte: 1')).toContain('one field');
      expect(reasonOf(type, 'field: size, gte: 1.5')).toBeUndefined();
    },
  );

  test('a percentile is from 0 to 100, and of value_percentile alone', () => {
    for (const percentile of [0, 0.5, 50, 100])
      expect(reasonOf('value_percentile', `field: size, percentile: ${percentile}, gt: 1`)).toBeUndefined();
    expect(reasonOf('value_percentile', 'field: size, percentile: -1, gt: 1')).toContain('at least 0');
    expect(reasonOf('value_percentile', 'field: size, percentile: 100.1, gt: 1')).toContain('at most 100');
    expect(reasonOf('value_sum', 'field: size, percentile: 50, gt: 1')).toContain(
      'belongs to value_percentile',
    );
  });
});

test('a percentile is the nearest rank: the smallest value that so many percent do not exceed', () => {
  const of = (percentile: number) => ruleOf('value_percentile', `percentile: ${percentile}, gte: 0`);
  const twenty = Array.from({ length: 20 }, (_, index) => index + 1);
  expect(measured(of(0), twenty)).toBe(1);
  expect(measured(of(5), twenty)).toBe(1);
  expect(measured(of(5.1), twenty)).toBe(2);
  expect(measured(of(50), twenty)).toBe(10);
  // 0.55 times 20 is a little more than 11 in floating point.
  expect(measured(of(55), twenty)).toBe(11);
  expect(measured(of(100), twenty)).toBe(20);
  expect(measured(ruleOf('value_median', 'gte: 0'), twenty)).toBe(10);
  expect(measured(ruleOf('value_median', 'gte: 0'), [3, 1, 2])).toBe(2);
});

test('any percentile of any values is what the sorted list says', () => {
  // In thousandths of a percent, so that the rank is a whole division.
  const property = fc.property(
    fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 120 }),
    fc.integer({ min: 0, max: 100_000 }),
    (values, thousandths) => {
      const rule = ruleOf('value_percentile', `percentile: ${thousandths / 1_000}, gte: 0`);
      const rank = Number((BigInt(thousandths) * BigInt(values.length) + 99_999n) / 100_000n);
      const sorted = [...values].sort((a, b) => a - b);
      expect(measured(rule, values)).toBe(sorted[Math.max(1, rank) - 1]);
    },
  );
  fc.assert(property, { numRuns: 400 });
});

test("the specification's share: a value that makes up one percent or less, at its bound and beyond", () => {
  const rule = ruleOf('value_percentile', 'lte: 1', '24h');
  const many = (count: number): [number, string][] =>
    Array.from({ length: count }, (_, index) => [index, 'svchost.exe']);
  expect(met(rule, at([...many(99), [99, 'rare.exe']]))).toEqual([[100, 1]]);
  expect(met(rule, at([...many(98), [98, 'rare.exe']]))).toEqual([]);
  // A second time it is two of a hundred; case does not make another value; an event without the field is none.
  expect(met(rule, at([...many(98), [98, 'rare.exe'], [99, 'RARE.exe']]))).toEqual([]);
  expect(met(rule, at([...many(98), [98, null], [99, 'rare.exe']]))).toEqual([]);
  expect(met({ ...rule, thresholds: [{ op: 'lt', value: 1 }] }, at([...many(99), [99, 'rare.exe']]))).toEqual(
    [],
  );
});

test('the window: what is exactly as old as the timespan is in it, what is older is not', () => {
  const rule = ruleOf('value_sum', 'gte: 3');
  expect(
    met(
      rule,
      at([
        [0, '1'],
        [10, '2'],
      ]),
    ),
  ).toEqual([[2, 3]]);
  expect(
    met(
      rule,
      at([
        [0, '1'],
        [10.001, '2'],
      ]),
    ),
  ).toEqual([]);
  const average = ruleOf('value_avg', 'gt: 500');
  expect(
    met(
      average,
      at([
        [0, '1000'],
        [5, '0'],
        [11, '1001'],
      ]),
    ),
  ).toEqual([
    [1, 1000],
    [3, 500.5],
  ]);
});

test('a condition of two bounds wants both; what is no number counts for nothing', () => {
  const rule = ruleOf('value_sum', 'gte: 2, lte: 4');
  const events = at([
    [0, '1'],
    [1, '1'],
    [2, 'many'],
    [3, ''],
    [4, null],
    [5, 'Infinity'],
    [6, '2'],
    [7, '1'],
  ]);
  expect(met(rule, events)).toEqual([
    [2, 2],
    [7, 4],
  ]);
});

test('a huge number leaves nothing behind when it leaves the window', () => {
  const rule = ruleOf('value_sum', 'gte: 2');
  expect(
    met(
      rule,
      at([
        [0, '1e300'],
        [1, '1'],
        [10, '1'],
        [10.5, '1'],
      ]),
    ).slice(-1),
  ).toEqual([[4, 3]]);
  const property = fc.property(
    fc.array(
      fc.tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom('1', '0.1', '-3', '1e17', '2.5', '-1e17')),
      {
        maxLength: 60,
      },
    ),
    (moments) => {
      const sorted = [...moments].sort(([a], [b]) => a - b);
      const sums = met({ ...rule, thresholds: [{ op: 'gte', value: -1e300 }] }, at(sorted));
      for (const [line = 0, sum = 0] of sums) {
        const [now = 0] = sorted[line - 1] ?? [];
        const window = sorted
          .slice(0, line)
          .filter(([seconds]) => seconds >= now - 10)
          .map(([, value]) => Number(value));
        const plain = window.reduce((all, value) => all + value, 0);
        const sizes = window.reduce((all, value) => all + Math.abs(value), 0);
        expect(Math.abs(sum - plain)).toBeLessThanOrEqual(1e-12 * sizes + 1e-12);
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
});
