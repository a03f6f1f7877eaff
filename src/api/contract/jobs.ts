/** Long work: started by a POST, watched and cancelled here. */
import { z } from 'zod';
import { ErrorBody } from './errors.ts';
import { Count, Time } from './parts.ts';

const jobKinds = [
  'discover',
  'import',
  'scan',
  'sanitise',
  'match',
  'export',
  'ingest',
  'hunt',
  'triage',
] as const;

/** How far it is. `total` is null where nobody knows it beforehand. */
export const JobProgress = z.object({
  done: Count,
  total: Count.nullable(),
  unit: z.enum([
    'bytes',
    'credentials',
    'records',
    'entries',
    'events',
    'rules',
    'hosts',
    'steps',
    'outputs',
  ]),
  /** What the amount comes in, where a piece costs time of its own, as many small files do. */
  pieces: z.object({ done: Count, total: Count, unit: z.enum(['files']) }).optional(),
  /** What it is at, such as the name of a system. */
  at: z.string().optional(),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const Job = z
  .object({
    id: z.string(),
    kind: z.enum(jobKinds),
    state: z.enum(['running', 'done', 'failed', 'cancelled']),
    startedBy: z.string(),
    startedAt: Time,
    finishedAt: Time.nullable(),
    progress: JobProgress.nullable(),
    result: z.unknown(),
    error: ErrorBody.shape.error.nullable(),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;
export type JobKind = Job['kind'];

export const JobList = z.object({ jobs: z.array(Job) });
