/** What a reader must see first: the sources that say the least, and of each what is missing most. Nothing is left out. */
import type { Claim, Doubt } from './types.ts';

export interface RankedClaim extends Claim {
  /** Of the period, over all hosts that log there or should: the share without a silence. From 0 to 1. */
  coveredShare: number;
}

/** The worst first; the doubts of each likewise. */
export function rankClaims(claims: readonly Claim[]): RankedClaim[] {
  return claims
    .map((claim) => ({ ...claim, doubts: rankDoubts(claim.doubts), coveredShare: coveredShareOf(claim) }))
    .sort(
      (a, b) =>
        verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) ||
        a.coveredShare - b.coveredShare ||
        (a.source < b.source ? -1 : 1),
    );
}

const verdicts: readonly Claim['verdict'][] = ['none', 'partial', 'full'];
/** What may concern the whole period comes before a stretch of it. */
const kinds: readonly Doubt['kind'][] = ['interrupted', 'missing', 'rejects', 'hole', 'gap'];

function rankDoubts(doubts: readonly Doubt[]): Doubt[] {
  const rank = ({ kind }: Doubt) => Math.min(kinds.indexOf(kind), kinds.indexOf('hole'));
  return [...doubts].sort((a, b) => rank(a) - rank(b) || lengthOf(b) - lengthOf(a));
}

const lengthOf = (doubt: Doubt): number =>
  doubt.kind === 'gap' || doubt.kind === 'hole' ? doubt.to.getTime() - doubt.from.getTime() : 0;

/** A file that was not read to its end may be of any time, and a host of which nothing came is silent throughout. */
function coveredShareOf({ period, verdict, hosts, doubts }: Claim): number {
  if (verdict === 'none' || doubts.some(({ kind }) => kind === 'interrupted')) return 0;
  const periodMs = period.to.getTime() - period.from.getTime();
  const missing = doubts.filter((doubt) => doubt.kind === 'missing' && doubt.host !== null).length;
  const silentMs = doubts.filter(({ kind }) => kind === 'gap').reduce((sum, gap) => sum + lengthOf(gap), 0);
  const logged = periodMs === 0 ? hosts : hosts - silentMs / periodMs;
  return Math.max(0, Math.min(1, logged / Math.max(1, hosts + missing)));
}
