/** Routes of advisories. */
import { z } from 'zod';
import { findAdvisory, importAdvisory, listCatalogue } from '../domain/advisory/index.ts';
import { AdvisoryImport, AdvisoryImported, AdvisoryList, AdvisoryView } from './contract/advisories.ts';
import { createRoute, createRouter, gives, takes } from './router.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/advisories',
  summary: 'Advisories that were imported or that Firebreak ships',
  responses: gives(AdvisoryList, 'By id'),
});

const show = createRoute({
  method: 'get',
  path: '/v1/advisories/{id}',
  summary: 'One advisory in full',
  request: { params: z.object({ id: z.string().min(1).max(64) }) },
  responses: gives(AdvisoryView, 'The advisory'),
});

const importOne = createRoute({
  method: 'post',
  path: '/v1/advisories',
  summary: 'Take an advisory into the store',
  request: { body: takes(AdvisoryImport) },
  responses: gives(AdvisoryImported, 'What changed'),
});

export function advisoryRoutes() {
  return createRouter()
    .openapi(list, async (c) => {
      const entries = await listCatalogue(c.var.context.db);
      const advisories = entries.map(({ advisory, ...entry }) => ({
        id: advisory.id,
        supplier: advisory.supplier.name,
        title: advisory.title,
        disclosed: advisory.disclosed ?? null,
        ...entry,
      }));
      return c.json({ advisories }, 200);
    })
    .openapi(show, async (c) => c.json(await findAdvisory(c.var.context.db, c.req.valid('param').id), 200))
    .openapi(importOne, async (c) =>
      c.json(await importAdvisory(c.var.context, c.req.valid('json').advisory), 200),
    );
}
