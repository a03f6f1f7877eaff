/**
 * Writing to the ledger. All writers of one database take turns under a lock that lasts until their
 * transaction ends, so the numbers have no gaps and every checkpoint continues the one before it.
 */
import type { Clock } from '../../kernel/clock.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Db, Tx } from '../../store/index.ts';
import { signCheckpoint } from './checkpoint.ts';
import { bodyOf, type PreparedEntry } from './entry.ts';
import { codeOf } from './files.ts';
import type { LedgerSigner } from './keys.ts';
import { hashLeaf } from './merkle.ts';
import { insertCheckpoint, insertEntries, lockLedgerInTime, readHead, saveTiles } from './store.ts';
import { emptyTree, growTree, isTreeOf, loadTree, type Tree } from './tree.ts';

/** Writes batches under the lock that its caller holds. */
export interface Writer {
  write(tx: Tx, entries: readonly PreparedEntry[]): Promise<number[]>;
}

/** Remembers the tree between batches; the head in the database decides whether the memory still holds. */
export function createWriter(signer: LedgerSigner, clock: Clock): Writer {
  let known = emptyTree();
  return {
    async write(tx, entries) {
      const head = await readHead(tx);
      let tree = isTreeOf(known, head) && known.size > 0 ? known : await loadTree(tx, head, signer);
      const start = tree.size;
      for (let at = 0; at < entries.length; at += limits.ledgerBatchEntriesMax)
        tree = await writeBatch(
          tx,
          tree,
          entries.slice(at, at + limits.ledgerBatchEntriesMax),
          signer,
          clock,
        );
      // Should the transaction be undone, the head in the database will not be this tree's, and it is read anew.
      known = tree;
      return entries.map((_, index) => start + index);
    },
  };
}

async function writeBatch(
  tx: Tx,
  tree: Tree,
  entries: readonly PreparedEntry[],
  signer: LedgerSigner,
  clock: Clock,
): Promise<Tree> {
  const bodies = entries.map((entry, index) => bodyOf(entry, tree.size + index));
  const leafHashes = bodies.map(hashLeaf);
  const grown = growTree(tree, leafHashes);
  const { size, root } = grown.tree;
  await insertEntries(tx, { start: tree.size, entries, bodies, leafHashes });
  await saveTiles(tx, grown.tiles);
  await insertCheckpoint(tx, { size, root, note: signCheckpoint(signer, size, root), at: clock.now() });
  return grown.tree;
}

interface Request {
  entries: readonly PreparedEntry[];
  resolve(seqs: number[]): void;
  reject(error: unknown): void;
}

/**
 * Group commit: what is asked for while a batch is being written becomes the next batch, with one
 * transaction, one signature and one flush to disk.
 */
export function createQueue(
  db: Db,
  writer: Writer,
): (entries: readonly PreparedEntry[]) => Promise<number[]> {
  let waiting: Request[] = [];
  let running = false;

  const run = async () => {
    // Whoever calls in this turn of the event loop gets into the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = takeBatch(waiting);
      waiting = waiting.slice(batch.length);
      await flush(db, writer, batch);
    }
    running = false;
  };

  return (entries) =>
    new Promise((resolve, reject) => {
      waiting.push({ entries, resolve, reject });
      if (running) return;
      running = true;
      void run();
    });
}

/** The first requests that fit into one batch together; a larger one goes alone. */
function takeBatch(waiting: readonly Request[]): Request[] {
  let count = 0;
  const fits = waiting.findIndex((request, index) => {
    count += request.entries.length;
    return index > 0 && count > limits.ledgerBatchEntriesMax;
  });
  return fits < 0 ? [...waiting] : waiting.slice(0, fits);
}

async function flush(db: Db, writer: Writer, batch: readonly Request[]): Promise<void> {
  try {
    const seqs = await db.transaction().execute(async (tx) => {
      await lockLedgerInTime(tx);
      return writer.write(
        tx,
        batch.flatMap((request) => request.entries),
      );
    });
    let at = 0;
    for (const { entries, resolve } of batch) {
      resolve(seqs.slice(at, at + entries.length));
      at += entries.length;
    }
  } catch (error) {
    const reason = explain(error);
    for (const { reject } of batch) reject(reason);
  }
}

function explain(error: unknown): unknown {
  if (codeOf(error) !== '55P03') return error;
  const message = `another transaction has held the ledger for ${limits.ledgerLockMsMax / 1_000} seconds; nothing was written`;
  return new FirebreakError('unavailable', message, { retry: 'later', cause: error });
}
