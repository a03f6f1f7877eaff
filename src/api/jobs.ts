/** Routes of jobs: long work under way. */
import { z } from 'zod';
import { Job, JobList } from './contract/jobs.ts';
import { createRoute, createRouter, gives, type Services } from './router.ts';

const JobParam = z.object({ job: z.string().min(1).max(64) });

const list = createRoute({
  method: 'get',
  path: '/v1/jobs',
  summary: 'Jobs of this process, running and ended',
  responses: gives(JobList, 'The latest first'),
});

const show = createRoute({
  method: 'get',
  path: '/v1/jobs/{job}',
  summary: 'State, progress, and the result or the error of a job',
  request: { params: JobParam },
  responses: gives(Job, 'The job'),
});

const cancel = createRoute({
  method: 'delete',
  path: '/v1/jobs/{job}',
  summary: 'Ask a job to stop',
  request: { params: JobParam },
  responses: gives(Job, 'The job; it may still run for a moment'),
});

export function jobRoutes({ jobs }: Services) {
  return createRouter()
    .openapi(list, (c) => c.json({ jobs: jobs.list() }, 200))
    .openapi(show, (c) => c.json(jobs.get(c.req.valid('param').job), 200))
    .openapi(cancel, (c) => c.json(jobs.cancel(c.req.valid('param').job), 200));
}
