/** Routes of rotations. */
import { z } from 'zod';
import type { Context } from '../domain/context.ts';
import {
  applyPlan,
  approvePlan,
  cancelCampaign,
  getCampaign,
  listCampaignIds,
  listPlanMembers,
  listTroubled,
  pauseCampaign,
  planRotation,
  readProgress,
  readProof,
  retryCampaign,
} from '../domain/rotation/index.ts';
import { limits } from '../kernel/limits.ts';
import { IncidentParam } from './contract/parts.ts';
import { ApprovalCount, ApprovalRequest, PlanParam } from './contract/plans.ts';
import {
  CampaignList,
  CampaignView,
  MemberPage,
  PlanView,
  ProgressView,
  ProofView,
  Retried,
} from './contract/rotations.ts';
import { incidentOf } from './incidents.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const plan = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/rotations',
  summary: 'Plan the rotation of all that is outstanding; nothing is changed at any system',
  request: { params: IncidentParam },
  responses: gives(PlanView, 'The plan: immutable from now on'),
});

const list = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/rotations',
  summary: 'Plans of the incident and how far they are',
  request: { params: IncidentParam },
  responses: gives(CampaignList, 'First to last'),
});

const show = createRoute({
  method: 'get',
  path: '/v1/rotations/{plan}',
  summary: 'A plan, its approvals, its progress and its troubled members',
  request: { params: PlanParam },
  responses: gives(CampaignView, 'The plan'),
});

const members = createRoute({
  method: 'get',
  path: '/v1/rotations/{plan}/members',
  summary: 'The numbered steps of a plan, a page at a time',
  request: {
    params: PlanParam,
    query: z.object({
      after: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(limits.apiPageRowsMax).default(limits.apiPageRowsMax),
    }),
  },
  responses: gives(MemberPage, 'In the order in which they are done'),
});

const progress = createRoute({
  method: 'get',
  path: '/v1/rotations/{plan}/progress',
  summary: 'How far a campaign is',
  request: { params: PlanParam },
  responses: gives(ProgressView, 'Counted now'),
});

const approve = createRoute({
  method: 'post',
  path: '/v1/rotations/{plan}/approvals',
  summary: 'Approve the plan as it stands',
  request: { params: PlanParam, body: takes(ApprovalRequest) },
  responses: gives(ApprovalCount, 'How many there are, and how many it needs'),
});

const apply = createRoute({
  method: 'post',
  path: '/v1/rotations/{plan}/apply',
  summary: 'Start or continue the campaign; refused while approvals are missing',
  request: { params: PlanParam },
  responses: gives(ProgressView, 'It runs from now on'),
});

const pause = createRoute({
  method: 'post',
  path: '/v1/rotations/{plan}/pause',
  summary: 'Rest after the stage that is under way',
  request: { params: PlanParam },
  responses: gives(ProgressView, 'It may still run for a moment'),
});

const cancel = createRoute({
  method: 'post',
  path: '/v1/rotations/{plan}/cancel',
  summary: 'End after the stage that is under way; what is not done stays outstanding',
  request: { params: PlanParam },
  responses: gives(ProgressView, 'It may still run for a moment'),
});

const retry = createRoute({
  method: 'post',
  path: '/v1/rotations/{plan}/retry',
  summary: 'Run failed and unproven members once more, from where each stands',
  request: { params: PlanParam },
  responses: gives(Retried, 'How many'),
});

const prove = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/proof',
  summary: 'The proof that a credential is dead, read back and checked',
  request: { params: IncidentParam, query: z.object({ ref: z.string().min(1).max(4_096) }) },
  responses: gives(ProofView, 'The in-toto statement and its DSSE envelope'),
});

const troubledListedMax = 100;

async function viewCampaign({ db }: Context, id: string) {
  const [campaign, progress, troubled] = await Promise.all([
    getCampaign(db, id),
    readProgress(db, id),
    listTroubled(db, id, troubledListedMax),
  ]);
  const { plan, planDigest, approvals } = campaign;
  return { plan, planDigest, approvals, progress, troubled };
}

/** Plans and what can be read of them. */
function planRoutes({ ports }: Services) {
  return createRouter()
    .openapi(plan, async (c) => {
      const { context } = c.var;
      const { id } = await incidentOf(context, c.req.valid('param'));
      return c.json(await planRotation(context, await ports.systems(), id), 200);
    })
    .openapi(list, async (c) => {
      const { db } = c.var.context;
      const { id } = await incidentOf(c.var.context, c.req.valid('param'));
      const ids = await listCampaignIds(db, id);
      return c.json({ campaigns: await Promise.all(ids.map((one) => readProgress(db, one))) }, 200);
    })
    .openapi(show, async (c) => c.json(await viewCampaign(c.var.context, c.req.valid('param').plan), 200))
    .openapi(members, async (c) => {
      const { after, limit } = c.req.valid('query');
      const { id } = await getCampaign(c.var.context.db, c.req.valid('param').plan);
      const members = await listPlanMembers(c.var.context.db, id, after, limit);
      const next = members.length === limit ? (members.at(-1)?.ordinal ?? null) : null;
      return c.json({ members, next }, 200);
    })
    .openapi(progress, async (c) =>
      c.json(await readProgress(c.var.context.db, c.req.valid('param').plan), 200),
    )
    .openapi(prove, async (c) => {
      const { id } = await incidentOf(c.var.context, c.req.valid('param'));
      return c.json(await readProof(c.var.context, id, c.req.valid('query').ref), 200);
    });
}

export function rotationRoutes(services: Services) {
  const { ports } = services;
  return createRouter()
    .route('/', planRoutes(services))
    .openapi(approve, async (c) => {
      const { approver } = c.req.valid('json');
      return c.json(await approvePlan(c.var.context, c.req.valid('param').plan, approver), 200);
    })
    .openapi(apply, async (c) => {
      const { context } = c.var;
      const id = c.req.valid('param').plan;
      await applyPlan(context, await ports.engine(), id);
      return c.json(await readProgress(context.db, id), 200);
    })
    .openapi(pause, async (c) => {
      const id = c.req.valid('param').plan;
      await pauseCampaign(c.var.context, id);
      return c.json(await readProgress(c.var.context.db, id), 200);
    })
    .openapi(cancel, async (c) => {
      const id = c.req.valid('param').plan;
      await cancelCampaign(c.var.context, id);
      return c.json(await readProgress(c.var.context.db, id), 200);
    })
    .openapi(retry, async (c) => {
      const { context } = c.var;
      const id = c.req.valid('param').plan;
      const reopened = await retryCampaign(context, await ports.engine(), id);
      return c.json({ reopened, progress: await readProgress(context.db, id) }, 200);
    });
}
