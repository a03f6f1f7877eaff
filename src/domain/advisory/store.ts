/** The table `advisory`: every advisory that this installation has imported, one row an id. */
import { sql } from 'kysely';
import { canonicalJson, sha256Hex } from '../../kernel/hash.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { Advisory } from './types.ts';

export interface StoredAdvisory {
  id: string;
  digest: string;
  advisory: Advisory;
  importedAt: Date;
}

/** `sha256:` and the hash of the canonical JSON: the same content has the same digest in every file layout. */
export function digestOf(advisory: Advisory): string {
  return `sha256:${sha256Hex(canonicalJson(advisory))}`;
}

/** Stores the advisory, in place of an earlier one of its id. Says whether that changed anything. */
export async function saveAdvisory(
  db: Db | Tx,
  advisory: Advisory,
  digest: string,
  at: Date,
): Promise<'added' | 'replaced' | 'unchanged'> {
  const { rows } = await sql<{ inserted: boolean }>`
    insert into advisory (id, digest, document, imported_at)
    values (${advisory.id}, ${digest}, ${JSON.stringify(advisory)}::jsonb, ${at})
    on conflict (id) do update
      set digest = excluded.digest, document = excluded.document, imported_at = excluded.imported_at
      where advisory.digest <> excluded.digest
    returning xmax = 0 as inserted`.execute(db);
  const [row] = rows;
  if (row === undefined) return 'unchanged';
  return row.inserted ? 'added' : 'replaced';
}

/** All of them, by id. */
export async function listAdvisories(db: Db | Tx): Promise<StoredAdvisory[]> {
  const rows = await db.selectFrom('advisory').selectAll().orderBy('id').execute();
  return rows.map(toStored);
}

/** The one with this id, or undefined. */
export async function getAdvisory(db: Db | Tx, id: string): Promise<StoredAdvisory | undefined> {
  const row = await db.selectFrom('advisory').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toStored(row);
}

function toStored(row: { id: string; digest: string; document: unknown; imported_at: Date }): StoredAdvisory {
  // Only `saveAdvisory` writes the column, and it takes what the schema has checked.
  return { id: row.id, digest: row.digest, advisory: row.document as Advisory, importedAt: row.imported_at };
}
