/**
 * One PostgreSQL server in one folder: created, started, adopted when it still runs after a crash of ours,
 * stopped. The store runs on it, and the lab's target servers do too.
 */
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { logger } from '../../kernel/log.ts';
import type { Secret } from '../../kernel/secret.ts';
import { type Binaries, canReach, findBinaries } from './binaries.ts';

const run = promisify(execFile);
const log = logger('store');

interface PostgresOptions {
  /** The cluster's folder; created when it does not exist. */
  folder: string;
  user: string;
  password: Secret;
  /** A fixed port; by default a free one, or the one that a running server has. */
  port?: number;
  /** postgresql.conf settings, such as `{ fsync: 'off' }`. */
  settings?: Record<string, string | number>;
}

export interface PostgresServer {
  readonly port: number;
  readonly folder: string;
  /** postgresql://user:password@127.0.0.1:port/database */
  url(database: string): string;
  /** The postmaster's process id, read anew each time. */
  pid(): Promise<number | undefined>;
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again on the same port; used after a crash. */
  restart(): Promise<void>;
}

/** Starts the server, or adopts the one that already runs in the folder. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const binaries = await findBinaries();
  const data = join(options.folder, 'cluster');
  await createCluster(binaries, data, options);
  const running = await runningPort(data);
  const port = running ?? (await startOnFreePort(binaries, data, options));
  return {
    port,
    folder: options.folder,
    url: (database) =>
      `postgresql://${options.user}:${encodeURIComponent(options.password.reveal())}@127.0.0.1:${port}/${database}`,
    pid: () => postmasterPid(data),
    stop: (mode = 'fast') => stop(binaries, data, mode),
    restart: () => start(binaries, data, port, options.settings ?? {}),
  };
}

async function createCluster(binaries: Binaries, data: string, options: PostgresOptions): Promise<void> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) return;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  // Another user runs the server: it may pass through the folder, and see nothing else in it.
  if (binaries.user.uid !== undefined) await chmod(options.folder, 0o711);
  if (!(await canReach(options.folder, binaries.user)))
    throw new FirebreakError(
      'refused',
      `the user postgres can't reach ${options.folder}: open the folders above it (chmod o+x), choose another with FIREBREAK_DATA, or run as an ordinary user`,
    );
  // A crash during initdb leaves a half-made folder without PG_VERSION last; it holds nothing yet.
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { mode: 0o700 });
  const passwordFile = join(options.folder, 'initdb.password');
  await writeFile(passwordFile, options.password.reveal(), { mode: 0o600 });
  await giveTo(binaries, data, passwordFile);
  const flags = [
    '-D',
    data,
    '-U',
    options.user,
    `--pwfile=${passwordFile}`,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
  ];
  try {
    await run(
      binaries.initdb,
      [...flags, '--locale=C', '--no-sync', '--no-instructions'],
      spawnOptions(binaries),
    );
  } catch (cause) {
    await rm(data, { recursive: true, force: true });
    throw new FirebreakError('unavailable', `initdb failed in ${data}: ${messageOf(cause)}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function giveTo(binaries: Binaries, ...paths: string[]): Promise<void> {
  const { uid, gid } = binaries.user;
  if (uid === undefined || gid === undefined) return;
  for (const path of paths) await chown(path, uid, gid);
}

/** The server must not inherit our secrets, so it gets a bare environment. */
function spawnOptions(binaries: Binaries): {
  uid?: number;
  gid?: number;
  env: NodeJS.ProcessEnv;
  cwd: string;
} {
  return { ...binaries.user, env: { PATH: process.env.PATH, LC_ALL: 'C' }, cwd: '/' };
}

async function startOnFreePort(binaries: Binaries, data: string, options: PostgresOptions): Promise<number> {
  const settings = options.settings ?? {};
  if (options.port !== undefined) {
    await start(binaries, data, options.port, settings);
    return options.port;
  }
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      await start(binaries, data, port, settings);
      return port;
    } catch (error) {
      // Somebody may have taken the port between our look and the server's start.
      if (attempt === 3) throw error;
    }
  }
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

async function start(
  binaries: Binaries,
  data: string,
  port: number,
  settings: Record<string, string | number>,
): Promise<void> {
  const all: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: 200,
    ...settings,
    port,
  };
  const flags = Object.entries(all).map(([name, value]) => `-c ${name}='${value}'`);
  const logFile = join(data, 'server.log');
  try {
    await run(
      binaries.pgCtl,
      ['-D', data, '-l', logFile, '-s', '-w', '-t', '60', '-o', flags.join(' '), 'start'],
      {
        ...spawnOptions(binaries),
      },
    );
  } catch (cause) {
    const tail = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join(' | ');
    throw new FirebreakError(
      'unavailable',
      `PostgreSQL did not start in ${data}: ${tail || messageOf(cause)}`,
      {
        retry: 'later',
        cause,
      },
    );
  }
  log.debug({ data, port }, 'PostgreSQL started');
}

async function stop(binaries: Binaries, data: string, mode: 'fast' | 'immediate'): Promise<void> {
  if ((await postmasterPid(data)) === undefined) return;
  await run(binaries.pgCtl, ['-D', data, '-m', mode, '-s', '-w', 'stop'], spawnOptions(binaries)).catch(
    async (cause: unknown) => {
      if ((await postmasterPid(data)) !== undefined)
        throw new FirebreakError(
          'unavailable',
          `PostgreSQL in ${dirname(data)} did not stop: ${messageOf(cause)}`,
        );
    },
  );
}

/** The process id of the postmaster, when it is alive. */
async function postmasterPid(data: string): Promise<number | undefined> {
  const lines = await pidFile(data);
  const pid = Number(lines[0]);
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

async function runningPort(data: string): Promise<number | undefined> {
  const lines = await pidFile(data);
  // The eighth line says `ready` once connections are accepted; a starting one is left to pg_ctl.
  const alive = Number(lines[0]) > 0 && isAlive(Number(lines[0])) && lines[7]?.trim() === 'ready';
  return alive ? Number(lines[3]) : undefined;
}

async function pidFile(data: string): Promise<string[]> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  return text.split('\n');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
