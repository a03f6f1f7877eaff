/**
 * The engine: durable workflows on DBOS. A workflow is a named function of a JSON input; each of its steps
 * runs at least once and its result is recorded; children are shared by all workers through queues with a
 * limit for each target system. A step may run twice, so every step must bear it.
 */
import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import type { Clock } from '../kernel/clock.ts';
import { assert } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import { type Log, logger } from '../kernel/log.ts';
import type { Db } from '../store/index.ts';
import { type Faults, noFaults } from './faults.ts';
import { outlastOutage } from './outage.ts';
import { holdLease, type Lease } from './workers.ts';

export type { Faults } from './faults.ts';
export { noFaults, parseFaults } from './faults.ts';
export { outlastOutage } from './outage.ts';

/** What a workflow's function is given to act with. */
export interface Flow {
  readonly id: string;
  /** Runs `act` and records what it returns (JSON); a recorded step is not run again. */
  step<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** Starts children, waits for all, and returns their results in order. Ids make a repeat find the same ones. */
  children<T>(children: Child[]): Promise<T[]>;
}

export interface Child {
  workflow: string;
  id: string;
  input: unknown;
  /** The system that it acts on: at most `engineSystemBatchesMax` children of one system run at a time, on all workers. */
  system: string;
}

type Workflow = (flow: Flow, input: never) => Promise<unknown>;
export type Workflows = Readonly<Record<string, Workflow>>;

export interface Engine {
  /** Starts a workflow, or finds the one with this id; says which. Returns at once. */
  start(workflow: string, id: string, input: unknown): Promise<'started' | 'under way' | 'ended'>;
  /** Waits for the result. */
  result<T>(id: string): Promise<T>;
  shutdown(): Promise<void>;
}

interface EngineOptions {
  url: string;
  db: Db;
  clock: Clock;
  workflows: Workflows;
  faults?: Faults;
}

const queue = 'by-system';
const engineConnections = 10;
const log = logger('engine');

// DBOS keeps its registry for the life of the process, and a test starts several engines in one; the one
// function that is registered finds the workflow in the engine of the moment.
let current: { workflows: Workflows; flow: (id: string) => Flow } | undefined;

const runWorkflow = DBOS.registerWorkflow(
  async (name: string, input: unknown): Promise<unknown> => {
    assert(current, 'a workflow runs only while an engine does');
    const workflow = current.workflows[name];
    assert(workflow, `no workflow named ${name}`);
    return workflow(current.flow(DBOS.workflowID ?? ''), input as never);
  },
  { name: 'run', maxRecoveryAttempts: 1_000 },
);

/** Starts the engine in this process, one at a time. Where the database is away just then, it waits for it. */
export const startEngine = (options: EngineOptions): Promise<Engine> =>
  outlastOutage(() => launch(options), options.clock, log);

async function launch(options: EngineOptions): Promise<Engine> {
  assert(current === undefined, 'one engine at a time in a process');
  const executorID = randomUUID();
  const pool = new pg.Pool({
    connectionString: options.url,
    max: engineConnections,
    application_name: 'firebreak engine',
  });
  pool.on('error', (error) => log.debug({ error }, 'an idle connection of the engine broke'));
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ error }, 'a connection of the engine broke')),
  );
  DBOS.setConfig({
    name: 'firebreak',
    systemDatabaseUrl: options.url,
    // A pool of our own: the one that DBOS makes sets up its connections in a way that pg warns about.
    systemDatabasePool: pool,
    executorID,
    // Workers of one database run the same release; DBOS would else refuse to recover another's workflows.
    applicationVersion: 'firebreak',
    logger: quiet(log),
    useListenNotify: true,
  });
  const faults = options.faults ?? noFaults;
  let lease: Lease | undefined;
  const flow = (id: string) =>
    createFlow(id, { ...options, faults, leaseValid: () => lease?.valid() ?? true });
  current = { workflows: options.workflows, flow };
  const stop = async () => {
    await DBOS.shutdown({ workflowCompletionTimeoutMS: 0 });
    await lease?.release().catch((error: unknown) => log.warn({ error }, 'the lease could not be released'));
    await pool.end();
    current = undefined;
  };
  try {
    await launchAlone(pool, options.clock);
    lease = await holdLease(options.db, executorID, { clock: options.clock, log, recover });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    start: (workflow, id, input) => outlastOutage(() => startOrFind(workflow, id, input), options.clock, log),
    result: async <T>(id: string) => (await DBOS.getResult<T>(id, { pollingIntervalMs: 50 })) as T,
    shutdown: stop,
  };
}

