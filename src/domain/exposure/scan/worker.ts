/** A scanning thread: jobs in, answers out. */
import { parentPort } from 'node:worker_threads';
import { answerTo, type Job } from './jobs.ts';

parentPort?.on('message', ({ id, job }: { id: number; job: Job }) => {
  parentPort?.postMessage({ id, answer: answerTo(job) });
});
