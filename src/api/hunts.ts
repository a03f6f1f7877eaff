/** Routes of the hunt: indicators, descendants, findings. */
import { findAdvisory } from '../domain/advisory/index.ts';
import type { Context } from '../domain/context.ts';
import {
  containDescendant,
  countDescendants,
  defaultPeriod,
  exceptDescendant,
  exposedPrincipals,
  huntDescendants,
  huntIndicators,
  listDescendants,
  listFindings,
  type Period,
  type Watch,
} from '../domain/hunt/index.ts';
import type { Incident } from '../domain/incident/index.ts';
import { isMissingFile } from '../kernel/document.ts';
import {
  ContainedRequest,
  DescendantClosed,
  DescendantExceptionRequest,
  DescendantPage,
  DescendantQuery,
  DescendantsRequest,
  FindingPage,
  FindingQuery,
  IocRequest,
} from './contract/hunts.ts';
import { IncidentParam, JobStarted } from './contract/parts.ts';
import { claimLine, descendantView, iocView } from './hunt-views.ts';
import { incidentOf } from './incidents.ts';
import type { JobTools } from './jobs-table.ts';
import type { ApiPorts } from './ports.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const ioc = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/hunts/ioc',
  summary: 'Look for the indicators of advisories and STIX bundles in all logs (a job)',
  request: { params: IncidentParam, body: takes(IocRequest) },
  responses: gives(
    JobStarted,
    'The job; its result has each indicator, where it was seen, and what is in doubt',
  ),
});

const descendants = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/hunts/descendants',
  summary: 'Find what exposed principals made, and what that made (a job)',
  request: { params: IncidentParam, body: takes(DescendantsRequest) },
  responses: gives(JobStarted, 'The job; its result counts them and lists the first'),
});

const listMade = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/descendants',
  summary: 'What compromised principals made, a page at a time',
  request: { params: IncidentParam, query: DescendantQuery },
  responses: gives(DescendantPage, 'By the time they were made, each with the events that prove it'),
});

const contained = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/descendants/contained',
  summary: 'Say that a descendant is contained, and what shows it',
  request: { params: IncidentParam, body: takes(ContainedRequest) },
  responses: gives(DescendantClosed, 'The ledger entry'),
});

const except = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/descendants/exceptions',
  summary: 'Except a descendant until a time, signed',
  request: { params: IncidentParam, body: takes(DescendantExceptionRequest) },
  responses: gives(DescendantClosed, 'The ledger entry'),
});

const findings = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/findings',
  summary: 'What rules and indicators found, a page at a time',
  request: { params: IncidentParam, query: FindingQuery },
  responses: gives(FindingPage, 'By time'),
});

/** The period that was asked for; where an end is not given, from the begin of the breach until now. */
export function periodOf(
  context: Context,
  { advisory }: Pick<Incident, 'advisory'>,
  { from, to }: { from?: string | undefined; to?: string | undefined },
): Period {
  const usual = defaultPeriod(context, advisory);
  return { from: from ? new Date(from) : usual.from, to: to ? new Date(to) : usual.to };
}

/** A verb's progress as a job's. */
export const watchOf = ({ signal, report }: JobTools): Watch => ({
  signal,
  onProgress: (done, total, at, unit = 'steps') => report({ done, total, unit, at }),
});

export function huntRoutes(services: Services) {
  return createRouter()
    .route('/', searchRoutes(services))
    .route('/', closingRoutes())
    .openapi(listMade, async (c) => {
      const { db } = c.var.context;
      const { id: incidentId } = await incidentOf(c.var.context, c.req.valid('param'));
      const query = c.req.valid('query');
      const found = await listDescendants(db, { ...query, incidentId });
      const next = found.length === query.limit ? (found.at(-1)?.id ?? null) : null;
      const census = await countDescendants(db, incidentId);
      return c.json({ descendants: found.map(descendantView), next, census }, 200);
    })
    .openapi(findings, async (c) => {
      const { id: incidentId } = await incidentOf(c.var.context, c.req.valid('param'));
      const query = c.req.valid('query');
      const found = await listFindings(c.var.context.db, { ...query, incidentId });
      const next = found.length === query.limit ? (found.at(-1)?.id ?? null) : null;
      return c.json({ findings: found, next }, 200);
    });
}

