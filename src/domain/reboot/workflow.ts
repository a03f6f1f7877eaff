/** A plan as a durable workflow: wave after wave, the batches of a wave side by side. The members' rows hold the truth. */
import type { Child, Flow, Workflows } from '../../engine/index.ts';
import { plural } from '../../kernel/text.ts';
import type { RebootKit } from './kit.ts';
import { type RebootBatch, runBatch } from './run-batch.ts';
import { getRebootPlan, readRebootProgress, setStatus } from './store.ts';
import { cancelOpenMembers, firstFailure, listOpenBatches, listOpenWaves } from './store-members.ts';
import { opensAt, windowsOf } from './windows.ts';

export interface RebootRun {
  planId: string;
  run: number;
}

export const rebootWorkflow = 'reboot.plan';
const batchWorkflow = 'reboot.batch';

/** The workflows of this module, for the engine. */
export function rebootWorkflows(kit: RebootKit): Workflows {
  return {
    [rebootWorkflow]: (flow: Flow, input: RebootRun) => runPlan(kit, flow, input),
    // One step: the members' rows say how far each got, so the workflow need not.
    [batchWorkflow]: (flow: Flow, input: RebootBatch) =>
      flow.step('reboot.batch', () => runBatch(kit, input)),
  };
}

async function runPlan(kit: RebootKit, flow: Flow, { planId, run }: RebootRun): Promise<void> {
  const { db } = kit.context;
  let why: Halt | null = null;
  for (const wave of await flow.step('reboot.waves', () => listOpenWaves(db, planId))) {
    why = await flow.step('reboot.admit', () => mayBegin(kit, planId, wave));
    if (why) break;
    const batches = await flow.step('reboot.batches', () => listOpenBatches(db, planId, wave));
    await flow.children(
      batches.map(({ batch }): Child => {
        const input: RebootBatch = { planId, wave, batch };
        return { workflow: batchWorkflow, id: `${planId}/${run}/${batch}`, input, system: 'reboot' };
      }),
    );
    why = await flow.step('reboot.judge', () => judgeWave(kit, planId, wave));
    if (why) break;
  }
  await flow.step('reboot.finish', () => finish(kit, planId, why));
}

interface Halt {
  status: 'paused' | 'stopped';
  reason: string | null;
}

/** Whether the wave's roles are within their maintenance windows now. */
async function mayBegin(kit: RebootKit, planId: string, wave: number): Promise<Halt | null> {
  const { control } = await getRebootPlan(kit.context.db, planId);
  if (control !== 'run') return { status: 'paused', reason: null };
  const roles = new Set((await listOpenBatches(kit.context.db, planId, wave)).flatMap((one) => one.roles));
  for (const role of roles) {
    const at = opensAt(windowsOf(kit.policy, role), kit.context.clock.now());
    if (!at) continue;
    const reason = `wave ${wave} is outside the maintenance window of role ${role || '(none)'}, which opens ${at.toISOString()}: apply it again then`;
    return { status: 'paused', reason };
  }
  return null;
}

/** A host that does not come back stops its wave, and the plan with it. */
async function judgeWave(kit: RebootKit, planId: string, wave: number): Promise<Halt | null> {
  const { db } = kit.context;
  const { control } = await getRebootPlan(db, planId);
  if (control !== 'run') return { status: 'paused', reason: null };
  const failure = await firstFailure(db, planId, wave);
  if (failure) {
    const more = failure.count > 1 ? ` (and ${plural(failure.count - 1, 'more host')})` : '';
    return { status: 'stopped', reason: `wave ${wave}: ${failure.host}: ${failure.reason}${more}` };
  }
  const held = await listOpenBatches(db, planId, wave);
  if (held.length === 0) return null;
  const roles = held.flatMap((one) => one.roles).join(', ');
  const reason = `wave ${wave}: no further host of ${roles} may go down, because others of it do not answer: see to those, then apply it again`;
  return { status: 'stopped', reason };
}

async function finish(kit: RebootKit, planId: string, why: Halt | null): Promise<void> {
  const { db, clock, ledger, actor } = kit.context;
  const { control, incidentId } = await getRebootPlan(db, planId);
  await db.transaction().execute(async (tx) => {
    const at = clock.now();
    if (control === 'cancel') {
      await cancelOpenMembers(tx, planId, at);
      await setStatus(tx, planId, 'cancelled', null, at);
    } else if (why) await setStatus(tx, planId, why.status, why.reason, at);
    else {
      const { pending, running } = await readRebootProgress(tx, planId);
      const open = pending + running;
      const reason = open > 0 ? `${plural(open, 'host')} did not come to an end` : null;
      await setStatus(tx, planId, open > 0 ? 'stopped' : 'finished', reason, at);
    }
    const progress = await readRebootProgress(tx, planId);
    await ledger.appendWithin(tx, [
      { kind: 'reboot.ended', actor, incidentId, subject: planId, data: { ...progress } },
    ]);
  });
}
