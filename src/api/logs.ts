/** Routes of logs: ingest, sources, coverage, query. */
import {
  coverageBetween,
  ingestIntoLake,
  type LogIngest,
  listLogFiles,
  queryLogs,
} from '../domain/hunt/index.ts';
import { limits } from '../kernel/limits.ts';
import {
  CoverageRequest,
  LogIngestRequest,
  type LogIngestResult,
  LogQueryAnswer,
  LogQueryRequest,
  LogSourceList,
} from './contract/logs.ts';
import { IncidentParam, JobStarted } from './contract/parts.ts';
import { periodOf } from './hunts.ts';
import { incidentOf } from './incidents.ts';
import { coverageView } from './log-views.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const ingest = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/logs',
  summary: 'Take log files into the lake (a job)',
  request: { params: IncidentParam, body: takes(LogIngestRequest) },
  responses: gives(JobStarted, 'The job; its result names each file, and each that could not be taken in'),
});

const sources = createRoute({
  method: 'get',
  path: '/v1/logs/sources',
  summary: 'Kinds of log that are known, and the files that were taken in',
  responses: gives(LogSourceList, 'Sources by id, files by source and path'),
});

const coverage = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/logs/coverage',
  summary: 'What the logs cover, and what can be claimed of a period (a job)',
  request: { params: IncidentParam, body: takes(CoverageRequest) },
  responses: gives(JobStarted, 'The job; its result has a claim for each source, with what is in the way'),
});

const query = createRoute({
  method: 'post',
  path: '/v1/logs/query',
  summary: 'Run one SELECT over the lake',
  request: { body: takes(LogQueryRequest) },
  responses: gives(LogQueryAnswer, 'The first rows, and whether there are more'),
});

export function logRoutes({ ports, jobs }: Services) {
  return createRouter()
    .openapi(ingest, async (c) => {
      const { hunt, actor } = c.var;
      const { id: incidentId } = await incidentOf(hunt, c.req.valid('param'));
      const { paths, source, host } = c.req.valid('json');
      const { sources: known } = await ports.logs();
      const job = jobs.start('ingest', actor, async ({ signal, report }) => {
        const input = { incidentId, paths, sources: known, ...(source && { source }), ...(host && { host }) };
        return ingestView(
          await ingestIntoLake(hunt, {
            ...input,
            signal,
            onProgress: ({ bytesDone, bytesTotal, files, filesTotal, path }) =>
              report({
                done: bytesDone,
                total: bytesTotal,
                unit: 'bytes',
                pieces: { done: files, total: filesTotal, unit: 'files' },
                at: path,
              }),
          }),
        );
      });
      return c.json({ job: job.id }, 200);
    })
    .openapi(sources, async (c) => {
      const { sources: known } = await ports.logs();
      const { tallies, files, interrupted } = await listLogFiles(c.var.hunt);
      const none = { files: 0, events: 0, rejects: 0, first: null, last: null };
      const rows = known.map(({ id, title, docs, framing }) => {
        const { source: _, ...tally } = tallies.find((one) => one.source === id) ?? { source: id, ...none };
        return { id, title, docs, framing, ...tally };
      });
      return c.json(
        {
          sources: rows,
          files: files.slice(0, limits.apiListedFilesMax),
          filesTotal: files.length,
          interrupted,
        },
        200,
      );
    })
    .openapi(coverage, async (c) => {
      const { hunt, actor } = c.var;
      const incident = await incidentOf(hunt, c.req.valid('param'));
      const period = periodOf(hunt, incident, c.req.valid('json'));
      const logs = await ports.logs();
      const job = jobs.start('hunt', actor, async () =>
        coverageView(await coverageBetween(hunt, period, logs)),
      );
      return c.json({ job: job.id }, 200);
    })
    .openapi(query, async (c) => {
      const {
        sql,
        rowsMax = limits.lakeQueryRowsUsual,
        secondsMax = limits.lakeQuerySecondsUsual,
      } = c.req.valid('json');
      return c.json(await queryLogs(c.var.hunt, { sql, rowsMax, msMax: secondsMax * 1_000 }), 200);
    });
}

function ingestView({ files, failed, empty, outstanding, runId, totals }: LogIngest): LogIngestResult {
  const listed = limits.apiListedFilesMax;
  const time = (at: Date | null): string | null => at?.toISOString() ?? null;
  return {
    runId,
    totals,
    files: files
      .slice(0, listed)
      .map((file) => ({ ...file, first: time(file.first), last: time(file.last) })),
    failed: failed.slice(0, listed),
    failedTotal: failed.length,
    empty: empty.slice(0, listed),
    emptyTotal: empty.length,
    outstanding: outstanding.slice(0, listed),
    outstandingTotal: outstanding.length,
  };
}
