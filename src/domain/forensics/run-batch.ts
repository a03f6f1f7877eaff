/**
 * Examines the hosts of one batch that are still in line. What is about to be done is in the ledger before the first
 * host is asked; each host is out of the line only when what it sent is written. Killed anywhere, the batch is run
 * again: hosts that were written are not asked again, and rows of the others do not count.
 */
import { setMaxListeners } from 'node:events';
import pMap from 'p-map';
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import { logger } from '../../kernel/log.ts';
import type { Entry } from '../evidence/index.ts';
import type { Collection, PendingHost } from './collections.ts';
import { examineHost } from './examine-host.ts';
import type { ForensicsKit } from './kit.ts';
import { deleteFacts } from './lake-facts.ts';
import { GroupWriter } from './record-group.ts';
import { getCollection, listPending } from './store.ts';
import { addLeftovers, dropLeftovers, listLeftovers } from './store-hosts.ts';

export interface Batch {
  collectionId: string;
  batch: number;
}

const log = logger('forensics');

export async function runBatch(kit: ForensicsKit, { collectionId, batch }: Batch): Promise<void> {
  const { context, faults } = kit;
  const collection = await getCollection(context.db, collectionId);
  if (collection.control !== 'run') return;
  const hosts = await listPending(context.db, collectionId, batch);
  if (hosts.length === 0) return;
  await sweep(
    kit,
    collectionId,
    hosts.map(({ host }) => host),
  );
  const load = newId('load', context.random);
  await addLeftovers(
    context.db,
    collectionId,
    hosts.map(({ host }) => ({ host, load })),
  );
  await context.ledger.append(announce(kit, collection, batch, hosts));
  faults.check('after', 'triage.intent');
  const target = {
    collectionId,
    incidentId: collection.incidentId,
    kind: 'triage.examined',
    data: { batch, load },
  };
  await using writer = new GroupWriter(context, target, faults);
  const stop = new AbortController();
  // Every host under way listens to it.
  setMaxListeners(0, stop.signal);
  const watch = watchControl(kit, collectionId, stop);
  try {
    await pMap(
      hosts,
      async (host) => {
        if (stop.signal.aborted) return;
        const examined = await examineHost(kit, collection, host, load, stop.signal);
        if (examined) await writer.add(examined);
        faults.check('after', 'triage.host');
      },
      { concurrency: limits.triageHostsAtOnceMax },
    );
    await writer.flush();
  } finally {
    watch.end();
  }
  faults.check('after', 'triage.batch');
  // What was not reached has no rows.
  await sweep(
    kit,
    collectionId,
    hosts.map(({ host }) => host),
  );
  log.debug({ collection: collectionId, batch, hosts: hosts.length, written: writer.written }, 'batch done');
}

/** Takes rows that do not count out of the lake. */
export async function sweep(
  kit: Pick<ForensicsKit, 'context'>,
  collectionId: string,
  hosts?: readonly string[],
): Promise<void> {
  const { context } = kit;
  const leftovers = await listLeftovers(context.db, collectionId, hosts);
  if (leftovers.length === 0) return;
  await deleteFacts(await context.lake(), collectionId, leftovers);
  await dropLeftovers(context.db, collectionId, leftovers);
}

const controlEveryMs = 500;

/** Stops the batch when somebody pauses or cancels the collection. */
function watchControl(kit: ForensicsKit, id: string, stop: AbortController): { end(): void } {
  const look = async () => {
    const { control } = await getCollection(kit.context.db, id);
    if (control !== 'run') stop.abort(new Error(`the collection is to ${control}`));
  };
  const timer = setInterval(() => void look().catch(() => undefined), controlEveryMs);
  return { end: () => clearInterval(timer) };
}

/** Law 5: who is about to be asked, at which address, as whom. */
function announce(
  { context }: ForensicsKit,
  collection: Collection,
  batch: number,
  hosts: PendingHost[],
): Entry[] {
  const entries: Entry[] = [];
  let named: string[] = [];
  let room = 0;
  for (const { host, target } of hosts) {
    const text = `${target.login === '' ? '' : `${target.login}@`}${host === target.address ? host : `${host} (${target.address})`}:${target.port}${target.jump === '' ? '' : ` via ${target.jump}`}`;
    const bytes = 2 * Buffer.byteLength(text) + 8;
    if (bytes > room) {
      named = [];
      room = limits.ledgerEntryBytesMax - 4_096;
      entries.push({
        kind: 'triage.intended',
        actor: context.actor,
        incidentId: collection.incidentId,
        subject: collection.id,
        data: { batch, run: collection.run, cost: collection.what.cost, hosts: named },
      });
    }
    named.push(text);
    room -= bytes;
  }
  return entries;
}
