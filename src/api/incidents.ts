/** Routes of incidents. */
import { findAdvisory } from '../domain/advisory/index.ts';
import type { Context } from '../domain/context.ts';
import {
  closeIncident,
  exceptQuestion,
  findIncident,
  type Incident,
  listIncidents,
  nextSteps,
  openIncident,
  readQuestions,
  takeCensus,
} from '../domain/incident/index.ts';
import {
  CensusView,
  IncidentClosed,
  IncidentList,
  IncidentOpen,
  IncidentOpened,
  IncidentView,
  NextSteps,
  QuestionExcepted,
  QuestionExceptionRequest,
  QuestionList,
} from './contract/incidents.ts';
import { IncidentParam } from './contract/parts.ts';
import { createRoute, createRouter, gives, takes } from './router.ts';

const open = createRoute({
  method: 'post',
  path: '/v1/incidents',
  summary: 'Open an incident from an advisory, and expose what the supplier held',
  request: { body: takes(IncidentOpen) },
  responses: gives(IncidentOpened, 'The incident, and what it exposed'),
});

const list = createRoute({
  method: 'get',
  path: '/v1/incidents',
  summary: 'All incidents',
  responses: gives(IncidentList, 'The latest first'),
});

const show = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}',
  summary: 'One incident',
  request: { params: IncidentParam },
  responses: gives(IncidentView, 'The incident'),
});

const next = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/next',
  summary: 'What to do now, and why',
  request: { params: IncidentParam },
  responses: gives(NextSteps, 'The most urgent first; none once the incident is closed'),
});

const census = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/census',
  summary: 'Everything that must be accounted for, by state',
  request: { params: IncidentParam },
  responses: gives(CensusView, 'Counted now'),
});

const close = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/close',
  summary: 'Close the incident; refused while anything is outstanding',
  request: { params: IncidentParam },
  responses: gives(IncidentClosed, 'The census that it was closed with'),
});

const questions = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/questions',
  summary: 'What nobody began, and what hunts could not answer',
  request: { params: IncidentParam },
  responses: gives(QuestionList, 'Those that are open, and those that somebody signed for'),
});

const except = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/questions/exceptions',
  summary: 'Leave a question open under a name, until a time',
  request: { params: IncidentParam, body: takes(QuestionExceptionRequest) },
  responses: gives(QuestionExcepted, 'The ledger entry that holds the signature'),
});

/** The incident that a path names; `current` is the only open one. */
export const incidentOf = (context: Context, param: { incident: string }): Promise<Incident> =>
  findIncident(context.db, param.incident === 'current' ? undefined : param.incident);

/** An incident without its advisory, which has a route of its own. */
function viewIncident({ advisory, ...incident }: Incident) {
  return { ...incident, supplier: advisory.supplier.name };
}

export function incidentRoutes() {
  return createRouter()
    .openapi(open, async (c) => {
      const { advisory: id, title } = c.req.valid('json');
      const { context } = c.var;
      const { advisory } = await findAdvisory(context.db, id);
      const { incident, matched } = await openIncident(context, advisory, title);
      return c.json({ incident: viewIncident(incident), matched }, 200);
    })
    .openapi(list, async (c) => {
      const incidents = await listIncidents(c.var.context.db);
      return c.json({ incidents: incidents.map(viewIncident) }, 200);
    })
    .openapi(show, async (c) =>
      c.json(viewIncident(await incidentOf(c.var.context, c.req.valid('param'))), 200),
    )
    .openapi(next, async (c) => {
      const incident = await incidentOf(c.var.context, c.req.valid('param'));
      return c.json(
        { incident: viewIncident(incident), steps: await nextSteps(c.var.context, incident) },
        200,
      );
    })
    .openapi(census, async (c) => {
      const incident = await incidentOf(c.var.context, c.req.valid('param'));
      return c.json(await takeCensus(c.var.context, incident), 200);
    })
    .openapi(questions, async (c) => {
      const { context } = c.var;
      const incident = await incidentOf(context, c.req.valid('param'));
      const found = await readQuestions(context, incident);
      return c.json({ incident: viewIncident(incident), questions: found }, 200);
    })
    .openapi(except, async (c) => {
      const { context } = c.var;
      const incident = await incidentOf(context, c.req.valid('param'));
      const { question, until, ...input } = c.req.valid('json');
      return c.json(
        await exceptQuestion(context, incident, question, { ...input, until: new Date(until) }),
        200,
      );
    })
    .openapi(close, async (c) => {
      const { context } = c.var;
      const incident = await incidentOf(context, c.req.valid('param'));
      const census = await closeIncident(context, incident);
      const closed = await findIncident(context.db, incident.id);
      return c.json({ incident: viewIncident(closed), census }, 200);
    });
}
