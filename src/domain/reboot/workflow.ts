/** A reboot plan as a durable workflow: maintenance windows before a wave, and after it the host that did not come back. */
import type { Flow, Workflows } from '../../engine/index.ts';
import { plural } from '../../kernel/text.ts';
import { type Halt, type PlanRun, runWaves, type Waves } from '../plans/index.ts';
import { rebootKind } from './control.ts';
import type { RebootKit } from './kit.ts';
import { type RebootBatch, runBatch } from './run-batch.ts';
import { readRebootProgress } from './store.ts';
import { firstFailure, listOpenBatches } from './store-members.ts';
import type { RebootPlan } from './types.ts';
import { opensAt, windowsOf } from './windows.ts';

const batchWorkflow = 'reboot.batch';

/** The workflows of this module, for the engine. */
export function rebootWorkflows(kit: RebootKit): Workflows {
  return {
    [rebootKind.workflow]: (flow: Flow, input: PlanRun) => runWaves(kit.context, wavesOf(kit), flow, input),
    // One step: the members' rows say how far each got, so the workflow need not.
    [batchWorkflow]: (flow: Flow, input: RebootBatch) =>
      flow.step('reboot.batch', () => runBatch(kit, input)),
  };
}

function wavesOf(kit: RebootKit): Waves<RebootPlan> {
  return {
    ...rebootKind,
    listBatches: async (planId, wave) => {
      const batches = await listOpenBatches(kit.context.db, planId, wave);
      return batches.map(({ batch }) => {
        const input: RebootBatch = { planId, wave, batch };
        return { workflow: batchWorkflow, batch, input, system: 'reboot' };
      });
    },
    mayBegin: (planId, wave) => mayBegin(kit, planId, wave),
    judge: (planId, wave) => judgeWave(kit, planId, wave),
    readProgress: readRebootProgress,
  };
}

/** Whether the wave's roles are within their maintenance windows now. */
async function mayBegin(kit: RebootKit, planId: string, wave: number): Promise<Halt | null> {
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
