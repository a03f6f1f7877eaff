/** Routes of the hosts in the inventory. */
import { importHosts, listHosts } from '../domain/inventory/index.ts';
import { JobStarted } from './contract/parts.ts';
import { HostImportRequest, HostPage, HostQuery } from './contract/triage.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const importFile = createRoute({
  method: 'post',
  path: '/v1/inventory/hosts/imports',
  summary: 'Import a list of hosts, CSV or JSON (a job)',
  request: { body: takes(HostImportRequest) },
  responses: gives(JobStarted, 'The job; its result counts and lists what was rejected'),
});

const list = createRoute({
  method: 'get',
  path: '/v1/inventory/hosts',
  summary: 'Hosts of the inventory, a page at a time',
  request: { query: HostQuery },
  responses: gives(HostPage, 'By name'),
});

export function hostRoutes({ jobs }: Services) {
  return createRouter()
    .openapi(importFile, (c) => {
      const { context, actor } = c.var;
      const { file } = c.req.valid('json');
      const job = jobs.start('import', actor, ({ signal, report }) =>
        importHosts(context, file, {
          signal,
          onProgress: ({ records }) => report({ done: records, total: null, unit: 'records' }),
        }),
      );
      return c.json({ job: job.id }, 200);
    })
    .openapi(list, async (c) => {
      const { host, role, after, limit } = c.req.valid('query');
      const hosts = await listHosts(c.var.context.db, {
        limit,
        ...(host === undefined ? {} : { hosts: [host] }),
        ...(role === undefined ? {} : { roles: [role] }),
        ...(after === undefined ? {} : { after }),
      });
      return c.json({ hosts, next: hosts.length === limit ? (hosts.at(-1)?.name ?? null) : null }, 200);
    });
}
