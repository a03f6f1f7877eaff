/**
 * The campaign as a durable workflow: waves in their order, each wave's batches side by side. The members' rows hold the truth; the workflow only says what comes next.
 */
import type { Child, Flow, Workflows } from '../../engine/index.ts';
import { count, plural } from '../../kernel/text.ts';
import type { Kit } from './kit.ts';
import { type Batch, runBatch } from './run-batch.ts';
import { getCampaign, readControl, readProgress, setStatus } from './store.ts';
import { cancelOpenMembers, countWave, listOpenBatches, listOpenWaves } from './store-members.ts';

export interface CampaignRun {
  campaignId: string;
  run: number;
}

export const campaignWorkflow = 'rotation.campaign';
const batchWorkflow = 'rotation.batch';

/** The workflows of this module, for the engine. */
export function rotationWorkflows(kit: Kit): Workflows {
  return {
    [campaignWorkflow]: (flow: Flow, input: CampaignRun) => runCampaign(kit, flow, input),
    // One step: the members' rows say how far each got, so the workflow need not.
    [batchWorkflow]: (flow: Flow, input: Batch) => flow.step('rotation.batch', () => runBatch(kit, input)),
  };
}

async function runCampaign(kit: Kit, flow: Flow, { campaignId, run }: CampaignRun): Promise<void> {
  const { db } = kit.context;
  const waves = await flow.step('rotation.waves', () => listOpenWaves(db, campaignId));
  for (const wave of waves) {
    const batches = await flow.step('rotation.batches', () => listOpenBatches(db, campaignId, wave));
    const children = batches.map(({ batch, system }): Child => {
      const input: Batch = { campaignId, wave, batch, system };
      return { workflow: batchWorkflow, id: `${campaignId}/${run}/${batch}`, input, system };
    });
    await flow.children(children);
    const verdict = await flow.step('rotation.judge', () => judgeWave(kit, campaignId, wave));
    if (verdict !== 'go on') break;
  }
  await flow.step('rotation.finish', () => finish(kit, campaignId));
}

/** A wave whose failure rate passes the plan's limit stops the campaign before the next one. */
async function judgeWave(kit: Kit, campaignId: string, wave: number): Promise<'go on' | 'halt'> {
  const { db, clock } = kit.context;
  const { control } = await readControl(db, campaignId);
  if (control !== 'run') return 'halt';
  const { ended, bad, failureRateMax } = await countWave(db, campaignId, wave);
  if (bad <= ended * failureRateMax) return 'go on';
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  const reason = `wave ${wave}: ${count(bad)} of ${plural(ended, 'credential')} failed or stayed unproven (${percent(bad / ended)}; the plan's limit is ${percent(failureRateMax)})`;
  await setStatus(db, campaignId, 'stopped', reason, clock.now());
  return 'halt';
}

async function finish(kit: Kit, campaignId: string): Promise<void> {
  const { db, clock, ledger, actor } = kit.context;
  const { control, incidentId } = await getCampaign(db, campaignId);
  await db.transaction().execute(async (tx) => {
    const at = clock.now();
    if (control === 'cancel') {
      await cancelOpenMembers(tx, campaignId, at);
      await setStatus(tx, campaignId, 'cancelled', null, at);
    } else if (control === 'pause') await setStatus(tx, campaignId, 'paused', null, at);
  });
  const before = await readProgress(db, campaignId);
  if (before.status === 'running') {
    const open = before.pending + before.running;
    await setStatus(
      db,
      campaignId,
      open > 0 ? 'stopped' : 'finished',
      open > 0 ? `${count(open)} members did not end` : null,
      clock.now(),
    );
  }
  const progress = await readProgress(db, campaignId);
  await ledger.append({
    kind: 'rotation.ended',
    actor,
    incidentId,
    subject: campaignId,
    data: { ...progress },
  });
}
