/**
 * A Redis server in a folder of its own, for the practice estate and the tests. Redis is not on npm: it is
 * taken from PATH, and where there is none the caller is told so.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { assert, FirebreakError } from '../kernel/errors.ts';
import { sha256Hex } from '../kernel/hash.ts';
import type { Secret } from '../kernel/secret.ts';

const run = promisify(execFile);

interface RedisServerOptions {
  /** Created when it does not exist; holds the ACL file and the log. */
  folder: string;
  port: number;
  /** The administrative user, who may do everything. */
  user: string;
  password: Secret;
  /** Further users, one line each, as in a Redis ACL file: `user app on #<sha256> ~app:* +@read`. */
  users?: readonly string[];
}

export interface RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly version: string;
  readonly aclFile: string;
  readonly logFile: string;
  pid(): number | undefined;
  /** `crash` is SIGKILL: nothing is saved. */
  stop(how?: 'clean' | 'crash'): Promise<void>;
  /** Starts it again on the same port with what its ACL file says. */
  restart(): Promise<void>;
}

/** The version of the redis-server in PATH, or undefined when there is none. */
async function findRedis(): Promise<string | undefined> {
  const found = await run('redis-server', ['--version']).catch(() => undefined);
  return found && /v=([\d.]+)/.exec(found.stdout)?.[1];
}

/** Starts it, or returns why it can't be started here. */
export async function startRedisServer(
  options: RedisServerOptions,
): Promise<RedisServer | { missing: string }> {
  const version = await findRedis();
  if (version === undefined)
    return { missing: 'redis-server is not in PATH (Debian: apt-get install redis-server)' };
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const aclFile = join(options.folder, 'users.acl');
  const logFile = join(options.folder, 'redis.log');
  const known = await readFile(aclFile, 'utf8').catch(() => undefined);
  if (known === undefined) await writeFile(aclFile, firstUsers(options), { mode: 0o600 });
  // One that outlived a crash of ours is adopted.
  let pid = (await runningPid(options)) ?? (await launch(options, aclFile, logFile));
  return {
    port: options.port,
    folder: options.folder,
    version,
    aclFile,
    logFile,
    pid: () => (isAlive(pid) ? pid : undefined),
    stop: async (how = 'clean') => {
      if (!isAlive(pid)) return;
      process.kill(pid, how === 'clean' ? 'SIGTERM' : 'SIGKILL');
      while (isAlive(pid)) await delay(5);
    },
    restart: async () => {
      if (!isAlive(pid)) pid = await launch(options, aclFile, logFile);
    },
  };
}

function firstUsers({ user, password, users = [] }: RedisServerOptions): string {
  const admin = `user ${user} on #${sha256Hex(password.reveal())} ~* &* +@all`;
  return `${['user default off', admin, ...users].join('\n')}\n`;
}

const pidFileOf = (folder: string): string => join(folder, 'redis.pid');

async function runningPid({ folder, port }: RedisServerOptions): Promise<number | undefined> {
  const pid = Number(await readFile(pidFileOf(folder), 'utf8').catch(() => ''));
  return pid > 0 && isAlive(pid) && (await answers(port)) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function launch(
  { folder, port }: RedisServerOptions,
  aclFile: string,
  logFile: string,
): Promise<number> {
  const settings = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const files = ['--aclfile', aclFile, '--logfile', logFile, '--pidfile', pidFileOf(folder)];
  const child = spawn('redis-server', [...settings, ...files], {
    stdio: 'ignore',
    // The server must not inherit our secrets.
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  child.on('error', () => undefined);
  child.unref();
  const giveUpAt = performance.now() + 10_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || child.pid === undefined || performance.now() > giveUpAt) {
      child.kill('SIGKILL');
      const log = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-2).join(' | ');
      throw new FirebreakError('unavailable', `redis-server did not start on port ${port}: ${log}`, {
        retry: 'later',
      });
    }
    await delay(10);
  }
  assert(child.pid !== undefined, 'a server that answers has a process id');
  return child.pid;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const say = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    // Without a login the server refuses; that it does so shows that it is up.
    socket.once('data', (data) => say(/^[-+]/.test(data.toString())));
    socket.once('error', () => say(false));
    socket.once('connect', () => socket.write('PING\r\n'));
  });
}
