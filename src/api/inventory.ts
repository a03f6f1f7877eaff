/** Routes of the inventory. */
import { z } from 'zod';
import {
  discoverSystems,
  findDisagreements,
  type ImportMapping,
  importInventory,
  listCredentials,
  type Systems,
  showCredential,
  summariseSources,
} from '../domain/inventory/index.ts';
import { FirebreakError } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import {
  CredentialDetail,
  CredentialPage,
  CredentialQuery,
  DiscoverRequest,
  ImportRequest,
  SourcesView,
} from './contract/inventory.ts';
import { JobStarted } from './contract/parts.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const discover = createRoute({
  method: 'post',
  path: '/v1/inventory/discoveries',
  summary: 'Ask systems what they know (a job)',
  request: { body: takes(DiscoverRequest) },
  responses: gives(JobStarted, 'The job; its result counts what each system said'),
});

const importFile = createRoute({
  method: 'post',
  path: '/v1/inventory/imports',
  summary: "Import a list of credentials or a scanner's report (a job)",
  request: { body: takes(ImportRequest) },
  responses: gives(JobStarted, 'The job; its result counts and lists what was rejected'),
});

const list = createRoute({
  method: 'get',
  path: '/v1/inventory/credentials',
  summary: 'Credentials, a page at a time',
  request: { query: CredentialQuery },
  responses: gives(CredentialPage, 'By ref'),
});

const show = createRoute({
  method: 'get',
  path: '/v1/inventory/credential',
  summary: 'One credential with what each source says of it',
  request: { query: z.object({ ref: z.string().min(1).max(4_096) }) },
  responses: gives(CredentialDetail, 'The credential'),
});

const sources = createRoute({
  method: 'get',
  path: '/v1/inventory/sources',
  summary: 'What only one source knows, and where sources disagree',
  responses: gives(SourcesView, 'By source; the first disagreements by ref'),
});

export function inventoryRoutes({ ports, jobs }: Services) {
  return createRouter()
    .openapi(discover, async (c) => {
      const { systems: names } = c.req.valid('json');
      const { context, actor } = c.var;
      const systems = await ports.systems();
      const job = jobs.start('discover', actor, ({ signal, report }) =>
        discoverSystems(context, systems, {
          names,
          signal,
          onProgress: ({ system, credentials }) =>
            report({ done: credentials, total: null, unit: 'credentials', at: system }),
        }),
      );
      return c.json({ job: job.id }, 200);
    })
    .openapi(importFile, async (c) => {
      const { file, mapping: given, ...options } = c.req.valid('json');
      const { context, actor } = c.var;
      const systems = await ports.systems();
      const mapping = mappingOf(systems, given);
      const job = jobs.start('import', actor, ({ signal, report }) =>
        importInventory(context, systems, file, {
          ...options,
          mapping,
          signal,
          onProgress: ({ records }) => report({ done: records, total: null, unit: 'records' }),
        }),
      );
      return c.json({ job: job.id }, 200);
    })
    .openapi(list, async (c) => {
      const query = c.req.valid('query');
      const credentials = await listCredentials(c.var.context.db, query);
      return c.json({ credentials, next: nextOf(credentials, query.limit) }, 200);
    })
    .openapi(show, async (c) => c.json(await showCredential(c.var.context.db, c.req.valid('query').ref), 200))
    .openapi(sources, async (c) => {
      const { db } = c.var.context;
      const [sources, disagreements] = await Promise.all([
        summariseSources(db),
        findDisagreements(db, limits.apiPageRowsMax),
      ]);
      return c.json({ sources, disagreements }, 200);
    });
}

/** A full page may have one after it. */
export const nextOf = (rows: readonly { ref: string }[], limit: number): string | null =>
  rows.length === limit ? (rows.at(-1)?.ref ?? null) : null;

function mappingOf(systems: Systems, given: string | ImportMapping | undefined): ImportMapping | undefined {
  if (typeof given !== 'string') return given;
  const found = systems.config.imports[given];
  if (found) return found;
  const known = Object.keys(systems.config.imports).join(', ') || 'none';
  throw new FirebreakError('not_found', `no import ${given} in firebreak.yaml (there are: ${known})`);
}
