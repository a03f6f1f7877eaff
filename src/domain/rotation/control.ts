/** Approve, apply, pause, resume, cancel and retry a campaign. */
import type { Engine } from '../../engine/index.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import { planDigest } from './plan.ts';
import {
  type CampaignRow,
  getCampaign,
  insertApproval,
  nextRun,
  readProgress,
  setControl,
  setStatus,
} from './store.ts';
import { cancelOpenMembers, reopenMembers } from './store-members.ts';
import { type CampaignRun, campaignWorkflow } from './workflow.ts';

/** Signs the plan as it stands. Where the policy wants two people, its author is not one of them. */
export async function approvePlan(
  context: Context,
  id: string,
  approver: string,
): Promise<{ approvals: number; needed: number }> {
  const campaign = await getCampaign(context.db, id);
  const needed = campaign.plan.approvals;
  if (planDigest(campaign.plan) !== campaign.planDigest)
    throw new FirebreakError('corrupt', `plan ${id} no longer has the digest that it was made with`);
  if (campaign.approvals.some((approval) => approval.approver === approver))
    throw new FirebreakError('conflict', `${approver} has approved plan ${id} already`);
  if (needed > 1 && approver === campaign.createdBy)
    throw new FirebreakError('refused', `plan ${id} needs ${needed} people besides ${approver}, who made it`);
  await context.db.transaction().execute(async (tx) => {
    const data = { digest: campaign.planDigest, members: campaign.plan.members };
    const [seq] = await context.ledger.appendWithin(tx, [
      entry({ ...context, actor: approver }, 'rotation.approved', campaign, data),
    ]);
    const at = context.clock.now();
    await insertApproval(tx, { campaignId: id, approver, digest: campaign.planDigest, at, seq: seq ?? 0 });
    if (campaign.status === 'planned' && campaign.approvals.length + 1 >= needed)
      await setStatus(tx, id, 'approved', null, at);
  });
  return { approvals: campaign.approvals.length + 1, needed };
}

/**
 * Starts the campaign, or continues one that was paused, stopped or interrupted by a crash. Throws refused
 * while approvals are missing. Members that ended badly wait for `retryCampaign`.
 */
export async function applyPlan(context: Context, engine: Engine, id: string): Promise<void> {
  const campaign = await getCampaign(context.db, id);
  const missing = campaign.plan.approvals - campaign.approvals.length;
  if (missing > 0)
    throw new FirebreakError(
      'refused',
      `plan ${id} needs ${missing} more approval${missing === 1 ? '' : 's'}: firebreak rotate approve ${id} --approver NAME`,
    );
  // A running campaign's workflow is alive or waits for a worker; one that broke off is run anew.
  if (campaign.status === 'running' && (await start(engine, id, campaign.run)) !== 'ended') return;
  if (campaign.status === 'finished' || campaign.status === 'cancelled')
    throw new FirebreakError('conflict', `campaign ${id} is ${campaign.status}: make a new plan`);
  await startRun(context, engine, campaign, 'rotation.started', async () => 0);
}

/** Runs the members that failed or stayed indeterminate once more, from the stage where each stands. */
export async function retryCampaign(context: Context, engine: Engine, id: string): Promise<number> {
  const campaign = await getCampaign(context.db, id);
  if (campaign.status === 'running')
    throw new FirebreakError('conflict', `campaign ${id} is still running: pause it or wait`);
  if (campaign.status === 'planned' || campaign.status === 'approved')
    throw new FirebreakError('conflict', `campaign ${id} has not run yet: apply it`);
  const { failed, indeterminate } = await readProgress(context.db, id);
  if (failed + indeterminate === 0)
    throw new FirebreakError('conflict', `campaign ${id} has no failed members`);
  return startRun(context, engine, campaign, 'rotation.retried', (tx) =>
    reopenMembers(tx, id, ['failed', 'indeterminate'], context.clock.now()),
  );
}

/** Rests after the batches that are under way. `applyPlan` continues. */
export async function pauseCampaign(context: Context, id: string): Promise<void> {
  await changeControl(context, id, 'pause', ['running']);
}

/** Ends after the batches that are under way; what is not done stays outstanding. */
export async function cancelCampaign(context: Context, id: string): Promise<void> {
  const campaign = await changeControl(context, id, 'cancel', [
    'planned',
    'approved',
    'running',
    'paused',
    'stopped',
  ]);
  if (campaign.status === 'running') return;
  // No workflow is there to see it, so it is done here.
  await context.db.transaction().execute(async (tx) => {
    await cancelOpenMembers(tx, id, context.clock.now());
    await setStatus(tx, id, 'cancelled', null, context.clock.now());
  });
}

async function changeControl(
  context: Context,
  id: string,
  control: 'pause' | 'cancel',
  from: string[],
): Promise<CampaignRow> {
  const campaign = await getCampaign(context.db, id);
  if (!from.includes(campaign.status))
    throw new FirebreakError('conflict', `campaign ${id} is ${campaign.status}: it can't ${control} now`);
  await context.db.transaction().execute(async (tx) => {
    await setControl(tx, id, control);
    await context.ledger.appendWithin(tx, [entry(context, `rotation.${control}`, campaign, {})]);
  });
  return campaign;
}

async function startRun(
  context: Context,
  engine: Engine,
  campaign: CampaignRow,
  kind: string,
  prepare: (tx: Tx) => Promise<number>,
): Promise<number> {
  const { run, reopened } = await context.db.transaction().execute(async (tx) => {
    const run = await nextRun(tx, campaign.id, context.clock.now());
    const reopened = await prepare(tx);
    await setStatus(tx, campaign.id, 'running', null, context.clock.now());
    await context.ledger.appendWithin(tx, [
      entry(context, kind, campaign, { run, reopened, digest: campaign.planDigest }),
    ]);
    return { run, reopened };
  });
  await start(engine, campaign.id, run);
  return reopened;
}

function start(engine: Engine, campaignId: string, run: number): ReturnType<Engine['start']> {
  const input: CampaignRun = { campaignId, run };
  return engine.start(campaignWorkflow, `${campaignId}/${run}`, input);
}

const entry = (context: Context, kind: string, campaign: CampaignRow, data: object) => ({
  kind,
  actor: context.actor,
  incidentId: campaign.incidentId,
  subject: campaign.id,
  data,
});
