/** Reads from the lake what each source and host logged: one pass for silences, one for the rhythm, one for numbers. */

import { limits } from '../../../kernel/limits.ts';
import type { Lake } from '../../../lake/index.ts';
import { ms } from '../event-sql.ts';
import { findGaps, type HostRhythm, type Silence } from './find-gaps.ts';
import { type Cell, rhythmOf } from './rhythm.ts';
import type { FileCoverage, Hole, HostCoverage, InterruptedFile, Skew, SourceTraits } from './types.ts';

/** Coverage of one host, with what is needed to judge the silence at the ends of a period. */
export interface MeasuredHost extends HostCoverage {
  rhythm: HostRhythm;
}

interface HostRow {
  source: string;
  host: string;
  events: number;
  firstMs: number;
  lastMs: number;
  usualMs: number;
  silences: [from: number, to: number, numberBefore: number, numberAfter: number][];
}

/** Minutes with events, and the silence before each. A silence within a minute is never a gap. */
const spacedMinutes = `
  SELECT *, lagInFrame(hi, 1, lo) OVER w AS before, lagInFrame(seq_hi, 1, 0) OVER w AS seq_before FROM (
    SELECT source, host, intDiv(${ms}, 60000) AS minute, min(${ms}) AS lo, max(${ms}) AS hi, count() AS n,
      min(sequence) AS seq_lo, max(sequence) AS seq_hi
    FROM events GROUP BY source, host, minute)
  WINDOW w AS (PARTITION BY source, host ORDER BY minute ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`;

/** Of the silences only those come back that may be gaps: they are few, however many events there are. */
const hostSql = `
  SELECT source, host, events, firstMs, lastMs, usualMs,
    arrayFilter(s -> s[2] - s[1] > least(2 * usualMs,
      transform(source, {quiet_sources:Array(String)}, {quiet_ms:Array(Int64)}, {quiet_default:Int64})), long) AS silences
  FROM (
    SELECT source, host, sum(n) AS events, min(lo) AS firstMs, max(hi) AS lastMs,
      toInt64(quantile(0.99)(lo - before)) AS usualMs,
      groupArrayIf([before, lo, toInt64(seq_before), toInt64(seq_lo)], lo - before >= {floor:Int64}) AS long
    FROM (${spacedMinutes}) GROUP BY source, host)
  ORDER BY source, host`;

const hourly = `
  SELECT source, host, toInt64(floor(${ms} / 3600000)) AS hour, count() AS n FROM events GROUP BY source, host, hour`;

const rhythmSql = `
  SELECT source, host, groupArray(toInt64(cell)) AS cellIds, groupArray(counts) AS cellCounts, any(weeks) AS activeWeeks
  FROM (
    SELECT source, host, positiveModulo(hour, 168) AS cell, groupArray(n) AS counts FROM (${hourly})
    GROUP BY source, host, cell) AS cells
  JOIN (
    SELECT source, host, uniqExact(toInt64(floor(hour / 168))) AS weeks FROM (${hourly})
    GROUP BY source, host) AS active USING (source, host)
  GROUP BY source, host`;

/** Holes in the numbers, of the sources that number their events without any. */
const holeSql = `
  SELECT source, host, after, before, fromMs, toMs FROM (
    SELECT source, host, seq AS before, at AS toMs,
      lagInFrame(seq, 1, seq) OVER w AS after, lagInFrame(at, 1, at) OVER w AS fromMs
    FROM (
      SELECT source, host, sequence AS seq, min(${ms}) AS at FROM events
      WHERE source IN {sequenced:Array(String)} AND sequence > 0 GROUP BY source, host, seq)
    WINDOW w AS (PARTITION BY source, host ORDER BY seq ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))
  WHERE before > after + 1 ORDER BY source, host, after`;

const skewSql = `
  SELECT source, host, count() AS events, min(late) AS min, toInt64(quantileExactLow(0.5)(late)) AS median,
    toInt64(quantileExactHigh(0.99)(late)) AS p99, max(late) AS max
  FROM (SELECT source, host, toUnixTimestamp64Milli(assumeNotNull(logged_time)) - ${ms} AS late FROM events WHERE logged_time IS NOT NULL)
  GROUP BY source, host`;

const fileSql = `
  SELECT file_id AS fileId, any(path) AS path, any(source) AS source, any(host) AS host, max(records) AS records,
    max(events) AS events, max(rejects) AS rejects, toUnixTimestamp64Milli(min(first_time)) AS firstMs,
    toUnixTimestamp64Milli(max(last_time)) AS lastMs
  FROM files GROUP BY file_id ORDER BY source, path, fileId`;

const interruptedSql = `
  SELECT file_id AS fileId, any(path) AS path, any(source) AS source FROM ingests
  WHERE file_id NOT IN (SELECT file_id FROM files) GROUP BY file_id ORDER BY source, path`;

const keyOf = (row: { source: string; host: string }): string => JSON.stringify([row.source, row.host]);