async function startOrFind(workflow: string, id: string, input: unknown): ReturnType<Engine['start']> {
  const known = await DBOS.getWorkflowStatus(id);
  if (known) return ['PENDING', 'ENQUEUED', 'DELAYED'].includes(known.status) ? 'under way' : 'ended';
  await DBOS.startWorkflow(runWorkflow, { workflowID: id })(workflow, input);
  return 'started';
}

/**
 * One worker after the other: the tables that DBOS makes at its first start bear no company. Who waits asks again
 * and again: DBOS makes indexes concurrently, and those wait for every statement under way, also one for a lock.
 */
async function launchAlone(pool: pg.Pool, clock: Clock): Promise<void> {
  const client = await pool.connect();
  try {
    while (!(await tryLock(client))) await clock.sleep(launchPollMs);
    await DBOS.launch();
    await DBOS.registerQueue(queue, {
      partitionConcurrency: limits.engineSystemBatchesMax,
      minPollingIntervalMs: 25,
      onConflict: 'always_update',
    });
  } finally {
    await client
      .query("select pg_advisory_unlock(hashtext('firebreak engine launch'))")
      .catch(() => undefined);
    client.release();
  }
}

const launchPollMs = 100;

async function tryLock(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(
    "select pg_try_advisory_lock(hashtext('firebreak engine launch')) as got",
  );
  return rows[0]?.got === true;
}

/** Puts what dead executors were running back in its queue. */
async function recover(executorIds: string[]): Promise<void> {
  const pending = await DBOS.listWorkflows({
    executorId: executorIds,
    status: 'PENDING',
    loadInput: false,
    loadOutput: false,
  });
  const byQueue = new Map<string | undefined, string[]>();
  for (const { workflowID, queueName } of pending)
    byQueue.set(queueName, [...(byQueue.get(queueName) ?? []), workflowID]);
  for (const [queueName, ids] of byQueue) await DBOS.resumeWorkflows(ids, queueName ? { queueName } : {});
  if (pending.length > 0)
    log.info({ executorIds, workflows: pending.length }, 'recovered the workflows of dead workers');
}

function createFlow(id: string, ports: { clock: Clock; faults: Faults; leaseValid: () => boolean }): Flow {
  const act = async <T>(name: string, effect: () => Promise<T>): Promise<T> => {
    while (!ports.leaseValid()) await ports.clock.sleep(200);
    ports.faults.check('before', name);
    const result = await effect();
    ports.faults.check('after', name);
    return result;
  };
  return {
    id,
    step: (name, effect) =>
      DBOS.runStep(() => outlastOutage(() => act(name, effect), ports.clock, log), { name }),
    children: async <T>(children: Child[]) => {
      const handles = [];
      for (const child of children) {
        const enqueueOptions = { queuePartitionKey: child.system };
        const params = { workflowID: child.id, queueName: queue, enqueueOptions };
        handles.push(await DBOS.startWorkflow(runWorkflow, params)(child.workflow, child.input));
      }
      const results: T[] = [];
      for (const handle of handles) results.push((await handle.getResult({ pollingIntervalMs: 50 })) as T);
      return results;
    },
  };
}

/** DBOS's own messages are for debugging: what a responder must know, the steps and the store say themselves. */
function quiet(log: Log) {
  const say = (entry: unknown) => log.debug({ dbos: entry }, 'dbos');
  return { info: say, debug: say, warn: say, error: say };
}
