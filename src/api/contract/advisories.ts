/** Advisories: suppliers' breaches as machine-readable documents. */
import { z } from 'zod';
import { Advisory } from '../../domain/advisory/nouns.ts';
import { Time } from './parts.ts';

const AdvisorySummary = z.object({
  id: z.string(),
  supplier: z.string(),
  title: z.string(),
  disclosed: z.string().nullable(),
  digest: z.string(),
  /** Null: it comes with Firebreak and was not imported. */
  importedAt: Time.nullable(),
  shipped: z.boolean(),
});
export const AdvisoryList = z.object({ advisories: z.array(AdvisorySummary) });

export const AdvisoryView = z.object({
  advisory: Advisory,
  digest: z.string(),
  importedAt: Time.nullable(),
  shipped: z.boolean(),
});

export const AdvisoryImport = z.object({ advisory: Advisory });
export const AdvisoryImported = z.object({
  id: z.string(),
  digest: z.string(),
  change: z.enum(['added', 'replaced', 'unchanged']),
});