function searchRoutes({ ports, jobs }: Services) {
  return createRouter()
    .openapi(ioc, async (c) => {
      const { hunt, actor } = c.var;
      const incident = await incidentOf(hunt, c.req.valid('param'));
      const request = c.req.valid('json');
      const period = periodOf(hunt, incident, request);
      const advisories = await advisoriesOf(hunt, incident, request.advisories);
      const logs = await ports.logs();
      const job = jobs.start('hunt', actor, async (tools) => {
        const { stixFiles = [] } = request;
        const input = { incidentId: incident.id, advisories, stixFiles, period, ...logs, ...watchOf(tools) };
        return { ...iocView(await huntIndicators(hunt, input)), period };
      });
      return c.json({ job: job.id }, 200);
    })
    .openapi(descendants, async (c) => {
      const { hunt, actor } = c.var;
      const incident = await incidentOf(hunt, c.req.valid('param'));
      const request = c.req.valid('json');
      const period = periodOf(hunt, incident, request);
      const principals = request.principals?.map((principal) => ({ principal, ...period }));
      const [logs, nameSystem] = [await ports.logs(), await namingOf(ports)];
      const job = jobs.start('hunt', actor, async (tools) => {
        const followed = principals ?? (await exposedPrincipals(hunt, incident));
        const {
          descendants: found,
          claims,
          ...rest
        } = await huntDescendants(hunt, {
          incidentId: incident.id,
          principals: followed,
          period,
          nameSystem,
          ...logs,
          ...watchOf(tools),
        });
        const first = found.slice(0, listedMax).map(descendantView);
        return {
          ...rest,
          claims: claims.map(claimLine),
          descendants: first,
          outstanding: rest.outstanding.slice(0, listedMax),
          period,
          principals: followed.length,
        };
      });
      return c.json({ job: job.id }, 200);
    });
}

const listedMax = 1_000;

function closingRoutes() {
  return createRouter()
    .openapi(contained, async (c) => {
      const { context } = c.var;
      const { id } = await incidentOf(context, c.req.valid('param'));
      const { ref, because, at } = c.req.valid('json');
      const input = { because, ...(at === undefined ? {} : { at: new Date(at) }) };
      return c.json(await containDescendant(context, id, ref, input), 200);
    })
    .openapi(except, async (c) => {
      const { context } = c.var;
      const { id } = await incidentOf(context, c.req.valid('param'));
      const { ref, until, ...terms } = c.req.valid('json');
      return c.json(await exceptDescendant(context, id, ref, { ...terms, until: new Date(until) }), 200);
    });
}

/** The advisories that were named, or the incident's own as it stood when the incident was opened. */
async function advisoriesOf(context: Context, incident: Incident, ids: readonly string[] | undefined) {
  if (ids === undefined) return [incident.advisory];
  return Promise.all(ids.map(async (id) => (await findAdvisory(context.db, id)).advisory));
}

/** What firebreak.yaml calls the system of a host; the host's own name where it says nothing of it. */
async function namingOf(ports: ApiPorts): Promise<((source: string, host: string) => string) | undefined> {
  const systems = await ports.systems().catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw error;
  });
  if (systems === undefined) return undefined;
  const byHost = new Map(
    systems.config.systems.flatMap(({ name, hosts }) =>
      hosts.map((host) => [host.toLowerCase(), name] as const),
    ),
  );
  return (source, host) => byHost.get(host.toLowerCase()) ?? (host || source).replaceAll('/', '_');
}
