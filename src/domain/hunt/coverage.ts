/** What the ingested logs cover, and what may be claimed of a period. Nothing is remembered: it is read anew each time. */

import { FirebreakError } from '../../kernel/errors.ts';
import type { Lake } from '../../lake/index.ts';
import { claimAll, describeDoubts } from './coverage/claim.ts';
import { rankClaims } from './coverage/rank.ts';
import { countEvents, readFiles, readHosts, readInterrupted } from './coverage/read-coverage.ts';
import type { Claim, Coverage, CoverageReport, ExpectedSource, SourceTraits } from './coverage/types.ts';
import type { HuntContext, Outstanding, Period } from './types.ts';

export interface CoverageInput {
  /** Which sources number their events, and how long each may be silent: those of the lake. */
  sources: readonly SourceTraits[];
  /** What must be there because the configuration or the incident names it. */
  expected?: readonly ExpectedSource[];
}

/** Everything that was ingested: each host's first and last event, gaps, holes, skew; each file with its rejects. */
export async function takeCoverage(context: HuntContext, input: CoverageInput): Promise<Coverage> {
  const { hosts, ...rest } = await measure(await context.lake(), input);
  return { hosts: hosts.map(({ rhythm: _, ...host }) => host), ...rest };
}

/** What may and may not be claimed of each source between two moments, and what is in the way. */
export async function coverageBetween(
  context: HuntContext,
  period: Period,
  input: CoverageInput,
): Promise<CoverageReport> {
  checkPeriod(period);
  const lake = await context.lake();
  const measured = await measure(lake, input);
  const events = await countEvents(lake, period.from.getTime(), period.to.getTime());
  const claims = claimAll({ ...measured, events }, period);
  const { hosts, ...rest } = measured;
  return {
    period,
    hosts: hosts.map(({ rhythm: _, ...host }) => host),
    ...rest,
    claims,
    outstanding: claims.flatMap(outstandingOf),
  };
}

async function measure(lake: Lake, { sources, expected = [] }: CoverageInput) {
  const hosts = await readHosts(lake, sources);
  const [files, interrupted] = [await readFiles(lake), await readInterrupted(lake)];
  const missing = expected.filter(
    ({ source, host }) =>
      !hosts.some((one) => one.source === source && (host === undefined || one.host === host)),
  );
  return { hosts, files, interrupted, missing };
}

/** Throws bad_input for a period that ends before it begins or has an end that is no time. */
export function checkPeriod({ from, to }: Period): void {
  if (!(from.getTime() <= to.getTime()))
    throw new FirebreakError('bad_input', 'a period begins before it ends, and both ends are times', {
      faults: [{ field: 'from, to', expected: 'two times in order', got: `${from} and ${to}` }],
    });
}

function outstandingOf(claim: Claim): Outstanding[] {
  if (claim.verdict === 'full') return [];
  const why = describeDoubts(claim.doubts).join('; ');
  const what = claim.verdict === 'none' ? 'covers nothing of the period' : 'covers the period in part';
  return [{ what: `${claim.source} ${what}`, why }];
}

/** Why a negative can't be said from these claims, the worst first; empty when it can. No claim at all is a reason too. */
export function doubtsOf(claims: readonly Claim[]): string[] {
  if (claims.length === 0) return ['no log was ingested'];
  return rankClaims(claims).flatMap((claim) =>
    claim.verdict === 'full' ? [] : describeDoubts(claim.doubts).map((doubt) => `${claim.source}: ${doubt}`),
  );
}
