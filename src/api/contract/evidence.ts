/** The ledger. */
import { z } from 'zod';
import { Count, FilePath, pageQuery, Time } from './parts.ts';

export const LedgerEntryView = z
  .object({
    seq: z.number(),
    at: Time,
    actor: z.string(),
    kind: z.string(),
    incidentId: z.string().optional(),
    subject: z.string().optional(),
    data: z.unknown(),
    /** The canonical JSON that was hashed. */
    body: z.string(),
    leafHash: z.string(),
  })
  .meta({ id: 'LedgerEntry' });
export type LedgerEntryView = z.infer<typeof LedgerEntryView>;

export const EntryQuery = z.object({
  incident: z.string().max(64).optional(),
  kind: z.string().max(200).optional(),
  subject: z.string().max(4_096).optional(),
  after: z.coerce.number().int().min(-1).optional(),
  limit: pageQuery.limit,
});
export const EntryPage = z.object({ entries: z.array(LedgerEntryView), next: z.number().nullable() });

export const EntryDetail = z.object({
  entry: LedgerEntryView,
  inclusion: z.object({
    seq: z.number(),
    size: Count,
    leafHash: z.string(),
    path: z.array(z.string()),
    root: z.string(),
    included: z.boolean(),
    checkpoint: z.string(),
  }),
});

export const HeadView = z.object({
  origin: z.string(),
  size: Count,
  root: z.string(),
  note: z.string(),
  verifierKey: z.string(),
});

export const ExportRequest = z.strictObject({
  file: FilePath,
  overwrite: z.boolean().default(false),
  /** Embed the raw output of hosts that entries cite. */
  withRaw: z.boolean().default(false),
});
export const ExportResult = z.object({
  file: z.string(),
  bytes: Count,
  entries: Count,
  checkpoints: Count,
  root: z.string(),
  raw: z.object({ cited: Count, embedded: Count, missing: z.array(z.string()) }).nullable(),
  verifierKey: z.string(),
});
export type ExportResult = z.infer<typeof ExportResult>;
