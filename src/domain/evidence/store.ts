/** The ledger's tables: all its SQL. */
import { sql } from 'kysely';
import { assert } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { PreparedEntry } from './entry.ts';
import { splitHashes, type TilePlace, tileWidth } from './tiles.ts';
import type { ListFilter } from './types.ts';

/** `FBRK` in ASCII: the advisory lock of whoever writes to the ledger of this database. */
const lockKey = 0x4642524b;

export interface EntryRow {
  seq: number;
  body: string;
  leaf_hash: Buffer;
}

export interface CheckpointRow {
  size: number;
  root: Buffer;
  note: string;
}

/** Waits until this transaction alone may write to the ledger; it may until it ends. */
export async function lockLedger(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey}::bigint)`.execute(tx);
}

/** The same, but gives up after the limit with PostgreSQL's error 55P03. */
export async function lockLedgerInTime(tx: Tx): Promise<void> {
  const timeout = `${limits.ledgerLockMsMax}ms`;
  await sql`select set_config('lock_timeout', ${timeout}, true)`.execute(tx);
  await lockLedger(tx);
}

export async function readHead(db: Db): Promise<CheckpointRow | undefined> {
  return db
    .selectFrom('ledger_checkpoint')
    .select(['size', 'root', 'note'])
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** How many entries stand in the table, signed or not. */
export async function countEntries(db: Db): Promise<number> {
  const row = await db
    .selectFrom('ledger_entry')
    .select((select) => select.fn.max('seq').as('last'))
    .executeTakeFirst();
  return row?.last == null ? 0 : Number(row.last) + 1;
}

export interface BatchRows {
  start: number;
  entries: readonly PreparedEntry[];
  bodies: readonly string[];
  leafHashes: readonly Buffer[];
}

/** Canonical JSON has no line breaks, so all bodies go as one text, which needs no quoting on either side. */
export async function insertEntries(
  tx: Tx,
  { start, entries, bodies, leafHashes }: BatchRows,
): Promise<void> {
  await sql`
    insert into ledger_entry (seq, at, actor, kind, incident_id, subject, body, leaf_hash)
    select ${start}::bigint + t.n - 1, t.at, t.actor, t.kind, t.incident, t.subject, t.body,
      substring(${Buffer.concat(leafHashes)}::bytea from (t.n::int - 1) * 32 + 1 for 32)
    from rows from (
      string_to_table(${bodies.join('\n')}, E'\n'),
      unnest(${entries.map((entry) => entry.at)}::timestamptz[]),
      unnest(${entries.map((entry) => entry.actor)}::text[]),
      unnest(${entries.map((entry) => entry.kind)}::text[]),
      unnest(${entries.map((entry) => entry.incident)}::text[]),
      unnest(${entries.map((entry) => entry.subject)}::text[])
    ) with ordinality as t (body, at, actor, kind, incident, subject, n)`.execute(tx);
}

/** Writes tiles of level 1 and up, whole; level 0 is what `insertEntries` writes. */
export async function saveTiles(tx: Tx, tiles: readonly (TilePlace & { hashes: Buffer })[]): Promise<void> {
  if (tiles.length === 0) return;
  await tx
    .insertInto('ledger_tile')
    .values([...tiles])
    .onConflict((conflict) =>
      conflict.columns(['level', 'index']).doUpdateSet((row) => ({ hashes: row.ref('excluded.hashes') })),
    )
    .execute();
}

export async function insertCheckpoint(tx: Tx, row: CheckpointRow & { at: Date }): Promise<void> {
  await tx.insertInto('ledger_checkpoint').values(row).execute();
}

/** The hashes of a tile as far as they are there: 32 bytes each, none when the tile is not there. */
export async function readTile(db: Db, { level, index }: TilePlace): Promise<Buffer> {
  if (level === 0) {
    const rows = await readEntries(db, index * tileWidth, (index + 1) * tileWidth);
    return Buffer.concat(rows.map((row) => row.leaf_hash));
  }
  const row = await db
    .selectFrom('ledger_tile')
    .select('hashes')
    .where('level', '=', level)
    .where('index', '=', index)
    .executeTakeFirst();
  return row?.hashes ?? Buffer.alloc(0);
}

/** The first `width` hashes of a tile, or undefined when there are fewer. */
export async function readTileHashes(db: Db, tile: TilePlace, width: number): Promise<Buffer[] | undefined> {
  const hashes = splitHashes(await readTile(db, tile)).slice(0, width);
  return hashes.length === width ? hashes : undefined;
}

/** Entries from `start` up to but without `end`. */
export async function readEntries(db: Db, start: number, end: number): Promise<EntryRow[]> {
  return db
    .selectFrom('ledger_entry')
    .select(['seq', 'body', 'leaf_hash'])
    .where('seq', '>=', start)
    .where('seq', '<', end)
    .orderBy('seq')
    .execute();
}

/** Checkpoints with a size above `after` and up to `upTo`. */
export async function readCheckpoints(db: Db, after: number, upTo: number): Promise<CheckpointRow[]> {
  return db
    .selectFrom('ledger_checkpoint')
    .select(['size', 'root', 'note'])
    .where('size', '>', after)
    .where('size', '<=', upTo)
    .orderBy('size')
    .execute();
}

export async function listEntries(db: Db, filter: ListFilter): Promise<EntryRow[]> {
  const limit = Math.min(filter.limit ?? limits.apiPageRowsMax, limits.apiPageRowsMax);
  assert(Number.isInteger(limit) && limit >= 0, 'a page has a number of rows');
  let query = db.selectFrom('ledger_entry').select(['seq', 'body', 'leaf_hash']).orderBy('seq').limit(limit);
  if (filter.after !== undefined) query = query.where('seq', '>', filter.after);
  if (filter.incidentId !== undefined) query = query.where('incident_id', '=', filter.incidentId);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  return query.execute();
}
