/** A PostgreSQL server that stands for a system whose credentials are rotated. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Secret } from '../../src/kernel/secret.ts';
import { type PostgresServer, startPostgres } from '../../src/store/postgres/server.ts';

export interface TargetPostgres {
  server: PostgresServer;
  port: number;
  /** What firebreak.yaml would say of it. */
  config: { host: string; port: number; user: string; password: { file: string } };
  adminPassword: Secret;
  /** Runs SQL as the administrator; returns the rows of the last statement. */
  sql(text: string): Promise<Record<string, unknown>[]>;
  /** Everything that the server logged. */
  logs(): Promise<string>;
  /** Sends the postmaster SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** firebreak.yaml of one such server, whose applications read their passwords from a file each. */
export const declareCoreDb = (
  config: TargetPostgres['config'],
  waves: { canary: number; size: number },
  extra = '',
): string => `
firebreak: 1
organisation: Test
environments: [{name: production}]
suppliers: [{id: okta, name: Okta}]
systems:
  - name: core-db
    connector: postgres
    environment: production
    config: ${JSON.stringify(config)}
    delivery: {kind: env-file, path: "apps/{name}.env", key: PGPASSWORD}
    oldSecret: {file: "apps/{name}.env", key: PGPASSWORD}
policy: {waves: {canary: ${waves.canary}, size: ${waves.size}, failureRateMax: 1}}
${extra}`;

const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_connections: 200,
  track_commit_timestamp: 'on',
  log_statement: 'all',
};

/** Starts it in a temporary folder. `extra` overrides settings of postgresql.conf. */
export async function startTargetPostgres(
  extra: Record<string, string | number> = {},
): Promise<TargetPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-target-postgres-'));
  const adminPassword = new Secret('target-administrator-7Qx');
  const server = await startPostgres({
    folder,
    user: 'admin',
    password: adminPassword,
    settings: { ...settings, ...extra },
  });
  const file = join(folder, 'admin.password');
  await writeFile(file, adminPassword.reveal(), { mode: 0o600 });
  return {
    server,
    port: server.port,
    config: { host: '127.0.0.1', port: server.port, user: 'admin', password: { file } },
    adminPassword,
    sql: (text) => run(server.url('postgres'), text),
    logs: () => readFile(join(folder, 'cluster', 'server.log'), 'utf8'),
    kill: async () => {
      const pid = await server.pid();
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      while ((await server.pid()) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    close: async () => {
      await server.stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const results: pg.QueryResult | pg.QueryResult[] = await client.query(text);
    return (Array.isArray(results) ? results.at(-1) : results)?.rows ?? [];
  } finally {
    await client.end();
  }
}
