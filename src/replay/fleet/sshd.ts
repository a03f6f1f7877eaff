/**
 * A real OpenSSH server of the practice estate. One process answers on every 127.x.y.z address of its port, and
 * `Match` blocks make hosts of different kinds of them; so thousands of hosts need few processes and few files.
 * It binds to loopback only.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../kernel/clock.ts';
import { freePort } from '../../store/postgres/server.ts';

const run = promisify(execFile);

export interface SshdOptions {
  /** Keys, configuration and log go there; it must exist. */
  folder: string;
  port?: number;
  /** Kinds of host keys to have. */
  hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Public keys that may sign in, as lines. */
  authorizedKeys: readonly string[];
  /** More lines of sshd_config, `Match` blocks among them. */
  config?: readonly string[];
  /** Runs before it in a mount namespace of its own: what it mounts is seen by this server's hosts only. */
  prepare?: string;
}

export interface Sshd {
  port: number;
  /** The public host keys, as lines of their .pub files. */
  hostKeys: string[];
  logFile: string;
  stop(): Promise<void>;
}

const program = '/usr/sbin/sshd';

/** Makes a key pair without a passphrase. Returns the line of its .pub file. */
export async function makeKey(file: string, type = 'ed25519'): Promise<string> {
  await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'practice', '-f', file]);
  return (await readFile(`${file}.pub`, 'utf8')).trim();
}

/** Starts it, or says what is missing. */
export async function startSshd(options: SshdOptions): Promise<Sshd | { missing: string }> {
  const { folder, hostKeys: kinds = ['ed25519'], port = await freePort() } = options;
  if (process.platform !== 'linux') return { missing: 'Linux: elsewhere loopback has one address' };
  const isThere = await run(program, ['-?']).catch((error: unknown) => error);
  if ((isThere as { code?: unknown }).code === 'ENOENT')
    return { missing: 'OpenSSH (Debian package openssh-server)' };
  // sshd wants an empty folder of this name when it runs as root.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const hostKeys: string[] = [];
  for (const kind of kinds) hostKeys.push(await makeKey(join(folder, `host_${kind}`), kind));
  const keysFile = join(folder, 'authorized_keys');
  await writeFile(keysFile, `${options.authorizedKeys.join('\n')}\n`);
  await chmod(folder, 0o755);
  const file = join(folder, 'sshd_config');
  await writeFile(file, configOf(options, { port, keysFile, kinds }));
  const logFile = join(folder, 'sshd.log');
  const command = `${options.prepare ?? ''}\nexec ${program} -D -f '${file}' -E '${logFile}'`;
  const child = options.prepare
    ? spawn('unshare', ['--mount', 'sh', '-ec', command], { stdio: 'ignore' })
    : spawn(program, ['-D', '-f', file, '-E', logFile], { stdio: 'ignore' });
  // A process that ends without stopping it takes it along.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  try {
    await untilListening(child, port);
  } catch (error) {
    child.kill('SIGKILL');
    const log = await readFile(logFile, 'utf8').catch(() => '');
    throw new Error(`sshd did not start: ${log.slice(-500)}`, { cause: error });
  }
  return { port, hostKeys, logFile, stop: () => stop(child) };
}

function configOf(
  { folder, config = [] }: SshdOptions,
  { port, keysFile, kinds }: { port: number; keysFile: string; kinds: readonly string[] },
): string {
  const match = config.findIndex((line) => /^Match\b/.test(line));
  const [general, blocks] = match < 0 ? [config, []] : [config.slice(0, match), config.slice(match)];
  return `${[
    ...general,
    `Port ${port}`,
    // Loopback as a whole: the routing table has 127.0.0.0/8 on lo, and nothing else reaches an address of it.
    'ListenAddress 0.0.0.0',
    ...kinds.map((kind) => `HostKey ${join(folder, `host_${kind}`)}`),
    'PidFile none',
    `AuthorizedKeysFile ${keysFile}`,
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'MaxStartups 2000:30:4000',
    'MaxSessions 100',
    'PrintMotd no',
    'PrintLastLog no',
    'LogLevel ERROR',
    // Only from this machine, although every address of it is listened on.
    'AllowUsers *@127.0.0.0/8',
    ...blocks,
  ].join('\n')}\n`;
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}`);
    const answers = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
    });
    if (answers) return;
    await systemClock.sleep(20);
  }
  throw new Error('sshd does not answer');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await ended;
}
