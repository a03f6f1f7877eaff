/** `hunt ioc`: looks for the indicators of advisories and STIX bundles in every event of every source. */
import { FirebreakError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { count, plural } from '../../kernel/text.ts';
import type { Advisory } from '../advisory/index.ts';
import { type CoverageInput, coverageBetween, doubtsOf } from './coverage.ts';
import { soughtOf } from './indicators/from-advisory.ts';
import { type SoughtHits, search } from './indicators/search.ts';
import { readStixFile } from './indicators/stix.ts';
import type { IndicatorReport, Sought, SoughtResult, Unread } from './indicators/types.ts';
import { recordRun } from './run.ts';
import type { FindingTally, HuntContext, NewFinding, Outstanding, Period, Watch } from './types.ts';
import { whileWanted } from './watch.ts';

export interface IndicatorInput extends CoverageInput, Watch {
  incidentId: string;
  advisories?: readonly Pick<Advisory, 'id' | 'indicators'>[];
  /** Files with STIX 2.1 bundles. */
  stixFiles?: readonly string[];
  /** What a negative is said of. Every event is searched, whatever its time. */
  period: Period;
}

/** Sightings become findings. Throws bad_input when there is nothing to look for, or a file is no bundle. */
export async function huntIndicators(
  context: HuntContext,
  input: IndicatorInput,
): Promise<IndicatorReport & { runId: string; tally: FindingTally }> {
  const hunt = whileWanted(context, input);
  const { sought, unread } = await gather(input);
  const digest = sha256Hex(JSON.stringify(sought));
  const what = {
    advisories: (input.advisories ?? []).map(({ id }) => id),
    stixFiles: input.stixFiles ?? [],
    indicators: sought.length,
    digest,
    unread: unread.length,
    period: input.period,
  };
  const { incidentId } = input;
  const { runId, result, tally } = await recordRun(context, { incidentId, kind: 'ioc', what }, async () => {
    input.onProgress?.(0, null, 'what the logs cover');
    const { claims } = await coverageBetween(hunt, input.period, input);
    const doubts = doubtsOf(claims);
    const hits = await search(await hunt.lake(), sought, input);
    const results = hits.map((one) => toResult(one, doubts));
    const outstanding = outstandingOf(results, unread, doubts);
    const seen = results.filter((one) => one.verdict === 'seen');
    return {
      result: { results, unread, claims, doubts, outstanding },
      findings: hits.flatMap(findingsOf),
      claims,
      keep: { results: results.map(({ sightings: _, ...rest }) => rest), unread, doubts },
      summary: {
        indicators: sought.length,
        seen: seen.length,
        firstSeen: seen.slice(0, 20).map(({ id, events }) => ({ id, events })),
      },
      outstanding,
      doubts: openOf(results, unread),
    };
  });
  return { ...result, runId, tally };
}

async function gather(input: IndicatorInput): Promise<{ sought: Sought[]; unread: Unread[] }> {
  const bundles = await Promise.all((input.stixFiles ?? []).map(readStixFile));
  const all = [...(input.advisories ?? []).flatMap(soughtOf), ...bundles.flatMap((bundle) => bundle.sought)];
  const sought = [...new Map(all.map((one) => [one.id, one])).values()];
  const unread = bundles.flatMap((bundle) => bundle.unread);
  if (sought.length === 0 && unread.length === 0)
    throw new FirebreakError('bad_input', 'no indicators: neither the advisory nor a STIX file names any');
  if (sought.length > limits.huntIndicatorsMax)
    throw new FirebreakError(
      'limit_exceeded',
      `${count(sought.length)} indicators; at most ${count(limits.huntIndicatorsMax)} are taken at once`,
    );
  return { sought, unread };
}

function toResult(
  { sought, bySource, sightings, notes }: SoughtHits,
  doubts: readonly string[],
): SoughtResult {
  const events = bySource.reduce((sum, one) => sum + one.events, 0);
  const times = bySource.flatMap(({ first, last }) => [first.getTime(), last.getTime()]);
  const isOpen = doubts.length > 0 || notes.length > 0;
  return {
    id: sought.id,
    title: sought.title,
    origin: sought.origin,
    severity: sought.severity,
    events,
    first: events > 0 ? new Date(Math.min(...times)) : null,
    last: events > 0 ? new Date(Math.max(...times)) : null,
    bySource: bySource.map(({ source, events: own }) => ({ source, events: own })),
    sightings,
    verdict: events > 0 ? 'seen' : isOpen ? 'cannot-be-ruled-out' : 'not-seen',
    notes,
  };
}

/** Where an indicator occurs more often than is listed, the finding says how often. */
function findingsOf({ sought, bySource, sightings }: SoughtHits): NewFinding[] {
  return sightings.map(({ event, column }) => {
    const inSource = bySource.find(({ source }) => source === event.source)?.events ?? 0;
    return {
      rule: sought.id,
      ruleKind: 'indicator',
      title: sought.title,
      severity: sought.severity,
      techniques: [],
      event,
      data: { column, origin: sought.origin, eventsInSource: inSource },
    };
  });
}

function outstandingOf(
  results: readonly SoughtResult[],
  unread: readonly Unread[],
  doubts: readonly string[],
): Outstanding[] {
  const open = results.filter((one) => one.verdict === 'cannot-be-ruled-out');
  const because = [...doubts, ...new Set(open.flatMap((one) => one.notes))].join('; ');
  const one = `${plural(open.length, 'indicator')} not seen, which can't be ruled out`;
  return [...(open.length > 0 ? [{ what: one, why: because }] : []), ...unread.map(unreadOne)];
}

const unreadOne = ({ origin, what, why }: Unread): Outstanding => ({
  what: `indicator ${what} of ${origin} not looked for`,
  why,
});

/** What was not looked for, or not everywhere, whatever the logs cover. */
function openOf(results: readonly SoughtResult[], unread: readonly Unread[]): Outstanding[] {
  const noted = results.filter(({ notes }) => notes.length > 0);
  return [
    ...noted.map(({ title, notes }) => ({
      what: `${title} was not looked for whole`,
      why: notes.join('; '),
    })),
    ...unread.map(unreadOne),
  ];
}
