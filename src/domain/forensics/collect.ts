/** Begins an examination: its census is fixed here. Pause, resume, retry and cancel it. */
import type { Engine } from '../../engine/index.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import type { Collection, CollectionWhat } from './collections.ts';
import {
  dropPending,
  getCollection,
  insertCensus,
  insertCollection,
  nextRun,
  reopenHosts,
  setControl,
  setStatus,
} from './store.ts';
import { type CollectionRun, collectionWorkflow } from './workflow.ts';

/** A row for every host that is meant, before the first is asked. Throws not_found when none is. */
export async function createCollection(
  context: Context,
  incidentId: string,
  what: CollectionWhat,
): Promise<{ id: string; hosts: number }> {
  const id = newId('collection', context.random);
  const at = context.clock.now();
  return context.db.transaction().execute(async (tx) => {
    const row = {
      id,
      incidentId,
      kind: 'ssh' as const,
      createdAt: at,
      createdBy: context.actor,
      what,
      status: 'paused' as const,
    };
    await insertCollection(tx, row);
    const hosts = await insertCensus(tx, id, what.selection, limits.triageBatchHosts);
    if (hosts === 0)
      throw new FirebreakError(
        'not_found',
        'no host of the inventory is meant: declare hosts in firebreak.yaml (fleet: hosts:) or firebreak inventory hosts import FILE',
      );
    await context.ledger.appendWithin(tx, [
      { kind: 'triage.created', actor: context.actor, incidentId, subject: id, data: { ...what, hosts } },
    ]);
    return { id, hosts };
  });
}

/** Starts the collection, or continues one that was paused, stopped or interrupted by a crash. */
export async function resumeCollection(context: Context, engine: Engine, id: string): Promise<void> {
  const collection = await getCollection(context.db, id);
  if (collection.kind === 'import')
    throw new FirebreakError('conflict', `collection ${id} was imported: it has nothing to run`);
  if (collection.status === 'running' && (await start(engine, id, collection.run)) !== 'ended') return;
  if (collection.status === 'finished' || collection.status === 'cancelled')
    throw new FirebreakError(
      'conflict',
      `collection ${id} is ${collection.status}: retry what is outstanding, or collect anew`,
    );
  await startRun(context, engine, collection, 'triage.started', async () => 0);
}

/** Asks once more the hosts that are not examined; the others are left alone. Returns how many. */
export async function retryCollection(context: Context, engine: Engine, id: string): Promise<number> {
  const collection = await getCollection(context.db, id);
  if (collection.kind === 'import')
    throw new FirebreakError('conflict', `collection ${id} was imported: import again`);
  if (collection.status === 'running')
    throw new FirebreakError('conflict', `collection ${id} is still running: pause it or wait`);
  return startRun(context, engine, collection, 'triage.retried', async (tx) => {
    const reopened = await reopenHosts(tx, id, ['not-attempted', 'partial', 'refused', 'unreachable']);
    if (reopened === 0)
      throw new FirebreakError('conflict', `every host of collection ${id} is examined or in line`);
    return reopened;
  });
}

/** Rests as soon as the hosts under way are written or broken off; those stay in line. */
export async function pauseCollection(context: Context, id: string): Promise<void> {
  await changeControl(context, id, 'pause', ['running']);
}

/** Ends; what was not attempted stays so, and is outstanding. */
export async function cancelCollection(context: Context, id: string): Promise<void> {
  const collection = await changeControl(context, id, 'cancel', ['running', 'paused', 'stopped']);
  if (collection.status === 'running') return;
  // No workflow is there to see it, so it is done here.
  await context.db.transaction().execute(async (tx) => {
    await dropPending(tx, id);
    await setStatus(tx, id, 'cancelled', null, context.clock.now());
  });
}

async function changeControl(
  context: Context,
  id: string,
  control: 'pause' | 'cancel',
  from: Collection['status'][],
): Promise<Collection> {
  const collection = await getCollection(context.db, id);
  if (!from.includes(collection.status))
    throw new FirebreakError('conflict', `collection ${id} is ${collection.status}: it can't ${control} now`);
  await context.db.transaction().execute(async (tx) => {
    await setControl(tx, id, control);
    await context.ledger.appendWithin(tx, [entry(context, `triage.${control}`, collection, {})]);
  });
  return collection;
}

async function startRun(
  context: Context,
  engine: Engine,
  collection: Collection,
  kind: string,
  prepare: (tx: Tx) => Promise<number>,
): Promise<number> {
  const { run, reopened } = await context.db.transaction().execute(async (tx) => {
    const reopened = await prepare(tx);
    const run = await nextRun(tx, collection.id, context.clock.now());
    await context.ledger.appendWithin(tx, [entry(context, kind, collection, { run, reopened })]);
    return { run, reopened };
  });
  await start(engine, collection.id, run);
  return reopened;
}

function start(engine: Engine, collectionId: string, run: number): ReturnType<Engine['start']> {
  const input: CollectionRun = { collectionId, run };
  return engine.start(collectionWorkflow, `${collectionId}/${run}`, input);
}

const entry = (context: Context, kind: string, { id, incidentId }: Collection, data: object) => ({
  kind,
  actor: context.actor,
  incidentId,
  subject: id,
  data,
});
