/** Routes of restarts. */
import type { Context } from '../domain/context.ts';
import { saveDeclaredHosts } from '../domain/inventory/index.ts';
import {
  applyReboot,
  approveReboot,
  cancelReboot,
  countReboots,
  exceptReboot,
  getRebootPlan,
  listRebootMembers,
  listRebootPlanIds,
  listRebootStates,
  pauseReboot,
  planReboot,
  type RebootMember,
  readRebootProgress,
  retryReboot,
} from '../domain/reboot/index.ts';
import { limits } from '../kernel/limits.ts';
import { IncidentParam } from './contract/parts.ts';
import { ApprovalCount, ApprovalRequest, PlanParam } from './contract/plans.ts';
import {
  RebootExcepted,
  RebootExceptionRequest,
  RebootList,
  RebootMemberPage,
  RebootMembersQuery,
  RebootPlanned,
  RebootProgressView,
  RebootRequest,
  RebootRetried,
  RebootView,
} from './contract/reboots.ts';

import { incidentOf } from './incidents.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const plan = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/reboots',
  summary: 'Plan the restart of the hosts that are expected to; nothing is asked of any host',
  request: { params: IncidentParam, body: takes(RebootRequest) },
  responses: gives(RebootPlanned, 'The plan: immutable from now on'),
});

const list = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/reboots',
  summary: 'Reboot plans of the incident, how far they are, and the census over all of them',
  request: { params: IncidentParam },
  responses: gives(RebootList, 'First to last'),
});

const except = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/reboots/exceptions',
  summary: 'Except a host from its restart until a time, signed',
  request: { params: IncidentParam, body: takes(RebootExceptionRequest) },
  responses: gives(RebootExcepted, 'The exception and its ledger entry'),
});

const show = createRoute({
  method: 'get',
  path: '/v1/reboots/{plan}',
  summary: 'A plan, its approvals, its progress and the hosts that are not proven',
  request: { params: PlanParam },
  responses: gives(RebootView, 'The plan'),
});

const members = createRoute({
  method: 'get',
  path: '/v1/reboots/{plan}/members',
  summary: 'The hosts of a plan in their order, a page at a time',
  request: { params: PlanParam, query: RebootMembersQuery },
  responses: gives(RebootMemberPage, 'In the order in which they are restarted'),
});

const progress = createRoute({
  method: 'get',
  path: '/v1/reboots/{plan}/progress',
  summary: 'How far a plan is',
  request: { params: PlanParam },
  responses: gives(RebootProgressView, 'Counted now'),
});

const approve = createRoute({
  method: 'post',
  path: '/v1/reboots/{plan}/approvals',
  summary: 'Approve the plan as it stands',
  request: { params: PlanParam, body: takes(ApprovalRequest) },
  responses: gives(ApprovalCount, 'How many there are, and how many it needs'),
});

const act = <P extends 'apply' | 'pause' | 'cancel'>(verb: P, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/reboots/{plan}/${verb}` as const,
    summary,
    request: { params: PlanParam },
    responses: gives(RebootProgressView, 'How far it is'),
  });
const apply = act('apply', 'Start or continue the plan; refused while approvals are missing');
const pause = act('pause', 'Rest when the hosts that are being restarted are back');
const cancel = act(
  'cancel',
  'End when the hosts that are being restarted are back; the rest stays outstanding',
);

const retry = createRoute({
  method: 'post',
  path: '/v1/reboots/{plan}/retry',
  summary: 'See to failed and unproven hosts once more, from where each stands',
  request: { params: PlanParam },
  responses: gives(RebootRetried, 'How many'),
});

const outstandingListedMax = 100;

const viewMember = (member: RebootMember) => ({
  ordinal: member.ordinal,
  host: member.host,
  role: member.role,
  wave: member.wave,
  action: member.action,
  stage: member.stage,
  status: member.status,
  reasonCode: member.reasonCode,
  reason: member.reason,
  bootIdBefore: member.before?.bootId ?? null,
  bootIdAfter: member.after?.bootId ?? null,
  requests: member.requests,
  proofSeq: member.proofSeq,
});

async function viewPlan({ db }: Context, id: string) {
  const [{ plan, planDigest, approvals }, progress, open] = await Promise.all([
    getRebootPlan(db, id),
    readRebootProgress(db, id),
    listRebootMembers(db, id, { after: 0, limit: outstandingListedMax, outstanding: true }),
  ]);
  return { plan, planDigest, approvals, progress, outstanding: open.map(viewMember) };
}

export function rebootRoutes({ ports }: Services) {
  return createRouter()
    .openapi(plan, async (c) => {
      const { context } = c.var;
      const { id } = await incidentOf(context, c.req.valid('param'));
      const systems = await ports.systems();
      const lists = await saveDeclaredHosts(context, systems.config.fleet, { signal: c.req.raw.signal });
      return c.json({ plan: await planReboot(context, systems, id, c.req.valid('json')), lists }, 200);
    })
    .openapi(list, async (c) => {
      const { db } = c.var.context;
      const { id } = await incidentOf(c.var.context, c.req.valid('param'));
      const ids = await listRebootPlanIds(db, id);
      const [plans, census, outstanding] = await Promise.all([
        Promise.all(ids.map((one) => readRebootProgress(db, one))),
        countReboots(db, id),
        listRebootStates(db, id, { state: 'outstanding', limit: limits.rebootStatesListedMax }),
      ]);
      return c.json({ plans, census, outstanding }, 200);
    })
    .openapi(except, async (c) => {
      const { context } = c.var;
      const { id } = await incidentOf(context, c.req.valid('param'));
      const { host, until, ...input } = c.req.valid('json');
      return c.json(await exceptReboot(context, id, host, { ...input, until: new Date(until) }), 200);
    })
    .openapi(show, async (c) => c.json(await viewPlan(c.var.context, c.req.valid('param').plan), 200))
    .openapi(members, async (c) => {
      const { after, limit, outstanding = false } = c.req.valid('query');
      const { id } = await getRebootPlan(c.var.context.db, c.req.valid('param').plan);
      const page = await listRebootMembers(c.var.context.db, id, { after, limit, outstanding });
      const next = page.length === limit ? (page.at(-1)?.ordinal ?? null) : null;
      return c.json({ members: page.map(viewMember), next }, 200);
    })
    .openapi(progress, async (c) =>
      c.json(await readRebootProgress(c.var.context.db, c.req.valid('param').plan), 200),
    )
    .openapi(approve, async (c) => {
      const { approver } = c.req.valid('json');
      return c.json(await approveReboot(c.var.context, c.req.valid('param').plan, approver), 200);
    })
    .openapi(apply, async (c) => {
      const id = c.req.valid('param').plan;
      await applyReboot(c.var.context, await ports.engine(), id);
      return c.json(await readRebootProgress(c.var.context.db, id), 200);
    })
    .openapi(pause, async (c) => {
      const id = c.req.valid('param').plan;
      await pauseReboot(c.var.context, id);
      return c.json(await readRebootProgress(c.var.context.db, id), 200);
    })
    .openapi(cancel, async (c) => {
      const id = c.req.valid('param').plan;
      await cancelReboot(c.var.context, id);
      return c.json(await readRebootProgress(c.var.context.db, id), 200);
    })
    .openapi(retry, async (c) => {
      const id = c.req.valid('param').plan;
      const reopened = await retryReboot(c.var.context, await ports.engine(), id);
      return c.json({ reopened, progress: await readRebootProgress(c.var.context.db, id) }, 200);
    });
}
