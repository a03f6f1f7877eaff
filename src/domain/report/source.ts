/** What the sections of a report are written from. */

import { limits } from '../../kernel/limits.ts';
import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import type { LedgerEntry } from '../evidence/index.ts';
import type { Census, Incident } from '../incident/index.ts';
import type { EntryGroup } from './store.ts';
import type { ProofTally } from './tally-proofs.ts';

export interface Source {
  context: Context;
  /** The snapshot that everything is read from. */
  tx: Tx;
  incident: Incident;
  /** Entries of the ledger in the snapshot. */
  size: number;
  generatedAt: Date;
  census: Census;
  groups: readonly EntryGroup[];
  proofs: ProofTally;
}

/** The incident's entries of these kinds, first to last; the ledger checks the hash of each that it gives. */
export const entriesOf = (source: Source, ...kinds: string[]): Promise<LedgerEntry[]> =>
  listEntries(source, kinds, { incidentId: source.incident.id });

/** Entries of these kinds in the snapshot, first to last, of each kind the first `limits.reportRowsMax`. */
export async function listEntries(
  { context, size }: Source,
  kinds: readonly string[],
  filter: { incidentId?: string; subject?: string } = {},
): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = [];
  for (const kind of kinds)
    found.push(...(await context.ledger.list({ ...filter, kind, limit: limits.reportRowsMax })));
  return found.filter((entry) => entry.seq < size).sort((a, b) => a.seq - b.seq);
}

/** The numbers of the first and the last entry of a kind. */
export const rangeOf = ({ groups }: Source, kind: string): number[] =>
  groups.filter((group) => group.kind === kind).flatMap((group) => [group.firstSeq, group.lastSeq]);

/** What a number rests on that was counted in the store, at the moment that the head of the report names. */
export const counted = 'Counted in the store.';

/** A field of an entry's data; undefined when it has none. */
export function fieldOf({ data }: Pick<LedgerEntry, 'data'>, field: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[field] : undefined;
}

/** The same, where it is a text. */
export function textOf(entry: Pick<LedgerEntry, 'data'>, field: string): string | undefined {
  const value = fieldOf(entry, field);
  return typeof value === 'string' ? value : undefined;
}

/** The same, where it is a number. */
export function numberOf(entry: Pick<LedgerEntry, 'data'>, field: string): number | undefined {
  const value = fieldOf(entry, field);
  return typeof value === 'number' ? value : undefined;
}
