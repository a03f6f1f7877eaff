/**
 * What the hunts of an incident leave open: gaps in the logs that they looked at, results that were cut short, what was
 * not looked for. A doubt goes away only when the same question, of at least the same time, is answered without it.
 */
import { sha256Hex } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { plural } from '../../kernel/text.ts';
import type { Db } from '../../store/index.ts';
import { describeDoubts } from './coverage/claim.ts';
import type { Claim, Doubt } from './coverage/types.ts';
import { type DoubtfulRun, listDoubtfulRuns } from './store.ts';
import type { Period, RunDoubt } from './types.ts';

/** A doubt that stands. Its id is that of its words: whoever signs for it signs for what it says. */
export interface OpenDoubt {
  id: string;
  what: string;
  why: string;
}

const doubtsTold = 20;

/** Read from the runs that finished, each doubt once. */
export async function listOpenDoubts(db: Db, incidentId: string): Promise<OpenDoubt[]> {
  const runs = await listDoubtfulRuns(db, incidentId);
  const claims = standingClaims(runs);
  const looked = new Set(claims.map(({ source }) => source));
  const all = [
    ...ingestDoubts(runs.filter(({ kind }) => kind === 'ingest')).filter(
      ({ source }) => source === undefined || !looked.has(source),
    ),
    ...claims.flatMap(claimDoubt),
    ...huntDoubts(runs.filter(({ kind }) => kind !== 'ingest')),
  ];
  return [...new Map(all.map((doubt) => toOpen(doubt)).map((doubt) => [doubt.id, doubt])).values()];
}

function toOpen({ what, why }: RunDoubt): OpenDoubt {
  const id = `dbt_${sha256Hex(JSON.stringify([what, why])).slice(0, 12)}`;
  return { id, what, why };
}

/** Of each source the claims that no later one replaces: one that speaks of the same time or more. */
function standingClaims(runs: readonly DoubtfulRun[]): Claim[] {
  let standing: Claim[] = [];
  for (const claim of runs.flatMap((run) => run.claims.map(revive)))
    standing = [
      ...standing.filter((one) => one.source !== claim.source || !covers(claim.period, one.period)),
      claim,
    ];
  return standing;
}

/** Times within a kept claim are texts. */
function revive(claim: Claim): Claim {
  const dated = <T extends Period>(one: T): T => ({ ...one, from: new Date(one.from), to: new Date(one.to) });
  const doubts = claim.doubts.map((doubt): Doubt => ('from' in doubt ? dated(doubt) : doubt));
  return { ...claim, period: dated(claim.period), doubts };
}

const covers = (one: Period, other: Period): boolean => one.from <= other.from && one.to >= other.to;

function claimDoubt({ source, period, verdict, doubts }: Claim): RunDoubt[] {
  if (verdict === 'full') return [];
  const told = describeDoubts(doubts);
  const rest = told.slice(doubtsTold);
  const more = rest.length > 0 ? [`and ${plural(rest.length, 'more doubt')}, ${digestOf(rest)}`] : [];
  const span = `${period.from.toISOString()} to ${period.to.toISOString()}`;
  return [
    {
      what: `${source} covers ${verdict === 'none' ? 'nothing' : 'only a part'} of ${span}`,
      why: [...told.slice(0, doubtsTold), ...more].join('; '),
    },
  ];
}

/** Stands for doubts that are not told, so that a signature is for these and no others. */
const digestOf = (texts: readonly string[]): string => `sha256 ${sha256Hex(texts.join('\n')).slice(0, 16)}`;

/** A file that was not read, or not whole, until a later run over its path reads it. */
function ingestDoubts(runs: readonly DoubtfulRun[]): RunDoubt[] {
  let standing: RunDoubt[] = [];
  for (const { what, doubts } of runs) {
    const paths = Array.isArray(what.paths) ? what.paths.map(String) : [];
    const isRead = (about: string) => paths.some((path) => about === path || about.startsWith(`${path}/`));
    standing = [...standing.filter(({ about }) => about === undefined || !isRead(about)), ...doubts];
  }
  return standing;
}

/** The doubts of each run that no later one replaces: of the same question, over the same time or more. */
function huntDoubts(runs: readonly DoubtfulRun[]): RunDoubt[] {
  return runs
    .filter((run, index) => !runs.slice(index + 1).some((later) => replaces(later, run)))
    .flatMap(({ doubts }) => doubts);
}

function replaces(later: DoubtfulRun, earlier: DoubtfulRun): boolean {
  if (later.kind !== earlier.kind) return false;
  const [one, other] = [periodOf(later), periodOf(earlier)];
  const isAsWide = other === undefined || (one !== undefined && covers(one, other));
  return isAsWide && questionOf(later) === questionOf(earlier);
}

function periodOf({ what }: DoubtfulRun): Period | undefined {
  const { from, to } = (what.period ?? {}) as { from?: string; to?: string };
  return from === undefined || to === undefined ? undefined : { from: new Date(from), to: new Date(to) };
}

/** What makes two runs of a kind the same question: what was looked for, not how many it came to. */
const questionOf = ({ what }: DoubtfulRun): string =>
  JSON.stringify([what.rules, what.severityMin, what.advisories, what.stixFiles, what.classes]);

/** As many as are kept of one run; the others are one doubt, whatever their number. */
export function cutDoubts(doubts: readonly RunDoubt[]): RunDoubt[] {
  const kept = doubts.slice(0, limits.huntDoubtsMax);
  const rest = doubts.slice(limits.huntDoubtsMax);
  if (rest.length === 0) return kept;
  const why = digestOf(rest.map(({ what, why: because }) => `${what}: ${because}`));
  return [...kept, { what: `${plural(rest.length, 'more doubt')} of the same run`, why }];
}
