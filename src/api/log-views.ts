/** Coverage as it goes over the wire: long lists cut, with how long they are. */
import { type CoverageReport, describeDoubt, rankClaims } from '../domain/hunt/index.ts';
import { limits } from '../kernel/limits.ts';
import type { LogCoverageResult } from './contract/logs.ts';

const iso = ({ from, to }: { from: Date; to: Date }) => ({ from: from.toISOString(), to: to.toISOString() });

type HostCoverage = CoverageReport['hosts'][number];

const silentMs = ({ gaps }: HostCoverage): number =>
  gaps.reduce((sum, { from, to }) => sum + to.getTime() - from.getTime(), 0);

/** Who was silent longest comes first; where nobody was, they stay as they were, by source and name. */
const bySilence = (a: HostCoverage, b: HostCoverage): number => silentMs(b) - silentMs(a);

export function coverageView(report: CoverageReport): LogCoverageResult {
  const listed = limits.apiListedFilesMax;
  return {
    period: iso(report.period),
    claims: rankClaims(report.claims).map(({ source, verdict, hosts, events, coveredShare, doubts }) => ({
      source,
      verdict,
      hosts,
      events,
      coveredShare,
      doubts: doubts.slice(0, listed).map(describeDoubt),
      doubtsTotal: doubts.length,
    })),
    hosts: [...report.hosts]
      .sort(bySilence)
      .slice(0, listed)
      .map(({ gaps, holes, first, last, ...host }) => ({
        ...host,
        first: first.toISOString(),
        last: last.toISOString(),
        gaps: gaps.slice(0, limits.coverageListedMax).map((gap) => ({ ...gap, ...iso(gap) })),
        gapsTotal: gaps.length,
        holes: holes.slice(0, limits.coverageListedMax).map((hole) => ({ ...hole, ...iso(hole) })),
        holesTotal: holes.length,
      })),
    hostsTotal: report.hosts.length,
    rejected: report.files
      .filter(({ rejects }) => rejects > 0)
      .slice(0, listed)
      .map(({ first, last, ...file }) => ({
        ...file,
        first: first?.toISOString() ?? null,
        last: last?.toISOString() ?? null,
      })),
    interrupted: report.interrupted.slice(0, listed),
    missing: report.missing,
  };
}
