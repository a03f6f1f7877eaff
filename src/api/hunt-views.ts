/** What a hunt found, as it goes over the wire: lists that may be long are cut, with how many there are. */
import type { Claim, Descendant, FindingTally, IndicatorReport } from '../domain/hunt/index.ts';

const shownMax = 20;

export const claimLine = ({ source, verdict, hosts, events }: Claim) => ({ source, verdict, hosts, events });

export function descendantView({ incidentId: _, edges, ...rest }: Descendant) {
  return { ...rest, edges: edges.slice(0, shownMax), edgesTotal: edges.length };
}

export function iocView(report: IndicatorReport & { runId: string; tally: FindingTally }) {
  return {
    ...report,
    claims: report.claims.map(claimLine),
    results: report.results.map((one) => ({ ...one, sightings: firstOfEach(one.sightings) })),
  };
}

/** The first sightings of each source, so that a loud log does not hide a quiet one. */
function firstOfEach<T extends { event: { source: string } }>(sightings: readonly T[]): T[] {
  const seen = new Map<string, number>();
  return sightings.filter(({ event }) => {
    const count = (seen.get(event.source) ?? 0) + 1;
    seen.set(event.source, count);
    return count <= shownMax;
  });
}