/** All hosts that logged anything. `sources` says which number their events and how long each may be silent. */
export async function readHosts(lake: Lake, sources: readonly SourceTraits[]): Promise<MeasuredHost[]> {
  const bounds = { rowsMax: limits.coverageHostsMax };
  const quiet = sources.filter((source) => source.quietSecondsMax !== undefined);
  const parameters = {
    quiet_sources: ['', ...quiet.map(({ id }) => id)],
    quiet_ms: [0, ...quiet.map((source) => (source.quietSecondsMax ?? 0) * 1_000)],
    quiet_default: limits.coverageQuietSecondsMax * 1_000,
    floor:
      Math.min(
        limits.coverageGapSecondsMin,
        ...quiet.map((source) => source.quietSecondsMax ?? limits.coverageGapSecondsMin),
      ) * 1_000,
  };
  const rows = await lake.rows<HostRow>(hostSql, parameters, bounds);
  const rhythms = await readRhythms(lake, rows);
  const holes = await readHoles(lake, sources);
  const skews = await lake.rows<Skew & { source: string; host: string }>(skewSql, {}, bounds);
  const skewOf = new Map(skews.map(({ source, host, ...skew }) => [keyOf({ source, host }), skew]));
  return rows.map((row): MeasuredHost => {
    const traits = sources.find(({ id }) => id === row.source);
    const host: HostRhythm = {
      rhythm: rhythms.get(keyOf(row)) ?? { perHour: [], perWeek: 0 },
      usualMs: row.usualMs,
      quietSecondsMax: traits?.quietSecondsMax ?? limits.coverageQuietSecondsMax,
    };
    return {
      source: row.source,
      host: row.host,
      events: row.events,
      first: new Date(row.firstMs),
      last: new Date(row.lastMs),
      gaps: findGaps(
        row.silences.map((one) => toSilence(one, traits?.sequenced ?? false)),
        host,
      ),
      holes: holes.get(keyOf(row)) ?? [],
      skew: skewOf.get(keyOf(row)) ?? null,
      rhythm: host,
    };
  });
}

function toSilence([fromMs, toMs, before, after]: HostRow['silences'][number], sequenced: boolean): Silence {
  return { fromMs, toMs, unbroken: sequenced && before > 0 && after === before + 1 };
}

async function readRhythms(lake: Lake, hosts: readonly HostRow[]) {
  const rows = await lake.rows<{
    source: string;
    host: string;
    cellIds: number[];
    cellCounts: number[][];
    activeWeeks: number;
  }>(rhythmSql, {}, { rowsMax: limits.coverageHostsMax });
  const active = new Map(hosts.map((host) => [keyOf(host), host]));
  return new Map(
    rows.map((row) => {
      const cells = row.cellIds.map((cell, index): Cell => ({ cell, counts: row.cellCounts[index] ?? [] }));
      const { firstMs = 0, lastMs = 0 } = active.get(keyOf(row)) ?? {};
      return [keyOf(row), rhythmOf(cells, { firstMs, lastMs, activeWeeks: row.activeWeeks })] as const;
    }),
  );
}

async function readHoles(lake: Lake, sources: readonly SourceTraits[]): Promise<Map<string, Hole[]>> {
  const sequenced = sources.filter((source) => source.sequenced).map(({ id }) => id);
  const holes = new Map<string, Hole[]>();
  if (sequenced.length === 0) return holes;
  type Row = { source: string; host: string; after: number; before: number; fromMs: number; toMs: number };
  const rows = await lake.rows<Row>(holeSql, { sequenced }, { rowsMax: limits.coverageHolesMax });
  for (const row of rows) {
    // Numbers are given when an event is written, so a later number may bear an earlier time.
    const [from, to] = [Math.min(row.fromMs, row.toMs), Math.max(row.fromMs, row.toMs)];
    const hole: Hole = {
      after: row.after,
      before: row.before,
      missing: row.before - row.after - 1,
      from: new Date(from),
      to: new Date(to),
    };
    holes.set(keyOf(row), [...(holes.get(keyOf(row)) ?? []), hole]);
  }
  return holes;
}

/** Every ingested file, with the times of its events. */
export async function readFiles(lake: Lake): Promise<FileCoverage[]> {
  type Row = Omit<FileCoverage, 'first' | 'last'> & { firstMs: number | null; lastMs: number | null };
  const rows = await lake.rows<Row>(fileSql, {}, { rowsMax: limits.coverageFilesMax });
  return rows.map(({ firstMs, lastMs, ...row }) => ({
    ...row,
    first: firstMs === null ? null : new Date(firstMs),
    last: lastMs === null ? null : new Date(lastMs),
  }));
}

/** Files whose ingest began and came to no end. */
export async function readInterrupted(lake: Lake): Promise<InterruptedFile[]> {
  return lake.rows<InterruptedFile>(interruptedSql, {}, { rowsMax: limits.coverageFilesMax });
}

/** Events of each source in a period. */
export async function countEvents(lake: Lake, fromMs: number, toMs: number): Promise<Map<string, number>> {
  const rows = await lake.rows<{ source: string; events: number }>(
    `SELECT source, count() AS events FROM events
     WHERE time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
     GROUP BY source`,
    { from: fromMs, to: toMs },
  );
  return new Map(rows.map((row) => [row.source, row.events]));
}
