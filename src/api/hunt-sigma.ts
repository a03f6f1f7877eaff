/** Routes of the hunt by Sigma rules. */
import { checkSigma, huntSigma, type SigmaReport, severities } from '../domain/hunt/index.ts';
import { limits } from '../kernel/limits.ts';
import { SigmaCheckRequest, SigmaCheckResult, SigmaRequest } from './contract/hunt-sigma.ts';
import { IncidentParam, JobStarted } from './contract/parts.ts';
import { claimLine } from './hunt-views.ts';
import { periodOf, watchOf } from './hunts.ts';
import { incidentOf } from './incidents.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const sigma = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/hunts/sigma',
  summary: 'Look for the matches of Sigma rules in all logs (a job)',
  request: { params: IncidentParam, body: takes(SigmaRequest) },
  responses: gives(
    JobStarted,
    'The job; its result has each rule, its matches, and the rules that were not looked for',
  ),
});

const check = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/hunts/sigma/check',
  summary: 'Compile Sigma rules without looking for them',
  request: { params: IncidentParam, body: takes(SigmaCheckRequest) },
  responses: gives(SigmaCheckResult, 'How many compile, and why the others do not'),
});

export function huntSigmaRoutes({ ports, jobs }: Services) {
  return createRouter()
    .openapi(sigma, async (c) => {
      const { hunt, actor } = c.var;
      const incident = await incidentOf(hunt, c.req.valid('param'));
      const { levelMin, rules, placeholdersFile, ...request } = c.req.valid('json');
      const period = periodOf(hunt, incident, request);
      const logs = await ports.logs();
      const job = jobs.start('hunt', actor, async (tools) => {
        const report = await huntSigma(hunt, {
          incidentId: incident.id,
          period,
          ...(rules === undefined ? {} : { rules }),
          ...(placeholdersFile === undefined ? {} : { placeholdersFile }),
          ...(levelMin === undefined ? {} : { severityMin: levelMin }),
          ...logs,
          ...watchOf(tools),
        });
        return { ...sigmaView(report), runId: report.runId, tally: report.tally, period };
      });
      return c.json({ job: job.id }, 200);
    })
    .openapi(check, async (c) => {
      const { hunt } = c.var;
      const { id: incidentId } = await incidentOf(hunt, c.req.valid('param'));
      const { rules, placeholdersFile } = c.req.valid('json');
      const { sources } = await ports.logs();
      const result = await checkSigma(hunt, {
        incidentId,
        sources,
        ...(rules === undefined ? {} : { rules }),
        ...(placeholdersFile === undefined ? {} : { placeholdersFile }),
      });
      return c.json(result, 200);
    });
}

function sigmaView({ findings, claims, results, doubts, noSource, notCompiled, outstanding }: SigmaReport) {
  const ranked = [...findings].sort(
    (a, b) =>
      severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
      a.event.at.getTime() - b.event.at.getTime(),
  );
  const matches = ranked
    .slice(0, limits.apiPageRowsMax)
    .map(({ ruleKind: _, ...match }) => ({ ...match, event: { ...match.event } }));
  return {
    results,
    matches,
    claims: claims.map(claimLine),
    doubts,
    noSource,
    notCompiled,
    outstanding: outstanding.slice(0, limits.apiPageRowsMax),
  };
}
