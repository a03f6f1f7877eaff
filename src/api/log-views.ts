/** Coverage as it goes over the wire: long lists cut, with how long they are. */
import { type CoverageReport, describeDoubt } from '../domain/hunt/index.ts';
import { limits } from '../kernel/limits.ts';
import type { LogCoverageResult } from './contract/logs.ts';

const iso = ({ from, to }: { from: Date; to: Date }) => ({ from: from.toISOString(), to: to.toISOString() });

export function coverageView(report: CoverageReport): LogCoverageResult {
  const listed = limits.apiListedFilesMax;
  return {
    period: iso(report.period),
    claims: report.claims.map(({ source, verdict, hosts, events, doubts }) => ({
      source,
      verdict,
      hosts,
      events,
      doubts: doubts.slice(0, listed).map(describeDoubt),
    })),
    hosts: report.hosts.slice(0, listed).map(({ gaps, holes, first, last, ...host }) => ({
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
