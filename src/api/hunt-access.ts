/** Routes of the hunt: what was read, and the timeline, which is sent as it is read. */
import { z } from 'zod';
import {
  type AccessReport,
  exposedPrincipals,
  type HuntContext,
  huntAccess,
  type Period,
  renderTimeline,
  type TimelineFormat,
} from '../domain/hunt/index.ts';
import type { Incident } from '../domain/incident/index.ts';
import { limits } from '../kernel/limits.ts';
import { AccessRequest, TimelineRequest } from './contract/hunt-access.ts';
import { IncidentParam, JobStarted } from './contract/parts.ts';
import { claimLine } from './hunt-views.ts';
import { periodOf, watchOf } from './hunts.ts';
import { incidentOf } from './incidents.ts';
import { toStream } from './reports.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const access = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/hunts/access',
  summary: 'Count what the attacker read, and judge each protected class of data (a job)',
  request: { params: IncidentParam, body: takes(AccessRequest) },
  responses: gives(JobStarted, 'The job; its result has the counts, the lists, and the verdicts'),
});

const contentTypes: Record<TimelineFormat, string> = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  timesketch: 'application/x-ndjson',
  text: 'text/plain; charset=utf-8',
};
const text = { schema: z.string() };

const timeline = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/timeline',
  summary: 'Findings, sessions, what was made and read, and our own acts, in one order',
  request: { params: IncidentParam, body: takes(TimelineRequest) },
  responses: {
    200: {
      description: 'The timeline',
      content: { 'text/csv': text, 'application/x-ndjson': text, 'text/plain': text },
    },
  },
});

interface Asked {
  principals?: string[] | undefined;
  addresses?: string[] | undefined;
}

async function attackerOf(
  hunt: HuntContext,
  incident: Incident,
  period: Period,
  { principals, addresses = [] }: Asked,
) {
  const named = principals?.map((principal) => ({ principal, ...period }));
  return { principals: named ?? (await exposedPrincipals(hunt, incident)), addresses };
}

export function huntAccessRoutes({ ports, jobs }: Services) {
  return createRouter()
    .openapi(access, async (c) => {
      const { hunt, actor } = c.var;
      const incident = await incidentOf(hunt, c.req.valid('param'));
      const { totalsFile, ...request } = c.req.valid('json');
      const period = periodOf(hunt, incident, request);
      const { data, ...logs } = await ports.logs();
      const job = jobs.start('hunt', actor, async (tools) => {
        const attacker = await attackerOf(hunt, incident, period, request);
        const input = {
          incidentId: incident.id,
          attacker,
          period,
          classes: data,
          ...logs,
          ...watchOf(tools),
        };
        return accessView(
          await huntAccess(hunt, totalsFile === undefined ? input : { ...input, totalsFile }),
        );
      });
      return c.json({ job: job.id }, 200);
    })
    .openapi(timeline, async (c) => {
      const { hunt } = c.var;
      const incident = await incidentOf(hunt, c.req.valid('param'));
      const { format, ...request } = c.req.valid('json');
      const period = periodOf(hunt, incident, request);
      const attacker = await attackerOf(hunt, incident, period, request);
      const pieces = renderTimeline(hunt, { incidentId: incident.id, attacker, period }, format);
      // The first piece comes before the answer begins, so that what fails at once is an error.
      const first = await pieces.next();
      return new Response(toStream(first, pieces), {
        headers: {
          'content-type': contentTypes[format],
          'content-disposition': `inline; filename="${incident.id}-timeline.${format === 'timesketch' ? 'jsonl' : format}"`,
        },
      });
    });
}

function accessView(report: AccessReport & { runId: string }) {
  const { resources, refused, claims } = report;
  return {
    ...report,
    claims: claims.map(claimLine),
    resources: resources.slice(0, limits.accessResourcesKept),
    resourcesTotal: resources.length,
    refused: refused.slice(0, limits.accessResourcesKept),
    refusedTotal: refused.length,
  };
}
