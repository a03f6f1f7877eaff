/** A Redis server that stands for a system whose credentials are rotated. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Secret } from '../../src/kernel/secret.ts';
import { type RedisServer, startRedisServer } from '../../src/replay/redis-server.ts';
import { freePort } from '../../src/store/postgres/server.ts';

export interface TargetRedis {
  server: RedisServer;
  port: number;
  /** What firebreak.yaml would say of it. */
  config: { host: string; port: number; user: string; password: { file: string } };
  adminPassword: Secret;
  /** Runs commands as the administrator, in one pipeline; throws the first error. */
  commands(list: (string | number)[][]): Promise<unknown[]>;
  logs(): Promise<string>;
  close(): Promise<void>;
}

/** Starts it in a temporary folder, or says why it can't. `users` are lines of an ACL file. */
export async function startTargetRedis(
  users: readonly string[] = [],
): Promise<TargetRedis | { missing: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-target-redis-'));
  const adminPassword = new Secret('target-administrator-9Rd');
  const options = { folder, port: await freePort(), user: 'admin', password: adminPassword, users };
  const server = await startRedisServer(options);
  if ('missing' in server) {
    await rm(folder, { recursive: true, force: true });
    return server;
  }
  const file = join(folder, 'admin.password');
  await writeFile(file, adminPassword.reveal(), { mode: 0o600 });
  return {
    server,
    port: server.port,
    config: { host: '127.0.0.1', port: server.port, user: 'admin', password: { file } },
    adminPassword,
    commands: (list) => run(server.port, adminPassword, list),
    logs: () => readFile(server.logFile, 'utf8'),
    close: async () => {
      await server.stop('crash');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(port: number, password: Secret, list: (string | number)[][]): Promise<unknown[]> {
  const redis = new Redis({ port, username: 'admin', password: password.reveal(), protocol: 2 });
  try {
    // ioredis knows commands by their names in lower case.
    const lower = list.map(([name, ...args]) => [String(name).toLowerCase(), ...args]);
    const answers = await redis.pipeline(lower).exec();
    return (answers ?? []).map(([error, answer]) => {
      if (error) throw error;
      return answer;
    });
  } finally {
    redis.disconnect();
  }
}
