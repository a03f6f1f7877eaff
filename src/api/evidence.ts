/** Routes of the ledger, and the read-only ones of C2SP tlog-tiles that any monitor understands. */
import { z } from 'zod';
import { exportBundle, parseTilePath } from '../domain/evidence/index.ts';
import { FirebreakError } from '../kernel/errors.ts';
import { EntryDetail, EntryPage, EntryQuery, ExportRequest, HeadView } from './contract/evidence.ts';
import { JobStarted } from './contract/parts.ts';
import { incidentOf } from './incidents.ts';
import { createRoute, createRouter, gives, type Services, takes } from './router.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/ledger/entries',
  summary: 'Entries of the ledger, a page at a time',
  request: { query: EntryQuery },
  responses: gives(EntryPage, 'First to last'),
});

const show = createRoute({
  method: 'get',
  path: '/v1/ledger/entries/{seq}',
  summary: 'One entry, and the proof that it stands in the signed tree',
  request: { params: z.object({ seq: z.coerce.number().int().min(0) }) },
  responses: gives(EntryDetail, 'The entry'),
});

const head = createRoute({
  method: 'get',
  path: '/v1/ledger/head',
  summary: 'The newest checkpoint and the key that it is checked with',
  responses: gives(HeadView, 'The checkpoint'),
});

const exportAll = createRoute({
  method: 'post',
  path: '/v1/ledger/exports',
  summary: 'Write the whole ledger to a file that can be verified offline (a job)',
  request: { body: takes(ExportRequest) },
  responses: gives(JobStarted, 'The job; its result says what was written'),
});

export function evidenceRoutes({ ports, jobs }: Services) {
  return createRouter()
    .openapi(list, async (c) => {
      const { context } = c.var;
      const { incident, ...filter } = c.req.valid('query');
      const incidentId = incident && (await incidentOf(context, { incident })).id;
      const entries = await context.ledger.list({ ...filter, incidentId });
      const next = entries.length === filter.limit ? (entries.at(-1)?.seq ?? null) : null;
      return c.json({ entries, next }, 200);
    })
    .openapi(show, async (c) => {
      const { ledger } = c.var.context;
      const { seq } = c.req.valid('param');
      const [entry, inclusion] = await Promise.all([ledger.entry(seq), ledger.inclusion(seq)]);
      return c.json({ entry, inclusion }, 200);
    })
    .openapi(head, async (c) => {
      const { ledger, signer } = c.var.context;
      return c.json({ ...(await ledger.head()), verifierKey: signer.verifierKey }, 200);
    })
    .openapi(exportAll, (c) => {
      const { context, actor } = c.var;
      const { file, overwrite, withRaw } = c.req.valid('json');
      const job = jobs.start('export', actor, async ({ signal, report }) =>
        exportBundle(context.ledger, file, {
          overwrite,
          ...(withRaw ? { raw: await ports.evidence() } : {}),
          signal,
          onProgress: (done, total, unit) => report({ done, total, unit }),
        }),
      );
      return c.json({ job: job.id }, 200);
    });
}

/** https://c2sp.org/tlog-tiles. These paths are the specification's, so they have no version of ours. */
export function tileRoutes() {
  const router = createRouter();
  router.get('/checkpoint', async (c) => {
    const { note } = await c.var.context.ledger.head();
    return c.text(note, 200, { 'cache-control': 'no-store' });
  });
  router.get('/tile/*', async (c) => {
    const { ledger } = c.var.context;
    const tile = parseTilePath(c.req.path.slice(1));
    if (!tile) throw new FirebreakError('not_found', 'no tile has this path');
    const bytes =
      tile.level === 'entries'
        ? await ledger.entryTile(tile.index, tile.width)
        : await ledger.tile(tile.level, tile.index, tile.width);
    // A tile never changes once it is there.
    const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'private, immutable' };
    return c.body(new Uint8Array(bytes), 200, headers);
  });
  return router;
}
