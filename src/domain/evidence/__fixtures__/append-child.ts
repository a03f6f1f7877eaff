/**
 * A process that appends until it is killed or has written enough, and prints each number that it was given. It waits
 * while the test holds its gate, an advisory lock of the store.
 */
import { writeSync } from 'node:fs';
import { sql } from 'kysely';
import { systemClock } from '../../../kernel/clock.ts';
import { openStore } from '../../../store/index.ts';
import { loadOrCreateSigner, openLedger } from '../index.ts';

interface Task {
  url: string;
  keyFile: string;
  origin: string;
  tag: string;
  appenders: number;
  /** Appends of each appender. */
  appends: number;
  gate: number;
}

const task = JSON.parse(process.env.APPEND_TASK ?? '') as Task;
const store = await openStore(task.url, { connections: 4 });
const signer = await loadOrCreateSigner(task.keyFile, task.origin);
const ledger = openLedger(store.db, signer, systemClock);
await sql`select pg_advisory_xact_lock_shared(${task.gate})`.execute(store.db);

async function appender(id: number): Promise<void> {
  for (let count = 0; count < task.appends; count++) {
    const entry = { kind: 'test.appended', actor: task.tag, subject: `${task.tag}-${id}-${count}`, data: { count } };
    // Every third append also goes through a transaction of its own, as a change of the domain does.
    const [seq] =
      count % 3 === 0
        ? await store.db.transaction().execute((tx) => ledger.appendWithin(tx, [entry]))
        : await ledger.append(entry);
    writeSync(1, `${seq} ${entry.subject}\n`);
  }
}

await Promise.all(Array.from({ length: task.appenders }, (_, id) => appender(id)));
await store.close();
