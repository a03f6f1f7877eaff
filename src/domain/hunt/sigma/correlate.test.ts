/** Correlations against brute force: every window of every group, looked at anew. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { correlate, type Occurrence } from './correlate.ts';
import { correlateTree, treeOf } from './correlation-tree.ts';
import { readRuleTexts } from './read-rules.ts';
import type { CorrelationRule, CorrelationType, Rule, ThresholdOp } from './types.ts';

const ruleOf = (type: CorrelationType, more: Partial<CorrelationRule> = {}): CorrelationRule => ({
  kind: 'correlation',
  id: 'c',
  name: undefined,
  title: 'c',
  level: 'high',
  techniques: [],
  tags: [],
  place: { file: 'c.yml', line: 1 },
  type,
  rules: ['a'],
  groupBy: ['user'],
  spanMs: 10,
  thresholds: [{ op: 'gte', value: 3 }],
  fields: [],
  percentile: undefined,
  aliases: {},
  generate: false,
  ...more,
});

const event = fc.record({
  slot: fc.integer({ min: 0, max: 2 }),
  line: fc.integer({ min: 1, max: 40 }),
  user: fc.constantFrom('x', 'X', 'y', null),
  value: fc.constantFrom('1', '2', '3.5', '-4', 'Q', 'q', null),
});
const made = fc.array(event, { maxLength: 40 }).map((all) =>
  all.map(
    ({ slot, line, user, value }): Occurrence => ({
      slot,
      // Two lines in one moment; the same line is always of the same moment.
      at: Math.floor(line / 2) * 3,
      fileId: 'f',
      line,
      source: 's',
      keys: [user, value],
    }),
  ),
);
const places = { groupBy: [0], values: [1] };
const op = fc.constantFrom<ThresholdOp>('gt', 'gte', 'lt', 'lte', 'eq', 'neq');

const compare: Record<ThresholdOp, (a: number, b: number) => boolean> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
};

const order = (a: Occurrence, b: Occurrence) => a.at - b.at || a.line - b.line || a.slot - b.slot;
const same = (a: Occurrence, b: Occurrence) => a.line === b.line && a.fileId === b.fileId;

/** The lines at which the condition holds, each with what was measured. */
function brute(
  rule: CorrelationRule,
  events: readonly Occurrence[],
  measure: (window: Occurrence[], one: Occurrence) => number | undefined,
) {
  const sorted = events.filter(({ keys }) => keys[0] !== null).sort(order);
  return sorted.flatMap((one, index) => {
    const group = sorted.filter(({ keys }) => keys[0]?.toLowerCase() === one.keys[0]?.toLowerCase());
    const isTemporal = rule.type.startsWith('temporal');
    const before = group[group.indexOf(one) - 1];
    if (!isTemporal && before && same(before, one) && before.at === one.at) return [];
    const window = group.filter(
      (other) =>
        other.at >= one.at - rule.spanMs &&
        (isTemporal ? other.at <= one.at : sorted.indexOf(other) <= index),
    );
    const distinct = isTemporal
      ? window
      : window.filter(
          (other, at) =>
            at === 0 || !(same(other, window[at - 1] as Occurrence) && other.at === window[at - 1]?.at),
        );
    const measured = measure(distinct, one);
    if (measured === undefined) return [];
    return rule.thresholds.every((threshold) => compare[threshold.op](measured, threshold.value))
      ? [[one.line, one.slot, round(measured)]]
      : [];
  });
}
const round = (value: number) => Math.round(value * 1e6) / 1e6;
const found = (rule: CorrelationRule, events: readonly Occurrence[]) =>
  correlate(rule, events, places, 5).map(({ line, measure, at }) => [
    line,
    events.find((one) => one.line === line && one.at === at)?.slot,
    round(measure),
  ]);
const shape = (rows: (number | undefined)[][]) =>
  rows.map(([line, , measured]) => JSON.stringify([line, measured])).sort();

const numbers = (window: readonly Occurrence[]) =>
  window.flatMap(({ keys }) =>
    keys[1] !== null && Number.isFinite(Number(keys[1])) ? [Number(keys[1])] : [],
  );
const values = (window: readonly Occurrence[]) => window.flatMap(({ keys }) => keys[1]?.toLowerCase() ?? []);

const measures: Partial<
  Record<
    CorrelationType,
    (window: Occurrence[], one: Occurrence, rule: CorrelationRule) => number | undefined
  >
> = {
  event_count: (window) => window.length,
  value_count: (window, one) => (one.keys[1] === null ? undefined : new Set(values(window)).size),
  value_sum: (window, one) =>
    numbers([one]).length === 0 ? undefined : numbers(window).reduce((a, b) => a + b, 0),
  value_avg: (window, one) =>
    numbers([one]).length === 0
      ? undefined
      : numbers(window).reduce((a, b) => a + b, 0) / numbers(window).length,
  value_median: (window, one) => {
    const sorted = numbers(window).sort((a, b) => a - b);
    return numbers([one]).length === 0 ? undefined : sorted[Math.ceil(sorted.length / 2) - 1];
  },
  value_percentile: (window, one) =>
    one.keys[1] === null
      ? undefined
      : (100 * values(window).filter((value) => value === one.keys[1]?.toLowerCase()).length) /
        values(window).length,
  temporal: (window) => new Set(window.map(({ slot }) => slot)).size,
  temporal_ordered: (window, one, rule) => {
    // Every choice of events in the order of the rules that ends with this one.
    const chain = (from: number, slot: number): number =>
      Math.max(
        0,
        ...window
          .filter((other) => other.slot < slot && other.at <= from)
          .map((other) => 1 + chain(other.at, other.slot)),
      );
    return Math.min(rule.rules.length, 1 + chain(one.at, one.slot));
  },
};

