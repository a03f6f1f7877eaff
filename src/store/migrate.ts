/** Numbered SQL files, applied in order under a lock, each once. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, Migrator, sql } from 'kysely';
import { FirebreakError, messageOf } from '../kernel/errors.ts';
import { packageFile } from '../kernel/paths.ts';

const folder = packageFile('src', 'store', 'migrations');

/** Brings the schema up to date. Throws when the database is newer than this program. */
// biome-ignore lint/suspicious/noExplicitAny: migrations run before the schema that the types describe exists.
export async function migrate(db: Kysely<any>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: readMigrations } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new FirebreakError(
    'unavailable',
    `the database schema could not be brought up to date: ${messageOf(error)}. If a newer Firebreak has used this database, use that version.`,
    { cause: error },
  );
}

async function readMigrations(): Promise<Record<string, { up(db: Kysely<unknown>): Promise<void> }>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const odd = files.find((name) => !/^\d{4}_[a-z-]+\.sql$/.test(name));
  if (odd !== undefined)
    throw new FirebreakError('internal', `a migration is called like 0001_kebab-case.sql, got ${odd}`);
  const entries = files.map((name) => [
    name.replace('.sql', ''),
    { up: (db: Kysely<unknown>) => apply(db, name) },
  ]);
  return Object.fromEntries(entries);
}

async function apply(db: Kysely<unknown>, name: string): Promise<void> {
  await sql.raw(await readFile(join(folder, name), 'utf8')).execute(db);
}
