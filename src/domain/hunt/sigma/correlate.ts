/**
 * Correlations over the matches of their rules, in order of time: for each event, what stands in the window that
 * ends with it. Events that meet the condition one after the other are one finding, at the first of them.
 */
import { orderedDepth, reachOf } from './ordered.ts';
import type { CorrelationRule, ThresholdOp } from './types.ts';
import { Values } from './window-values.ts';

/** A match of one of a correlation's rules: by its place among them. */
export interface Occurrence {
  slot: number;
  at: number;
  fileId: string;
  line: number;
  source: string;
  /** Values of all fields that this correlation and those around it ask for; null where the event has none. */
  keys: readonly (string | null)[];
}

/** An event with which a correlation's condition is met. */
export interface Met extends Omit<Occurrence, 'slot'> {
  group: readonly string[];
  /** What was compared with the condition: a count, a sum, a share. */
  measure: number;
  /** Events in the window, and the first of them by place in `window`. */
  events: number;
  since: number;
  samples: readonly { fileId: string; line: number }[];
  /** Whether the event before it in its group did not meet the condition: a finding begins here. */
  begins: boolean;
  /** Of a beginning: until when each event met it, and the most that was measured. */
  until: number;
  peak: number;
}

/** Where the correlation's own fields stand in `keys`. */
export interface KeyPlaces {
  groupBy: readonly number[];
  values: readonly number[];
}

const byTime = (a: Occurrence, b: Occurrence): number =>
  a.at - b.at ||
  (a.fileId < b.fileId ? -1 : a.fileId > b.fileId ? 1 : 0) ||
  a.line - b.line ||
  a.slot - b.slot;

/** All events that meet the condition, in order of time. An event without a value for a group is of no group. */
export function correlate(
  rule: CorrelationRule,
  occurrences: readonly Occurrence[],
  places: KeyPlaces,
  samplesMax: number,
): Met[] {
  const groups = new Map<string, { group: string[]; events: Occurrence[] }>();
  for (const one of [...occurrences].sort(byTime)) {
    const group = places.groupBy.map((place) => one.keys[place] ?? null);
    if (group.some((value) => value === null)) continue;
    const named = group as string[];
    const id = JSON.stringify(named.map((value) => value.toLowerCase()));
    const known = groups.get(id);
    if (known) known.events.push(one);
    else groups.set(id, { group: named, events: [one] });
  }
  const met = [...groups.values()].flatMap(({ group, events }) => {
    const measures = measure(rule, events, places);
    return episodes(rule, group, events, measures, samplesMax);
  });
  return met.sort((a, b) => byTime({ ...a, slot: 0 }, { ...b, slot: 0 }));
}

/** For each event what the window that ends with it measures; undefined where the event does not count. */
function measure(
  rule: CorrelationRule,
  events: readonly Occurrence[],
  places: KeyPlaces,
): (number | undefined)[] {
  switch (rule.type) {
    case 'temporal':
      return countSlots(rule, events);
    case 'temporal_ordered':
      return countOrdered(rule, events);
    default:
      return slide(rule, events, places);
  }
}

/** Rules that were met within the window. Events of one moment are in it together. */
function countSlots(rule: CorrelationRule, events: readonly Occurrence[]): number[] {
  const last = new Map<number, number>();
  return momentsOf(events).flatMap((moment) => {
    for (const { slot, at } of moment) last.set(slot, at);
    const at = moment[0]?.at ?? 0;
    const seen = [...last.values()].filter((one) => one >= at - rule.spanMs).length;
    return moment.map(() => seen);
  });
}

/** The most rules that were met within the window in their order, the last of them by this event. */
function countOrdered(rule: CorrelationRule, events: readonly Occurrence[]): number[] {
  const reach = reachOf(rule.rules.length);
  return momentsOf(events).flatMap((moment) => {
    const depths = new Map<Occurrence, number>();
    // Within one moment any order is taken to be the right one.
    for (const one of [...moment].sort((a, b) => a.slot - b.slot))
      depths.set(one, orderedDepth(reach, one, rule.spanMs));
    return moment.map((one) => depths.get(one) ?? 0);
  });
}

function momentsOf(events: readonly Occurrence[]): Occurrence[][] {
  const moments: Occurrence[][] = [];
  for (const one of events) {
    const last = moments.at(-1);
    if (last?.[0]?.at === one.at) last.push(one);
    else moments.push([one]);
  }
  return moments;
}

/** Counts, sums and the like over the window. An event that several of the rules match is one. */
function slide(
  rule: CorrelationRule,
  events: readonly Occurrence[],
  places: KeyPlaces,
): (number | undefined)[] {
  const values = new Values(rule.type, rule.percentile);
  let oldest = 0;
  return events.map((one, index) => {
    for (; (events[oldest]?.at ?? 0) < one.at - rule.spanMs; oldest++)
      if (!isRepeat(events, oldest)) values.drop(countedValue(rule, events[oldest], places));
    if (isRepeat(events, index)) return undefined;
    const value = countedValue(rule, one, places);
    values.take(value);
    return values.measure(value);
  });
}

function isRepeat(events: readonly Occurrence[], index: number): boolean {
  const [before, one] = [events[index - 1], events[index]];
  return before !== undefined && before.fileId === one?.fileId && before.line === one.line;
}

/** Several fields count as one value: their values together. Undefined without one of them. */
function countedValue(
  rule: CorrelationRule,
  one: Occurrence | undefined,
  places: KeyPlaces,
): string | undefined {
  if (rule.fields.length === 0) return '';
  const all = places.values.map((place) => one?.keys[place] ?? null);
  if (all.some((value) => value === null)) return undefined;
  return all.length === 1 ? (all[0] ?? undefined) : JSON.stringify(all);
}

function isMet(rule: CorrelationRule, measured: number): boolean {
  const thresholds =
    rule.thresholds.length > 0 ? rule.thresholds : [{ op: 'gte' as const, value: rule.rules.length }];
  return thresholds.every(({ op, value }) => compare[op](measured, value));
}

const compare: Readonly<Record<ThresholdOp, (measured: number, value: number) => boolean>> = {
  gt: (measured, value) => measured > value,
  gte: (measured, value) => measured >= value,
  lt: (measured, value) => measured < value,
  lte: (measured, value) => measured <= value,
  eq: (measured, value) => measured === value,
  neq: (measured, value) => measured !== value,
};

function episodes(
  rule: CorrelationRule,
  group: readonly string[],
  events: readonly Occurrence[],
  measures: readonly (number | undefined)[],
  samplesMax: number,
): Met[] {
  const met: Met[] = [];
  let current: Met | undefined;
  let oldest = 0;
  for (const [index, one] of events.entries()) {
    const measured = measures[index];
    while ((events[oldest]?.at ?? 0) < one.at - rule.spanMs) oldest++;
    if (measured === undefined) continue;
    if (!isMet(rule, measured)) {
      current = undefined;
      continue;
    }
    const { slot: _, ...event } = one;
    const window = events.slice(Math.max(oldest, index + 1 - samplesMax), index + 1);
    const next: Met = {
      ...event,
      group,
      measure: measured,
      events: index + 1 - oldest,
      since: events[oldest]?.at ?? one.at,
      samples: current ? [] : window.map(({ fileId, line }) => ({ fileId, line })),
      begins: current === undefined,
      until: one.at,
      peak: measured,
    };
    if (current) {
      current.until = one.at;
      current.peak = Math.max(current.peak, measured);
    } else current = next;
    met.push(next);
  }
  return met;
}
