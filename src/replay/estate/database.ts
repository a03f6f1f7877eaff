/** The estate's database: a real PostgreSQL server with the login roles that its applications use. */
import { join } from 'node:path';
import pg from 'pg';
import type { Secret } from '../../kernel/secret.ts';
import { type PostgresServer, startPostgres } from '../../store/postgres/server.ts';
import type { Account } from './names.ts';

const rolesPerStatement = 250;

/** Starts it and creates the administrator that Firebreak works as, and the roles. */
export async function startDatabase(
  folder: string,
  admin: { name: string; password: Secret },
  roles: Account[],
  onProgress: (done: number) => void,
): Promise<PostgresServer> {
  const server = await startPostgres({
    folder: join(folder, 'core-db'),
    user: 'postgres',
    password: admin.password,
    settings: {
      max_connections: 300,
      track_commit_timestamp: 'on',
      shared_buffers: '64MB',
      log_min_messages: 'error',
      log_min_error_statement: 'panic',
    },
  });
  const pool = new pg.Pool({ connectionString: server.url('postgres'), max: 2 });
  try {
    await pool.query(createRole({ name: admin.name, password: admin.password }, 'superuser'));
    await pool.query('create role app_users nologin; grant connect on database postgres to app_users');
    let done = 0;
    const create = async (start: number): Promise<void> => {
      for (let at = start; at < roles.length; at += rolesPerStatement * 2) {
        const some = roles.slice(at, at + rolesPerStatement);
        await pool.query(some.map((role) => createRole(role, 'in role app_users')).join(';'));
        done += some.length;
        onProgress(done);
      }
    };
    await Promise.all([create(0), create(rolesPerStatement)]);
    return server;
  } catch (error) {
    await server.stop('immediate');
    throw error;
  } finally {
    await pool.end();
  }
}

function createRole(role: { name: string; password: Secret }, options: string): string {
  return `create role ${pg.escapeIdentifier(role.name)} login password ${pg.escapeLiteral(role.password.reveal())} ${options}`;
}
