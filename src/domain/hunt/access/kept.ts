/** What a run of `hunt access` kept, read back from the store, so that a report need not hunt again. */
import { z } from 'zod';
import type { RunView } from '../store.ts';

const Count = z.number();

/** Only what is used of it; what an older version kept otherwise is passed over. */
const Kept = z.object({
  types: z.array(
    z.object({
      type: z.string(),
      resources: Count,
      byAct: z.record(z.string(), Count),
      total: Count.nullable(),
      refused: Count,
    }),
  ),
  classes: z.array(z.object({ class: z.string(), verdict: z.string(), because: z.array(z.string()) })),
  doubts: z.array(z.string()),
});

export type KeptAccess = z.infer<typeof Kept> & { seq: number | null };

/** Of the last run that finished; undefined when none did. */
export function lastAccess(runs: readonly RunView[]): KeptAccess | undefined {
  const last = runs.filter(({ kind, finishedAt }) => kind === 'access' && finishedAt !== null).at(-1);
  const kept = last && Kept.safeParse(last.result);
  return last && kept?.success ? { ...kept.data, seq: last.ledgerSeq } : undefined;
}
