/** Routes of triage: examine hosts, see what became of each, compare them. */
import {
  attackersTime,
  type Collection,
  cancelCollection,
  collectorScript,
  countSystems,
  createCollection,
  exceptHost,
  findCollection,
  findSurvivors,
  importCollection,
  listCollections,
  listHostStates,
  listOutstanding,
  pauseCollection,
  readProgress,
  resumeCollection,
  retryCollection,
  showHost,
  stackFacts,
} from '../domain/forensics/index.ts';
import { type HostImport, saveDeclaredHosts } from '../domain/inventory/index.ts';
import { sha256Hex } from '../kernel/hash.ts';
import { incidentOf } from './incidents.ts';
import { createRouter, type Services } from './router.ts';
import * as routes from './triage-routes.ts';

type Request = { context: Parameters<typeof incidentOf>[0]; incident: string; collection: string };

async function collectionOf({ context, incident, collection }: Request): Promise<Collection> {
  const { id } = await incidentOf(context, { incident });
  return findCollection(context.db, id, collection === 'latest' ? undefined : collection);
}

const listedMax = 200;

/** What can be read of the examination. */
function readRoutes({ ports }: Services) {
  return createRouter()
    .openapi(routes.status, async (c) => {
      const { context } = c.var;
      const { id } = await incidentOf(context, c.req.valid('param'));
      const now = context.clock.now();
      const [systems, collections, outstanding] = await Promise.all([
        countSystems(context.db, id),
        listCollections(context.db, id),
        listOutstanding(context.db, id, listedMax),
      ]);
      const progresses = await Promise.all(
        collections.slice(0, 20).map((one) => readProgress(context.db, one.id, now)),
      );
      return c.json({ systems, collections: progresses, outstanding }, 200);
    })
    .openapi(routes.hosts, async (c) => {
      const { context } = c.var;
      const { id: incidentId } = await incidentOf(context, c.req.valid('param'));
      const { state, after, limit } = c.req.valid('query');
      const filter = {
        incidentId,
        limit,
        ...(state === undefined ? {} : { states: [state] }),
        ...(after === undefined ? {} : { after }),
      };
      const page = await listHostStates(context.db, filter);
      return c.json({ hosts: page, next: page.length === limit ? (page.at(-1)?.host ?? null) : null }, 200);
    })
    .openapi(routes.show, async (c) => {
      const { hunt } = c.var;
      const { id: incidentId } = await incidentOf(hunt, c.req.valid('param'));
      const { artifact, ...query } = c.req.valid('query');
      const input = { incidentId, ...query, ...(artifact === undefined ? {} : { artifact }) };
      return c.json(await showHost(hunt, await ports.evidence(), input), 200);
    })
    .openapi(routes.progress, async (c) => {
      const { context } = c.var;
      const { id } = await collectionOf({ context, ...c.req.valid('param') });
      return c.json(await readProgress(context.db, id, context.clock.now()), 200);
    });
}

/** The script for hosts that can't be reached, and the comparison. */
function compareRoutes({ jobs }: Services) {
  return createRouter()
    .openapi(routes.script, (c) => {
      const { cost, since } = c.req.valid('query');
      const text = collectorScript(c.var.context, {
        cost,
        ...(since === undefined ? {} : { since: new Date(since) }),
      });
      return c.json({ script: text, sha256: sha256Hex(text) }, 200);
    })
    .openapi(routes.stack, async (c) => {
      const { hunt, actor } = c.var;
      const incident = await incidentOf(hunt, c.req.valid('param'));
      const { collection, from, to, role, artifact, host, baseline, sigma, limit } = c.req.valid('json');
      const { id: collectionId } = await findCollection(hunt.db, incident.id, collection);
      const usual = attackersTime(incident.advisory, hunt.clock.now());
      const window = {
        from: from === undefined ? usual.from : new Date(from),
        to: to === undefined ? usual.to : new Date(to),
      };
      const given = Object.fromEntries(
        Object.entries({ role, artifact, host }).filter(([, value]) => value !== undefined),
      );
      const job = jobs.start('triage', actor, () =>
        stackFacts(hunt, incident, {
          incidentId: incident.id,
          collectionId,
          window,
          baseline,
          sigma,
          limit,
          ...given,
        }),
      );
      return c.json({ job: job.id }, 200);
    })
    .openapi(routes.survived, async (c) => {
      const { hunt, actor } = c.var;
      const incident = await incidentOf(hunt, c.req.valid('param'));
      const { limit, ...names } = c.req.valid('json');
      const named = Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined));
      const job = jobs.start('triage', actor, () => findSurvivors(hunt, incident, { ...named, limit }));
      return c.json({ job: job.id }, 200);
    });
}

