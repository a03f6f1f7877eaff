/**
 * Locks across processes, held by a connection of the store: whoever holds one keeps others out until it is released, or
 * until its process or its connection ends.
 */
import { sql } from 'kysely';
import { sha256Hex } from '../kernel/hash.ts';
import { limits } from '../kernel/limits.ts';
import type { Db } from './index.ts';

interface HoldOptions {
  signal?: AbortSignal | undefined;
  /** Called now and then while somebody else holds one of them. */
  onWait?: (() => void) | undefined;
}

/** Waits for all of these locks. In one order for everybody, so that no two wait for each other. */
export async function holdLocks(
  db: Db,
  names: readonly string[],
  { signal, onWait }: HoldOptions = {},
): Promise<() => Promise<void>> {
  const keys = [...new Set(names.map(keyOf))].sort((a, b) => (a < b ? -1 : 1)).map(String);
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let held = (): void => {};
  const holding = new Promise<void>((resolve) => {
    held = resolve;
  });
  const done = db.connection().execute(async (connection) => {
    try {
      await sql`select set_config('lock_timeout', ${`${limits.storeLockWaitMs}ms`}, false)`.execute(
        connection,
      );
      while (!(await tryAll(connection, keys))) {
        signal?.throwIfAborted();
        onWait?.();
      }
      held();
      await released;
    } finally {
      await sql`select pg_advisory_unlock_all(), set_config('lock_timeout', '0', false)`.execute(connection);
    }
  });
  await Promise.race([holding, done]);
  return async () => {
    release();
    await done;
  };
}

const keyOf = (name: string): bigint => BigInt.asIntN(64, BigInt(`0x${sha256Hex(name).slice(0, 16)}`));

/** False when one could not be had in time; those that were had before it stay. */
async function tryAll(connection: Db, keys: readonly string[]): Promise<boolean> {
  try {
    await sql`select pg_advisory_lock(key) from unnest(${keys}::bigint[]) with ordinality as k (key, place)`.execute(
      connection,
    );
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '55P03') return false;
    throw error;
  }
}
