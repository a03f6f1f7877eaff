/** Runs scanning jobs: in worker threads, or in this thread where there is too little to do for others. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { packageFile } from '../../../kernel/paths.ts';
import { type Answer, answerTo, type Job, type JobResult } from './jobs.ts';

export interface Runner extends AsyncDisposable {
  /** How many jobs may wait at once so that no thread is idle. */
  readonly width: number;
  /** Takes the job's bytes over. Rejects when its thread dies; the error tells nothing of the bytes. */
  run(job: Job): Promise<JobResult>;
}

/** `threads` worker threads that run `file`; 0 of them, or no built worker to start, runs the jobs in this thread. */
export function openRunner(threads: number, file = threads > 0 ? workerFile() : undefined): Runner {
  return file === undefined ? inThisThread() : new Pool(file, threads);
}

/** Node 20 starts no worker from TypeScript, so sources that run unbuilt use the built one, where there is one. */
function workerFile(): URL | undefined {
  if (import.meta.url.endsWith('.js')) return new URL('./worker.js', import.meta.url);
  const built = packageFile('dist', 'src', 'domain', 'exposure', 'scan', 'worker.js');
  return existsSync(built) ? pathToFileURL(built) : undefined;
}

function inThisThread(): Runner {
  return {
    width: 1,
    // Cloned as it would be between threads, so that small strings don't keep a whole file's text alive.
    run: async (job) => {
      const answer = answerTo(job);
      if ('failed' in answer) throw new Error(answer.failed);
      return structuredClone(answer.result);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

interface Pending {
  resolve(result: JobResult): void;
  reject(error: Error): void;
}

interface Thread {
  worker: Worker;
  pending: Map<number, Pending>;
}

class Pool implements Runner {
  readonly width: number;
  readonly #file: URL;
  readonly #threads: Thread[] = [];
  #nextId = 0;
  #closed = false;

  constructor(file: URL, threads: number) {
    this.#file = file;
    this.width = threads;
  }

  run(job: Job): Promise<JobResult> {
    const thread = this.#idlest();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      thread.pending.set(id, { resolve, reject });
      thread.worker.postMessage({ id, job }, [job.bytes]);
    });
  }

  #idlest(): Thread {
    const free = this.#threads.find(({ pending }) => pending.size === 0);
    if (free) return free;
    if (this.#threads.length < this.width) return this.#start();
    return this.#threads.reduce((least, thread) =>
      thread.pending.size < least.pending.size ? thread : least,
    );
  }

  #start(): Thread {
    const thread: Thread = { worker: new Worker(this.#file, { stdout: false }), pending: new Map() };
    thread.worker.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
      const waiting = thread.pending.get(id);
      thread.pending.delete(id);
      if ('failed' in answer) waiting?.reject(new Error(answer.failed));
      else waiting?.resolve(answer.result);
    });
    thread.worker.on('error', (error: NodeJS.ErrnoException) => this.#bury(thread, error.code ?? error.name));
    thread.worker.on('exit', () => this.#bury(thread, 'exit'));
    this.#threads.push(thread);
    return thread;
  }

  /** The jobs of a dead thread fail; the next job starts another thread. */
  #bury(thread: Thread, why: string): void {
    const index = this.#threads.indexOf(thread);
    if (index >= 0) this.#threads.splice(index, 1);
    const message = this.#closed ? 'the scan was ended' : `the scanning thread died (${why})`;
    for (const { reject } of thread.pending.values()) reject(new Error(message));
    thread.pending.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }
}
