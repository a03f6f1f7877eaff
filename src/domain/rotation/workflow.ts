/** The campaign as a durable workflow: batches of one system, and the failure rate after which no further wave begins. */
import type { Flow, Workflows } from '../../engine/index.ts';
import { count, plural } from '../../kernel/text.ts';
import { type Halt, type PlanRun, runWaves, type Waves } from '../plans/index.ts';
import { rotationPlans } from './control.ts';
import type { Kit } from './kit.ts';
import { type Batch, runBatch } from './run-batch.ts';
import { readProgress } from './store.ts';
import { countWave, listOpenBatches } from './store-members.ts';
import type { Plan } from './types.ts';

const batchWorkflow = 'rotation.batch';

/** The workflows of this module, for the engine. */
export function rotationWorkflows(kit: Kit): Workflows {
  return {
    [rotationPlans.workflow]: (flow: Flow, input: PlanRun) =>
      runWaves(kit.context, wavesOf(kit), flow, input),
    // One step: the members' rows say how far each got, so the workflow need not.
    [batchWorkflow]: (flow: Flow, input: Batch) => flow.step('rotation.batch', () => runBatch(kit, input)),
  };
}

function wavesOf(kit: Kit): Waves<Plan> {
  const { db } = kit.context;
  return {
    ...rotationPlans,
    listBatches: async (campaignId, wave) => {
      const batches = await listOpenBatches(db, campaignId, wave);
      return batches.map(({ batch, system }) => {
        const input: Batch = { campaignId, wave, batch, system };
        return { workflow: batchWorkflow, batch, input, system };
      });
    },
    mayBegin: async () => null,
    judge: (campaignId, wave) => judgeWave(kit, campaignId, wave),
    readProgress,
  };
}

/** A wave whose failure rate passes the plan's limit stops the campaign before the next one. */
async function judgeWave(kit: Kit, campaignId: string, wave: number): Promise<Halt | null> {
  const { ended, bad, failureRateMax } = await countWave(kit.context.db, campaignId, wave);
  if (bad <= ended * failureRateMax) return null;
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  const reason = `wave ${wave}: ${count(bad)} of ${plural(ended, 'credential')} failed or stayed unproven (${percent(bad / ended)}; the plan's limit is ${percent(failureRateMax)})`;
  return { status: 'stopped', reason };
}
