/** Routes of exposures. */
import {
  exceptExposure,
  exposeAsPrecaution,
  listExposures,
  listHits,
  listScans,
  matchAdvisory,
  sanitiseFiles,
  scanForExposures,
} from '../domain/exposure/index.ts';
import { limits } from '../kernel/limits.ts';
import {
  ExceptionGranted,
  ExceptionRequest,
  ExposurePage,
  ExposureQuery,
  HitList,
  MatchRequest,
  SanitiseRequest,
  ScanList,
  ScanRequest,
} from './contract/exposures.ts';
import { IncidentParam, JobStarted } from './contract/parts.ts';
import { incidentOf } from './incidents.ts';
import { nextOf } from './inventory.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const scan = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/scans',
  summary: 'Scan files for secrets and expose what they hold (a job)',
  request: { params: IncidentParam, body: takes(ScanRequest) },
  responses: gives(JobStarted, 'The job; its result counts what was found and lists what could not be read'),
});

const scans = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/scans',
  summary: 'Scans of the incident',
  request: { params: IncidentParam },
  responses: gives(ScanList, 'First to last'),
});

const hits = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/hits',
  summary: 'Where scans found secrets',
  request: { params: IncidentParam },
  responses: gives(HitList, 'By file and place; the first of them'),
});

const sanitise = createRoute({
  method: 'post',
  path: '/v1/sanitisations',
  summary: 'Write copies of HAR files without their secrets (a job)',
  request: { body: takes(SanitiseRequest) },
  responses: gives(JobStarted, 'The job; its result names each file'),
});

const match = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/matches',
  summary: 'Expose what the advisory says, or a whole scope as a precaution (a job)',
  request: { params: IncidentParam, body: takes(MatchRequest) },
  responses: gives(JobStarted, 'The job; its result counts what was matched'),
});

const list = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/exposures',
  summary: 'Exposed credentials, a page at a time',
  request: { params: IncidentParam, query: ExposureQuery },
  responses: gives(ExposurePage, 'By ref'),
});

const except = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/exceptions',
  summary: 'Except an exposed credential until a time, signed',
  request: { params: IncidentParam, body: takes(ExceptionRequest) },
  responses: gives(ExceptionGranted, 'The exception and its ledger entry'),
});

/** Scans, and the copies that are safe to send away. */
function scanRoutes({ ports, jobs }: Services) {
  return createRouter()
    .openapi(scan, async (c) => {
      const { context, actor } = c.var;
      const { id: incidentId } = await incidentOf(context, c.req.valid('param'));
      const { paths } = c.req.valid('json');
      const systems = await ports.systems();
      const job = jobs.start('scan', actor, ({ signal, report }) =>
        scanForExposures(context, systems, {
          incidentId,
          paths,
          signal,
          onProgress: ({ bytesDone, bytesTotal, secrets }) =>
            report({ done: bytesDone, total: bytesTotal, unit: 'bytes', at: `${secrets} secrets` }),
        }),
      );
      return c.json({ job: job.id }, 200);
    })
    .openapi(scans, async (c) => {
      const { id } = await incidentOf(c.var.context, c.req.valid('param'));
      return c.json({ scans: await listScans(c.var.context.db, id) }, 200);
    })
    .openapi(hits, async (c) => {
      const { id } = await incidentOf(c.var.context, c.req.valid('param'));
      return c.json({ hits: await listHits(c.var.context.db, id, limits.apiPageRowsMax) }, 200);
    })
    .openapi(sanitise, (c) => {
      const { context, actor } = c.var;
      const { paths, folder } = c.req.valid('json');
      const job = jobs.start('sanitise', actor, ({ signal, report }) =>
        sanitiseFiles(context, paths, folder, {
          signal,
          onProgress: (done, total) => report({ done, total, unit: 'bytes' }),
        }),
      );
      return c.json({ job: job.id }, 200);
    });
}

export function exposureRoutes(services: Services) {
  const { jobs } = services;
  return createRouter()
    .route('/', scanRoutes(services))
    .openapi(match, async (c) => {
      const { context, actor } = c.var;
      const incident = await incidentOf(context, c.req.valid('param'));
      const { precaution } = c.req.valid('json');
      const job = jobs.start('match', actor, () =>
        precaution
          ? exposeAsPrecaution(context, incident.id, incident.advisory, precaution)
          : matchAdvisory(context, incident.id, incident.advisory),
      );
      return c.json({ job: job.id }, 200);
    })
    .openapi(list, async (c) => {
      const { context } = c.var;
      const { id: incidentId } = await incidentOf(context, c.req.valid('param'));
      const query = c.req.valid('query');
      const exposures = await listExposures(context.db, { ...query, incidentId });
      return c.json({ exposures, next: nextOf(exposures, query.limit) }, 200);
    })
    .openapi(except, async (c) => {
      const { context } = c.var;
      const { id } = await incidentOf(context, c.req.valid('param'));
      const { ref, until, ...input } = c.req.valid('json');
      return c.json(await exceptExposure(context, id, ref, { ...input, until: new Date(until) }), 200);
    });
}
