/**
 * Workers and their leases. Every process that runs workflows renews its lease; any other finds the ones that
 * stopped and puts their workflows back in the queue. DBOS recovers only what the same executor left.
 */
import { hostname } from 'node:os';
import { sql } from 'kysely';
import type { Clock } from '../kernel/clock.ts';
import { limits } from '../kernel/limits.ts';
import type { Log } from '../kernel/log.ts';
import type { Db } from '../store/index.ts';

export interface Lease {
  /** False once another process may have taken over our workflows: no further effect may start. */
  valid(): boolean;
  /** Gives the lease back, so that nobody waits for it to run out. */
  release(): Promise<void>;
}

/** Registers this process and keeps its lease alive. `recover` gets the executors that died. */
export async function holdLease(
  db: Db,
  executorId: string,
  ports: { clock: Clock; log: Log; recover: (executorIds: string[]) => Promise<void> },
): Promise<Lease> {
  let renewedAt = ports.clock.monotonicMs();
  const renew = async () => {
    const startedAt = ports.clock.monotonicMs();
    await sql`insert into worker (executor_id, pid, host) values (${executorId}, ${process.pid}, ${hostname()})
      on conflict (executor_id) do update set heartbeat_at = now()`.execute(db);
    renewedAt = startedAt;
  };
  const beat = async () => {
    await renew();
    const dead = await findDead(db, executorId);
    if (dead.length === 0) return;
    await ports.recover(dead);
    await db.deleteFrom('worker').where('executor_id', 'in', dead).execute();
  };
  await beat();
  let beating: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    beating = beating
      .then(beat)
      .catch((error: unknown) => ports.log.warn({ error }, 'the lease could not be renewed'));
  }, limits.workerHeartbeatMs);
  return {
    valid: () => ports.clock.monotonicMs() - renewedAt < limits.workerLeaseMs,
    release: async () => {
      clearInterval(timer);
      await beating;
      await db.deleteFrom('worker').where('executor_id', '=', executorId).execute();
    },
  };
}

/** Executors whose lease ran out, and those of this machine whose process is gone. */
async function findDead(db: Db, self: string): Promise<string[]> {
  const { rows } = await sql<{ executor_id: string; pid: number; host: string; expired: boolean }>`
    select executor_id, pid, host, heartbeat_at < now() - make_interval(secs => ${limits.workerLeaseMs / 1000}) as expired
    from worker where executor_id <> ${self}`.execute(db);
  return rows
    .filter((row) => row.expired || (row.host === hostname() && !isAlive(row.pid)))
    .map((row) => row.executor_id);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