/** What acts. */
function actRoutes({ ports, jobs }: Services) {
  return createRouter()
    .openapi(routes.collect, async (c) => {
      const { context } = c.var;
      const { id: incidentId, advisory } = await incidentOf(context, c.req.valid('param'));
      const { cost, artifacts, since, ...selection } = c.req.valid('json');
      const { config } = await ports.systems();
      const lists: HostImport[] = await saveDeclaredHosts(context, config.fleet, {
        signal: c.req.raw.signal,
      });
      const from = since ?? attackersTime(advisory, context.clock.now()).from.toISOString();
      const what = { selection, cost, artifacts, since: from };
      const { id, hosts } = await createCollection(context, incidentId, what);
      await resumeCollection(context, await ports.engine(), id);
      return c.json({ id, hosts, lists }, 200);
    })
    .openapi(routes.resume, async (c) => {
      const { context } = c.var;
      const { id } = await collectionOf({ context, ...c.req.valid('param') });
      await resumeCollection(context, await ports.engine(), id);
      return c.json(await readProgress(context.db, id, context.clock.now()), 200);
    })
    .openapi(routes.pause, async (c) => {
      const { context } = c.var;
      const { id } = await collectionOf({ context, ...c.req.valid('param') });
      await pauseCollection(context, id);
      return c.json(await readProgress(context.db, id, context.clock.now()), 200);
    })
    .openapi(routes.cancel, async (c) => {
      const { context } = c.var;
      const { id } = await collectionOf({ context, ...c.req.valid('param') });
      await cancelCollection(context, id);
      return c.json(await readProgress(context.db, id, context.clock.now()), 200);
    })
    .openapi(routes.retry, async (c) => {
      const { context } = c.var;
      const { id } = await collectionOf({ context, ...c.req.valid('param') });
      const reopened = await retryCollection(context, await ports.engine(), id);
      return c.json({ reopened, progress: await readProgress(context.db, id, context.clock.now()) }, 200);
    })
    .openapi(routes.importFile, async (c) => {
      const { hunt, actor } = c.var;
      const { id: incidentId } = await incidentOf(hunt, c.req.valid('param'));
      const { file, apart, ...options } = c.req.valid('json');
      const evidence = await ports.evidence();
      const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
      const job = jobs.start('triage', actor, ({ signal, report }) =>
        importCollection(hunt, evidence, {
          incidentId,
          file,
          apart,
          ...given,
          signal,
          onProgress: ({ records }) => report({ done: records, total: null, unit: 'records' }),
        }),
      );
      return c.json({ job: job.id }, 200);
    })
    .openapi(routes.except, async (c) => {
      const { context } = c.var;
      const { id } = await incidentOf(context, c.req.valid('param'));
      const { host, until, ...input } = c.req.valid('json');
      return c.json(await exceptHost(context, id, host, { ...input, until: new Date(until) }), 200);
    });
}

export const triageRoutes = (services: Services) =>
  createRouter()
    .route('/', readRoutes(services))
    .route('/', compareRoutes(services))
    .route('/', actRoutes(services));
