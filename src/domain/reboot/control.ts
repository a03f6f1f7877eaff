/** Approve, apply, pause, cancel and retry a reboot plan. */
import type { Engine } from '../../engine/index.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import { planDigest } from './plan.ts';
import {
  getRebootPlan,
  insertApproval,
  nextRun,
  type PlanRow,
  readRebootProgress,
  setControl,
  setStatus,
} from './store.ts';
import { cancelOpenMembers, reopenMembers } from './store-members.ts';
import { type RebootRun, rebootWorkflow } from './workflow.ts';

/** Signs the plan as it stands. Where the policy wants two people, its author is not one of them. */
export async function approveReboot(
  context: Context,
  id: string,
  approver: string,
): Promise<{ approvals: number; needed: number }> {
  const plan = await getRebootPlan(context.db, id);
  const needed = plan.plan.approvals;
  if (planDigest(plan.plan) !== plan.planDigest)
    throw new FirebreakError('corrupt', `plan ${id} no longer has the digest that it was made with`);
  if (plan.approvals.some((approval) => approval.approver === approver))
    throw new FirebreakError('conflict', `${approver} has approved plan ${id} already`);
  if (needed > 1 && approver === plan.createdBy)
    throw new FirebreakError('refused', `plan ${id} needs ${needed} people besides ${approver}, who made it`);
  await context.db.transaction().execute(async (tx) => {
    const data = { digest: plan.planDigest, members: plan.plan.members };
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      entry({ ...context, actor: approver }, 'reboot.approved', plan, data),
    ]);
    const at = context.clock.now();
    await insertApproval(tx, { planId: id, approver, digest: plan.planDigest, at, seq });
    if (plan.status === 'planned' && plan.approvals.length + 1 >= needed)
      await setStatus(tx, id, 'approved', null, at);
  });
  return { approvals: plan.approvals.length + 1, needed };
}

/** Starts the plan, or continues one that was paused, stopped or interrupted. Throws refused while approvals are missing. */
export async function applyReboot(context: Context, engine: Engine, id: string): Promise<void> {
  const plan = await getRebootPlan(context.db, id);
  const missing = plan.plan.approvals - plan.approvals.length;
  if (missing > 0)
    throw new FirebreakError(
      'refused',
      `plan ${id} needs ${missing} more approval${missing === 1 ? '' : 's'}: firebreak reboot approve ${id} --approver NAME`,
    );
  // A running plan's workflow is alive or waits for a worker; one that broke off is run anew.
  if (plan.status === 'running' && (await start(engine, id, plan.run)) !== 'ended') return;
  if (plan.status === 'finished' || plan.status === 'cancelled')
    throw new FirebreakError(
      'conflict',
      `plan ${id} is ${plan.status}: make a new one, or retry what it left`,
    );
  await startRun(context, engine, plan, 'reboot.started', async () => 0);
}

/** Sees to the hosts that failed or stayed unproven once more, each from where it stands. */
export async function retryReboot(context: Context, engine: Engine, id: string): Promise<number> {
  const plan = await getRebootPlan(context.db, id);
  if (plan.status === 'running')
    throw new FirebreakError('conflict', `plan ${id} is still running: wait for it or pause it`);
  if (plan.status === 'planned' || plan.status === 'approved')
    throw new FirebreakError('conflict', `plan ${id} has not run yet: apply it`);
  if (plan.status === 'cancelled')
    throw new FirebreakError('conflict', `plan ${id} is cancelled: make a new one`);
  const { failed, indeterminate } = await readRebootProgress(context.db, id);
  if (failed + indeterminate === 0)
    throw new FirebreakError('conflict', `plan ${id} has no hosts in trouble`);
  return startRun(context, engine, plan, 'reboot.retried', (tx) =>
    reopenMembers(tx, id, context.clock.now()),
  );
}

/** Rests when the hosts that are being restarted are back. `applyReboot` continues. */
export async function pauseReboot(context: Context, id: string): Promise<void> {
  await change(context, id, 'pause', ['running']);
}

/** Ends when the hosts that are being restarted are back; the others stay outstanding. */
export async function cancelReboot(context: Context, id: string): Promise<void> {
  const plan = await change(context, id, 'cancel', ['planned', 'approved', 'running', 'paused', 'stopped']);
  if (plan.status === 'running') return;
  // No workflow is there to see it, so it is done here.
  await context.db.transaction().execute(async (tx) => {
    await cancelOpenMembers(tx, id, context.clock.now());
    await setStatus(tx, id, 'cancelled', null, context.clock.now());
  });
}

async function change(
  context: Context,
  id: string,
  control: 'pause' | 'cancel',
  from: string[],
): Promise<PlanRow> {
  const plan = await getRebootPlan(context.db, id);
  if (!from.includes(plan.status))
    throw new FirebreakError('conflict', `plan ${id} is ${plan.status}: it can't ${control} now`);
  await context.db.transaction().execute(async (tx) => {
    await setControl(tx, id, control);
    await context.ledger.appendWithin(tx, [entry(context, `reboot.${control}`, plan, {})]);
  });
  return plan;
}

async function startRun(
  context: Context,
  engine: Engine,
  plan: PlanRow,
  kind: string,
  prepare: (tx: Tx) => Promise<number>,
): Promise<number> {
  const { run, reopened } = await context.db.transaction().execute(async (tx) => {
    const run = await nextRun(tx, plan.id);
    const reopened = await prepare(tx);
    await setStatus(tx, plan.id, 'running', null, context.clock.now());
    await context.ledger.appendWithin(tx, [
      entry(context, kind, plan, { run, reopened, digest: plan.planDigest }),
    ]);
    return { run, reopened };
  });
  await start(engine, plan.id, run);
  return reopened;
}

function start(engine: Engine, planId: string, run: number): ReturnType<Engine['start']> {
  const input: RebootRun = { planId, run };
  return engine.start(rebootWorkflow, `${planId}/${run}`, input);
}

const entry = (context: Context, kind: string, plan: PlanRow, data: object) => ({
  kind,
  actor: context.actor,
  incidentId: plan.incidentId,
  subject: plan.id,
  data,
});
