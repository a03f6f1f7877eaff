/** Logs: ingest, sources, coverage, query. */
import { z } from 'zod';
import { limits } from '../../kernel/limits.ts';
import { OutstandingLine, PeriodRequest, PeriodView } from './hunts.ts';
import { Count, FilePath, Name, Time } from './parts.ts';

export const LogIngestRequest = z.strictObject({
  paths: z.array(FilePath).min(1, 'at least one path').max(limits.apiPathsMax),
  source: Name.optional(),
  host: Name.optional(),
});

const Unread = z.object({ path: z.string(), reason: z.string() });

const IngestedFile = z.object({
  path: z.string(),
  fileId: z.string(),
  source: z.string(),
  host: z.string(),
  state: z.enum(['ingested', 'already']),
  bytes: Count,
  records: Count,
  events: Count,
  rejects: Count,
  blank: Count,
  first: Time.nullable(),
  last: Time.nullable(),
  reasons: z.array(z.object({ reason: z.string(), records: Count, line: Count })),
  /** The file in the lake that its content begins with; what is counted here comes after that. */
  grownFrom: z.object({ fileId: z.string(), path: z.string(), records: Count, cut: z.boolean() }).nullable(),
});

/** Lists are cut to `apiListedFilesMax`; totals are of all. */
export const LogIngestResult = z.object({
  runId: z.string(),
  totals: z.object({
    files: Count,
    already: Count,
    bytes: Count,
    records: Count,
    events: Count,
    rejects: Count,
  }),
  files: z.array(IngestedFile),
  failed: z.array(Unread),
  failedTotal: Count,
  empty: z.array(z.string()),
  emptyTotal: Count,
  outstanding: z.array(OutstandingLine),
  outstandingTotal: Count,
});
export type LogIngestResult = z.infer<typeof LogIngestResult>;

const FileLine = z.object({
  fileId: z.string(),
  path: z.string(),
  source: z.string(),
  host: z.string(),
  records: Count,
  events: Count,
  rejects: Count,
  first: Time.nullable(),
  last: Time.nullable(),
});

const Interrupted = z.object({ fileId: z.string(), path: z.string(), source: z.string() });

export const LogSourceList = z.object({
  sources: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      docs: z.string(),
      framing: z.enum(['lines', 'json', 'csv']),
      files: Count,
      events: Count,
      rejects: Count,
      first: Time.nullable(),
      last: Time.nullable(),
    }),
  ),
  files: z.array(FileLine),
  filesTotal: Count,
  interrupted: z.array(Interrupted),
});
export type LogSourceList = z.infer<typeof LogSourceList>;

export const CoverageRequest = z.strictObject(PeriodRequest);

const HostLine = z.object({
  source: z.string(),
  host: z.string(),
  events: Count,
  first: Time,
  last: Time,
  gaps: z.array(z.object({ from: Time, to: Time, why: z.string() })),
  gapsTotal: Count,
  holes: z.array(z.object({ from: Time, to: Time, after: Count, before: Count, missing: Count })),
  holesTotal: Count,
  /** Milliseconds from when it happened to when it was written down. */
  skew: z.object({ events: Count, min: Count, median: Count, p99: Count, max: Count }).nullable(),
});

export const LogCoverageResult = z.object({
  period: PeriodView,
  /** The sources that say the least come first. */
  claims: z.array(
    z.object({
      source: z.string(),
      verdict: z.enum(['full', 'partial', 'none']),
      hosts: Count,
      events: Count,
      /** Of the period, over all hosts that log there or should: the share without a silence. */
      coveredShare: z.number().min(0).max(1),
      /** What is missing most comes first. */
      doubts: z.array(z.string()),
      doubtsTotal: Count,
    }),
  ),
  /** Who was silent longest comes first. */
  hosts: z.array(HostLine),
  hostsTotal: Count,
  /** Files with records that are no events. */
  rejected: z.array(FileLine),
  interrupted: z.array(Interrupted),
  missing: z.array(z.object({ source: z.string(), host: z.string().optional(), why: z.string() })),
});
export type LogCoverageResult = z.infer<typeof LogCoverageResult>;

export const LogQueryRequest = z.strictObject({
  sql: z.string().min(1, 'a SELECT').max(limits.lakeQueryBytesMax),
  rowsMax: z.int().min(1).max(limits.lakeQueryRowsMax).optional(),
  secondsMax: z.int().min(1).max(limits.lakeQuerySecondsMax).optional(),
});

export const LogQueryAnswer = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.unknown())),
  more: z.boolean(),
});
