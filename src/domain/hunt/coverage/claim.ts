/** What can be claimed of a period: law 4. A negative is only as good as the log behind it. */
import { plural } from '../../../kernel/text.ts';
import type { Period } from '../types.ts';
import { duration, judgeSilence } from './find-gaps.ts';
import type { MeasuredHost } from './read-coverage.ts';
import type { Claim, Doubt, ExpectedSource, FileCoverage, InterruptedFile } from './types.ts';

export interface Evidence {
  hosts: readonly MeasuredHost[];
  files: readonly FileCoverage[];
  interrupted: readonly InterruptedFile[];
  missing: readonly ExpectedSource[];
  /** Events of each source in the period. */
  events: ReadonlyMap<string, number>;
}

/** One claim for each source that is there or should be, by name. */
export function claimAll(evidence: Evidence, period: Period): Claim[] {
  const names = new Set([
    ...evidence.hosts.map(({ source }) => source),
    ...evidence.files.map(({ source }) => source),
    ...evidence.interrupted.map(({ source }) => source),
    ...evidence.missing.map(({ source }) => source),
  ]);
  return [...names].sort().map((source) => claimSource(evidence, source, period));
}

function claimSource(evidence: Evidence, source: string, period: Period): Claim {
  const hosts = evidence.hosts.filter((host) => host.source === source);
  const missing = evidence.missing.filter((one) => one.source === source);
  const silent = hosts.filter((host) => isSilent(host, period));
  const interrupted = evidence.interrupted.filter((one) => one.source === source).map(({ path }) => path);
  const doubts: Doubt[] = [
    ...(interrupted.length > 0 ? [{ kind: 'interrupted' as const, files: interrupted }] : []),
    ...missing.map(({ host, why }): Doubt => ({ kind: 'missing', host: host ?? null, why })),
    ...hosts.flatMap((host) => hostDoubts(host, period)),
    ...rejectDoubt(evidence.files, source, period),
  ];
  const verdict = silent.length === hosts.length ? 'none' : doubts.length > 0 ? 'partial' : 'full';
  if (hosts.length === 0 && missing.length === 0)
    doubts.push({ kind: 'missing', host: null, why: 'no record of its files is an event' });
  const events = evidence.events.get(source) ?? 0;
  return { source, period, verdict, hosts: hosts.length, events, doubts };
}

/** No part of the period is covered. */
function isSilent(host: MeasuredHost, period: Period): boolean {
  const [from, to] = [period.from.getTime(), period.to.getTime()];
  return gapsWithin(host, period).some((gap) => gap.from.getTime() <= from && gap.to.getTime() >= to);
}

function hostDoubts(host: MeasuredHost, period: Period): Doubt[] {
  const gaps = gapsWithin(host, period).map((gap): Doubt => ({ kind: 'gap', host: host.host, ...gap }));
  const holes = host.holes
    .filter((hole) => overlaps(hole, period))
    .map(({ from, to, missing }): Doubt => ({ kind: 'hole', host: host.host, from, to, missing }));
  return [...gaps, ...holes];
}

/** The gaps that touch the period, and the silence at its ends where the log begins later or ends earlier. */
function gapsWithin(host: MeasuredHost, period: Period): { from: Date; to: Date; why: string }[] {
  const inside = host.gaps
    .filter((gap) => overlaps(gap, period))
    .map(({ from, to, why }) => ({ from: later(from, period.from), to: earlier(to, period.to), why }));
  const ends = [
    { from: period.from, to: earlier(host.first, period.to), what: 'the log begins later' },
    { from: later(host.last, period.from), to: period.to, what: 'the log ends before' },
  ].flatMap(({ from, to, what }) => {
    const why = judgeSilence({ fromMs: from.getTime(), toMs: to.getTime() }, host.rhythm);
    return why === undefined ? [] : [{ from, to, why: `${what}: ${why}` }];
  });
  return [...ends, ...inside].sort((a, b) => a.from.getTime() - b.from.getTime());
}

/** A record that was not read may have been of any time that its file covers. */
function rejectDoubt(files: readonly FileCoverage[], source: string, period: Period): Doubt[] {
  const touched = files.filter(
    (file) =>
      file.source === source &&
      file.rejects > 0 &&
      (file.first === null || file.last === null || overlaps({ from: file.first, to: file.last }, period)),
  );
  if (touched.length === 0) return [];
  const lines = touched.reduce((sum, file) => sum + file.rejects, 0);
  return [{ kind: 'rejects', lines, files: touched.length }];
}

const overlaps = (one: Period, other: Period): boolean => one.from < other.to && one.to > other.from;
const later = (one: Date, other: Date): Date => (one > other ? one : other);
const earlier = (one: Date, other: Date): Date => (one < other ? one : other);

const gapsNamed = 3;

/** Doubts in words; of many gaps of one host the longest are named, and the others summed. */
export function describeDoubts(doubts: readonly Doubt[]): string[] {
  const gaps = new Map<string, (Doubt & { kind: 'gap' })[]>();
  for (const doubt of doubts)
    if (doubt.kind === 'gap') gaps.set(doubt.host, [...(gaps.get(doubt.host) ?? []), doubt]);
  const others = doubts.filter(({ kind }) => kind !== 'gap').map(describeDoubt);
  return [...others, ...[...gaps].flatMap(([host, own]) => describeGaps(host, own))];
}

function describeGaps(host: string, gaps: readonly (Doubt & { kind: 'gap' })[]): string[] {
  const lengthOf = ({ from, to }: Period) => to.getTime() - from.getTime();
  if (gaps.length <= gapsNamed + 1) return gaps.map(describeDoubt);
  const sorted = [...gaps].sort((a, b) => lengthOf(b) - lengthOf(a));
  const rest = sorted.slice(gapsNamed);
  const whole = duration(rest.reduce((sum, gap) => sum + lengthOf(gap), 0));
  return [
    ...sorted.slice(0, gapsNamed).map(describeDoubt),
    `${host === '' ? '' : `host ${host}: `}and ${plural(rest.length, 'shorter silence')}, ${whole} in all`,
  ];
}

/** The doubt in words: `host a: silent for 3 h, in which about 40 events are usual (2023-... to ...)`. */
export function describeDoubt(doubt: Doubt): string {
  if (doubt.kind === 'rejects')
    return `${plural(doubt.lines, 'record')} of ${plural(doubt.files, 'file')} could not be read`;
  if (doubt.kind === 'interrupted')
    return `${plural(doubt.files.length, 'file')} not read to the end: ingest again ${doubt.files.slice(0, 3).join(', ')}`;
  if (doubt.kind === 'missing')
    return `${doubt.host === null ? 'no events came' : `host ${doubt.host}: no events came`} (${doubt.why})`;
  const span = `${doubt.from.toISOString()} to ${doubt.to.toISOString()}`;
  const host = doubt.host === '' ? '' : `host ${doubt.host}: `;
  if (doubt.kind === 'hole') return `${host}${plural(doubt.missing, 'number')} missing (${span})`;
  return `${host}${doubt.why} (${span})`;
}
