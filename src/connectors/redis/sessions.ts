/**
 * Connections by user. Redis numbers its connections upwards from its start, so `<run id>:<client id>` of a
 * connection made after a change is a cutover: whatever has a lower number was opened before.
 */
import { assert } from '../../kernel/errors.ts';
import { coalesce } from '../calls.ts';
import type { Cutover } from '../contract.ts';
import type { Admin } from './client.ts';

/** All connections of one moment, by user. */
export interface Snapshot {
  runId: string;
  clients: ReadonlyMap<string, readonly number[]>;
}

/** Reads the list of connections; callers that wait at the same time share one reading. */
export function snapshots(admin: Admin, signal: AbortSignal): () => Promise<Snapshot> {
  return coalesce(async () => {
    const [info, list] = await admin.send(
      [
        ['INFO', 'server'],
        ['CLIENT', 'LIST'],
      ],
      signal,
    );
    return { runId: runIdOf(info), clients: parseClients(String(list)) };
  });
}

const runIdOf = (info: unknown): string => {
  const id = /^run_id:([0-9a-f]+)/m.exec(String(info))?.[1];
  assert(id !== undefined, 'INFO server names the run id');
  return id;
};

/** CLIENT LIST: one line a connection, `id=3 addr=127.0.0.1:50188 ... user=app ...`. */
export function parseClients(list: string): Map<string, number[]> {
  const clients = new Map<string, number[]>();
  for (const line of list.split('\n')) {
    const id = /^id=(\d+) /.exec(line)?.[1];
    const user = / user=(\S+)/.exec(line)?.[1];
    if (id === undefined || user === undefined) continue;
    const known = clients.get(user);
    if (known) known.push(Number(id));
    else clients.set(user, [Number(id)]);
  }
  return clients;
}

/** The marker of this moment, from a connection that is made for it. */
export async function markCutover(admin: Admin): Promise<Cutover> {
  const connection = await admin.fresh();
  try {
    const [id, info] = await connection.send([
      ['CLIENT', 'ID'],
      ['INFO', 'server'],
    ]);
    for (const answer of [id, info]) if (answer instanceof Error) throw answer;
    return `${runIdOf(info)}:${id}`;
  } finally {
    connection.close();
  }
}

/** The connections of `user` that began before the cutover; without a cutover, all of them. */
export function openBefore(snapshot: Snapshot, user: string, before: Cutover | undefined): readonly number[] {
  const all = snapshot.clients.get(user) ?? [];
  if (before === undefined) return all;
  const [runId, id] = before.split(':');
  assert(runId && id && /^\d+$/.test(id), 'a Redis cutover is <run id>:<client id>');
  // After a restart of the server no connection of the earlier run exists any more.
  return runId === snapshot.runId ? all.filter((client) => client < Number(id)) : [];
}
