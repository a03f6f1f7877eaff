/** An examination as a durable workflow: batches of hosts side by side. The hosts' rows hold the truth. */
import type { Child, Flow, Workflows } from '../../engine/index.ts';
import { messageOf } from '../../kernel/errors.ts';
import { logger } from '../../kernel/log.ts';
import { plural } from '../../kernel/text.ts';
import type { ForensicsKit } from './kit.ts';
import { type Batch, runBatch } from './run-batch.ts';
import { dropPending, getCollection, listOpenBatches, readProgress, setStatus } from './store.ts';

export interface CollectionRun {
  collectionId: string;
  run: number;
}

export const collectionWorkflow = 'forensics.collection';
const batchWorkflow = 'forensics.batch';
const log = logger('forensics');

/** The workflows of this module, for the engine. */
export function forensicsWorkflows(kit: ForensicsKit): Workflows {
  return {
    [collectionWorkflow]: (flow: Flow, input: CollectionRun) => runCollection(kit, flow, input),
    [batchWorkflow]: (flow: Flow, input: Batch) =>
      flow.step('triage.batch', async () => {
        try {
          await runBatch(kit, input);
          return null;
        } catch (error) {
          // Its hosts stay in line, and the collection says why it stopped.
          log.warn({ error, ...input }, 'a batch of hosts was broken off');
          return messageOf(error);
        }
      }),
  };
}

async function runCollection(
  kit: ForensicsKit,
  flow: Flow,
  { collectionId, run }: CollectionRun,
): Promise<void> {
  const { db } = kit.context;
  const batches = await flow.step('triage.batches', () => listOpenBatches(db, collectionId));
  const children = batches.map((batch): Child => {
    const input: Batch = { collectionId, batch };
    return { workflow: batchWorkflow, id: `${collectionId}/${run}/${batch}`, input, system: 'fleet' };
  });
  const faults = (await flow.children<string | null>(children)).filter((fault) => fault !== null);
  await flow.step('triage.finish', () => finish(kit, collectionId, faults[0]));
}

async function finish(kit: ForensicsKit, id: string, fault: string | undefined): Promise<void> {
  const { db, clock, ledger, actor } = kit.context;
  const { control, incidentId, run } = await getCollection(db, id);
  const at = clock.now();
  const before = await readProgress(db, id, at);
  await db.transaction().execute(async (tx) => {
    if (control === 'cancel') {
      await dropPending(tx, id);
      await setStatus(tx, id, 'cancelled', null, at);
    } else if (control === 'pause') await setStatus(tx, id, 'paused', null, at);
    else if (before.pending > 0) {
      const why = fault ?? `${plural(before.pending, 'host')} did not come to an end`;
      await setStatus(tx, id, 'stopped', why.slice(0, 1_000), at);
    } else await setStatus(tx, id, 'finished', null, at);
    const { status, census, pending } = await readProgress(tx, id, at);
    const data = {
      run,
      status,
      census,
      pending,
      ...(fault === undefined ? {} : { because: fault.slice(0, 500) }),
    };
    await ledger.appendWithin(tx, [{ kind: 'triage.ended', actor, incidentId, subject: id, data }]);
  });
}
