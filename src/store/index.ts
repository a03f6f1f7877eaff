/**
 * The store: PostgreSQL, embedded in the data folder or given by FIREBREAK_DATABASE_URL. One SQL, one code
 * path for both.
 */
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { logger } from '../kernel/log.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './tables.generated.ts';

export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;
export type { Tables } from './tables.generated.ts';

export interface Store {
  readonly db: Db;
  readonly url: string;
  close(): Promise<void>;
}

const log = logger('store');

/** Counts and sequence numbers stay far below 2^53, so bigint columns are read as numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8
      ? (text: string) => Number(text)
      : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
};

/** A connection pool on `url`, with a listener so that a broken idle connection does not end the process. */
export function openPool(url: string, max: number, name = 'firebreak'): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max, types, application_name: name });
  pool.on('error', (error) => log.debug({ error }, 'an idle database connection broke'));
  // One that is in use may break between two statements, when nobody else listens: the next statement fails.
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ error }, 'a database connection broke')),
  );
  return pool;
}

/** Opens the store and brings its schema up to date. */
export async function openStore(url: string, options: { connections?: number } = {}): Promise<Store> {
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: openPool(url, options.connections ?? 10) }),
  });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, url, close: () => db.destroy() };
}