test.each(Object.keys(measures) as CorrelationType[])('%s is what every window says by itself', (type) => {
  const property = fc.property(made, op, fc.integer({ min: -4, max: 6 }), (events, sign, value) => {
    const isTemporal = type.startsWith('temporal');
    const rule = ruleOf(type, {
      rules: isTemporal ? ['a', 'b', 'c'] : ['a'],
      fields: type.startsWith('value') ? ['v'] : [],
      thresholds: [{ op: sign, value: type === 'value_percentile' ? value * 10 : value }],
    });
    const expected = brute(rule, events, (window, one) => measures[type]?.(window, one, rule));
    expect(shape(found(rule, events))).toEqual(shape(expected));
  });
  fc.assert(property, { numRuns: 300 });
});

test('a burst is one finding, at the event that completes it; a later burst is another', () => {
  const at = (times: number[]): Occurrence[] =>
    times.map((time, index) => ({
      slot: 0,
      at: time,
      fileId: 'f',
      line: index + 1,
      source: 's',
      keys: ['x', null],
    }));
  const met = correlate(ruleOf('event_count'), at([0, 1, 2, 3, 4, 100, 101, 200, 201, 202]), places, 2);
  expect(met.filter(({ begins }) => begins)).toMatchObject([
    { line: 3, measure: 3, peak: 5, since: 0, until: 4, group: ['x'], samples: [{ line: 2 }, { line: 3 }] },
    { line: 10, measure: 3, peak: 3, since: 200, until: 202 },
  ]);
});

const base = (name: string) =>
  `title: ${name}\nid: ${name}\nname: ${name}\nlogsource: {product: app}\ndetection: {s: {f: ${name}}, condition: s}\n`;

test('a correlation of correlations groups by its own fields, under the names that each rule has for them', () => {
  const text = [
    'title: chain\nid: chain\ncorrelation: {type: temporal_ordered, rules: [many, good], group-by: [who], timespan: 10s, aliases: {who: {many: user, good: account}}}\n',
    'title: many\nid: many-id\nname: many\ncorrelation: {type: event_count, rules: [bad], group-by: [host], timespan: 5s, condition: {gte: 2}}\n',
    base('bad'),
    base('good'),
  ].join('---\n');
  const { rules, problems } = readRuleTexts([{ file: 'r.yml', text }]);
  expect(problems).toEqual([]);
  const tree = treeOf(rules[0] as CorrelationRule, rules);
  const [many, good] = tree.children;
  if (many?.kind !== 'branch' || good?.kind !== 'leaf') throw new Error('a branch and a leaf are expected');
  const [bad] = many.children;
  if (bad?.kind !== 'leaf') throw new Error('a leaf is expected');
  expect([bad.keys, good.keys]).toEqual([['user', 'host'], ['account']]);
  const one = (seconds: number, line: number, keys: (string | null)[]) => ({
    at: seconds * 1_000,
    fileId: 'f',
    line,
    source: 's',
    keys,
  });
  const answers = new Map([
    [
      bad,
      [
        one(0, 1, ['eve', 'h1']),
        one(1, 2, ['eve', 'h2']),
        one(2, 3, ['eve', 'h1']),
        one(30, 4, ['eve', 'h1']),
      ],
    ],
    [good, [one(1, 5, ['eve']), one(9, 6, ['Eve']), one(9, 7, ['bob']), one(31, 8, ['eve'])]],
  ]);
  // Two bad ones on one host at 0 and 2 seconds, then a good one of the same user within ten.
  expect(correlateTree(tree, answers, 5).map(({ line }) => line)).toEqual([6]);
});

test('correlations that can not be used are listed with their reason and line', () => {
  const reasons = (text: string) =>
    readRuleTexts([{ file: 'r.yml', text }]).problems.map(({ line, reason }) => `${line}: ${reason}`);
  const corr = (inner: string) => `title: t\nid: t\ncorrelation: {${inner}}\n`;
  expect(
    reasons(corr('type: event_count, rules: [gone], group-by: [a], timespan: 1h, condition: {gte: 1}')),
  ).toEqual([expect.stringContaining('correlates gone, which is not among')]);
  expect(
    reasons(corr('type: event_count, rules: [t], group-by: [a], timespan: 1h, condition: {gte: 1}'))[0],
  ).toContain('correlates itself');
  expect(reasons(corr('type: event_count, rules: [x], group-by: [a], timespan: 1h'))[0]).toContain(
    'needs a condition',
  );
  expect(
    reasons(corr('type: value_count, rules: [x], group-by: [a], timespan: 1h, condition: {gte: 1}'))[0],
  ).toContain('needs the field');
  expect(
    reasons(corr('type: event_count, rules: [x], group-by: [a], timespan: soon, condition: {gte: 1}'))[0],
  ).toMatch(/^3: .*timespan/);
  expect(
    reasons(
      `title: t\nid: t\nlogsource: {product: a}\ndetection: {s: {a: b}, condition: 's | count() > 5'}\n`,
    )[0],
  ).toContain('old format');
  const rules: Rule[] = readRuleTexts([{ file: 'r.yml', text: `${base('a')}---\n${base('a')}` }]).rules;
  expect(rules).toHaveLength(1);
});
