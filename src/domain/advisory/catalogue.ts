/** The advisories at hand: those that were imported, and those that Firebreak ships. An imported one comes first. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Db } from '../../store/index.ts';
import { loadShipped } from './read-advisory.ts';
import { digestOf, listAdvisories } from './store.ts';
import type { Advisory } from './types.ts';

export interface CatalogueEntry {
  advisory: Advisory;
  digest: string;
  /** Null: it comes with Firebreak and was not imported. */
  importedAt: Date | null;
  shipped: boolean;
}

/** All of them, by id. */
export async function listCatalogue(db: Db): Promise<CatalogueEntry[]> {
  const [imported, shipped] = await Promise.all([listAdvisories(db), loadShipped()]);
  const shippedIds = new Set(shipped.map(({ id }) => id));
  const entries = new Map<string, CatalogueEntry>();
  for (const advisory of shipped)
    entries.set(advisory.id, { advisory, digest: digestOf(advisory), importedAt: null, shipped: true });
  for (const { advisory, digest, importedAt } of imported)
    entries.set(advisory.id, { advisory, digest, importedAt, shipped: shippedIds.has(advisory.id) });
  return [...entries.values()].sort((a, b) => (a.advisory.id < b.advisory.id ? -1 : 1));
}

/** The one with this id. Throws not_found and names those that there are. */
export async function findAdvisory(db: Db, id: string): Promise<CatalogueEntry> {
  const entries = await listCatalogue(db);
  const found = entries.find(({ advisory }) => advisory.id === id);
  if (found) return found;
  const known = entries.map(({ advisory }) => advisory.id).join(', ');
  throw new FirebreakError('not_found', `no advisory ${id} (there are: ${known})`);
}
