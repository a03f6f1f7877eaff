/** `logs ingest`: takes log files into the lake, and writes down which files, by their hashes, and what became of each record. */
import { sha256Hex } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { plural } from '../../kernel/text.ts';
import {
  type IngestedFile,
  type IngestInput,
  type IngestProgress,
  type IngestReport,
  ingestLogs,
} from '../../lake/index.ts';
import { holdLocks } from '../../store/hold-locks.ts';
import { recordRun } from './run.ts';
import type { HuntContext, Outstanding, RunDoubt } from './types.ts';

export interface LogIngestInput extends IngestInput {
  incidentId: string;
}

export interface LogIngest extends IngestReport {
  runId: string;
  totals: IngestTotals;
  outstanding: Outstanding[];
}

/** Of all files that are in the lake now, those that were there before included. */
export interface IngestTotals {
  files: number;
  already: number;
  bytes: number;
  records: number;
  events: number;
  rejects: number;
}

/** What can't be taken in, and records that are no events, are outstanding; the other files are in the lake all the same. */
export async function ingestIntoLake(context: HuntContext, input: LogIngestInput): Promise<LogIngest> {
  const { incidentId, paths, source, host } = input;
  const what = {
    paths: paths.slice(0, limits.huntLedgerFilesMax),
    pathsTotal: paths.length,
    ...(source === undefined ? {} : { source }),
    ...(host === undefined ? {} : { host }),
  };
  const { runId, result } = await recordRun(context, { incidentId, kind: 'ingest', what }, async () => {
    const report = await ingestLogs(await context.lake(), withHold(context, input));
    const totals = total(report.files);
    const doubts = doubtsOf(report);
    const outstanding = doubts.map(({ what: open, why }) => ({ what: open, why }));
    const described = describe(report);
    return {
      result: { ...report, totals, outstanding },
      keep: { totals, ...described },
      summary: { totals, ...described },
      outstanding: outstanding.slice(0, limits.huntFindingsMax),
      doubts,
    };
  });
  return { runId, ...result };
}

/** Whoever reads the same logs into the lake, in whatever process, waits for its turn: each record is taken once. */
function withHold(context: HuntContext, input: LogIngestInput): IngestInput {
  const { signal, onProgress } = input;
  let last: IngestProgress = { bytesDone: 0, bytesTotal: 0, files: 0, filesTotal: 0, path: '' };
  const say = (progress: IngestProgress): void => {
    last = progress;
    onProgress?.(progress);
  };
  const onWait = () => onProgress?.({ ...last, path: 'waiting for another ingest of the same logs' });
  const hold: IngestInput['hold'] = (keys) =>
    holdLocks(
      context.db,
      keys.map((key) => `logs ${key}`),
      { signal, onWait },
    );
  return { ...input, onProgress: say, hold };
}

function total(files: readonly IngestedFile[]): IngestTotals {
  const sum = (of: (file: IngestedFile) => number): number => files.reduce((all, file) => all + of(file), 0);
  return {
    files: files.length,
    already: files.filter(({ state }) => state === 'already').length,
    bytes: sum(({ bytes }) => bytes),
    records: sum(({ records }) => records),
    events: sum(({ events }) => events),
    rejects: sum(({ rejects }) => rejects),
  };
}

/** Few files are named one by one; whatever their number, the digest is over the hash and the counts of each. */
function describe({ files, failed, empty }: IngestReport): object {
  const lines = files
    .map(({ fileId, source, events, rejects }) => `${fileId} ${source} ${events} ${rejects}`)
    .sort();
  return {
    digest: sha256Hex(lines.join('\n')),
    files: files
      .slice(0, limits.huntLedgerFilesMax)
      .map(({ path, fileId, source, state, events, rejects, grownFrom }) => ({
        path,
        sha256: fileId,
        source,
        state,
        events,
        rejects,
        ...(grownFrom === null
          ? {}
          : { grownFrom: { sha256: grownFrom.fileId, records: grownFrom.records } }),
      })),
    failed: failed.length,
    firstFailed: failed.slice(0, limits.huntLedgerFilesMax),
    empty: empty.length,
  };
}

function doubtsOf({ files, failed }: IngestReport): RunDoubt[] {
  return [
    ...failed.map(({ path, reason }) => ({
      what: `${path} is not in the lake`,
      why: reason,
      about: path,
    })),
    ...files.flatMap(({ path, grownFrom }) =>
      grownFrom?.cut
        ? [
            {
              what: `one record of ${path} stands in the lake twice`,
              why: `${grownFrom.path}, which it has grown from, ended within that record`,
            },
          ]
        : [],
    ),
    ...files
      .filter(({ rejects }) => rejects > 0)
      .map(({ path, source, rejects, reasons }) => ({
        about: path,
        source,
        what: `${plural(rejects, 'record')} of ${path} could not be read`,
        why: reasons
          .map(
            ({ reason, records, line }) => `${reason} (${plural(records, 'record')}, first in line ${line})`,
          )
          .join('; '),
      })),
  ];
}
