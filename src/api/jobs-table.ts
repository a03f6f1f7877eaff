/**
 * Long work under way in this process, and the results of the last that ended. A job is not durable: what it
 * wrote is, and its command may be repeated.
 */
import { FirebreakError } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import { systemRandom } from '../kernel/random.ts';
import { plural } from '../kernel/text.ts';
import type { Job, JobKind, JobProgress } from './contract/jobs.ts';
import { asFirebreakError, errorBody } from './errors.ts';

/** What the work is given: when to stop, and where to say how far it is. */
export interface JobTools {
  signal: AbortSignal;
  report(progress: JobProgress): void;
}

export interface Jobs {
  /** Starts the work and returns at once. Throws limit_exceeded when too many run. */
  start(kind: JobKind, actor: string, work: (tools: JobTools) => Promise<unknown>): Job;
  /** Throws not_found. */
  get(id: string): Job;
  /** The latest first. */
  list(): Job[];
  /** Asks the work to stop; it ends as cancelled as soon as it notices. */
  cancel(id: string): Job;
  /** Cancels all and waits until they have ended. */
  stop(): Promise<void>;
}

interface Running {
  job: Job;
  controller: AbortController;
  ended: Promise<void>;
}

export function createJobs(now: () => Date): Jobs {
  const all = new Map<string, Running>();
  const find = (id: string): Running => {
    const found = all.get(id);
    if (found) return found;
    throw new FirebreakError(
      'not_found',
      `no job ${id}: it ended long ago, or the process that ran it is gone`,
    );
  };
  const list = () => [...all.values()].map(({ job }) => job).reverse();
  const cancel = (id: string): Job => {
    const { job, controller } = find(id);
    controller.abort();
    return job;
  };

  return {
    start(kind, actor, work) {
      const active = list().filter((job) => job.state === 'running').length;
      if (active >= limits.apiJobsRunningMax)
        throw new FirebreakError(
          'limit_exceeded',
          `${plural(active, 'job')} run already: wait for one to end`,
          {
            retry: 'later',
          },
        );
      const job = newJob(kind, actor, now());
      const controller = new AbortController();
      all.set(job.id, { job, controller, ended: run(job, controller.signal, work, now) });
      forgetOldest(all);
      return job;
    },
    get: (id) => find(id).job,
    list,
    cancel,
    stop: async () => {
      for (const { controller } of all.values()) controller.abort();
      await Promise.all([...all.values()].map(({ ended }) => ended));
    },
  };
}

function newJob(kind: JobKind, actor: string, at: Date): Job {
  return {
    id: `job_${Buffer.from(systemRandom.bytes(6)).toString('hex')}`,
    kind,
    state: 'running',
    startedBy: actor,
    startedAt: at.toISOString(),
    finishedAt: null,
    progress: null,
    result: null,
    error: null,
  };
}

async function run(
  job: Job,
  signal: AbortSignal,
  work: (tools: JobTools) => Promise<unknown>,
  now: () => Date,
): Promise<void> {
  const report = (progress: JobProgress) => {
    job.progress = { ...progress };
  };
  try {
    job.result = await work({ signal, report });
    job.state = 'done';
  } catch (error) {
    // Whatever work throws after it was told to stop is how it stopped.
    job.state = signal.aborted ? 'cancelled' : 'failed';
    if (job.state === 'failed') job.error = errorBody(asFirebreakError(error)).error;
  }
  job.finishedAt = now().toISOString();
}

function forgetOldest(all: Map<string, Running>): void {
  const ended = [...all.values()].filter(({ job }) => job.state !== 'running');
  for (const { job } of ended.slice(0, Math.max(0, ended.length - limits.apiJobsKeptMax))) all.delete(job.id);
}
