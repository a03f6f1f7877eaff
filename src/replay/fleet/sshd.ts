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
  /** Where it listens; all loopback addresses where none is given. */
  address?: string;
  /** A network of its own: what enters it, an address there, and where those who call come from. Only as root. */
  network?: { enter: readonly string[]; address: string; from: string };
  /** Kinds of host keys to have. */
  hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Public keys that may sign in, as lines. */
  authorizedKeys: readonly string[];
  /** More lines of sshd_config, `Match` blocks among them. */
  config?: readonly string[];
  /** Accounts beside root; the server has them for itself, the machine's own are not touched. */
  users?: readonly string[];
  /** sh that runs before it in its mount namespace: what it mounts is seen by this server's hosts only. */
  prepare?: string;
  /** Its hosts see no other processes than their own. Only as root. */
  ownProcesses?: boolean;
  /** Begins anew, `prepare` included, when it ends by itself: a host that restarts. Milliseconds that it is away. */
  restartsAfterMs?: number;
  /** Files in its folder that belong to its configuration. */
  includes?: readonly string[];
  /** Called when the host keys are there and before the server reads them. */
  beforeStart?(folder: string): Promise<void>;
}

export interface Sshd {
  port: number;
  /** The public host keys, as lines of their .pub files. */
  hostKeys: string[];
  logFile: string;
  stop(): Promise<void>;
}

const program = '/usr/sbin/sshd';
/** The kernel ends it when this process ends, in whatever way: nothing of a practice estate outlives its rehearsal. */
const withUs = ['--pdeathsig', 'KILL'];

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
  const ends = await run('setpriv', [...withUs, 'true']).catch(() => undefined);
  if (!ends) return { missing: 'setpriv (Debian package util-linux)' };
  // sshd wants an empty folder of this name when it runs as root.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const hostKeys: string[] = [];
  for (const kind of kinds) hostKeys.push(await makeKey(join(folder, `host_${kind}`), kind));
  const keysFile = join(folder, 'authorized_keys');
  await writeFile(keysFile, `${options.authorizedKeys.join('\n')}\n`);
  await chmod(folder, 0o755);
  const file = join(folder, 'sshd_config');
  await writeFile(file, configOf(options, { port, keysFile, kinds }));
  await options.beforeStart?.(folder);
  const logFile = join(folder, 'sshd.log');
  const address = options.network?.address ?? options.address ?? '127.0.0.1';
  const life = new Life(options, ['-D', '-f', file, '-E', logFile]);
  const child = await life.begin();
  try {
    await untilListening(child, { host: address, port });
  } catch (error) {
    await life.end();
    const log = await readFile(logFile, 'utf8').catch(() => '');
    throw new Error(`sshd did not start: ${log.slice(-500)}`, { cause: error });
  }
  return { port, hostKeys, logFile, stop: () => life.end() };
}

/** The process of a server, and where it restarts, the next one. */
class Life {
  readonly #options: SshdOptions;
  readonly #args: string[];
  #child: ChildProcess | undefined;
  #ended = false;
  #next: Promise<unknown> = Promise.resolve();

  constructor(options: SshdOptions, args: string[]) {
    this.#options = options;
    this.#args = args;
  }

  async begin(): Promise<ChildProcess> {
    const child = await launch(this.#options, this.#args);
    this.#child = child;
    child.once('exit', () => {
      const { restartsAfterMs } = this.#options;
      if (restartsAfterMs === undefined || this.#ended) return;
      this.#next = systemClock.sleep(restartsAfterMs).then(() => (this.#ended ? undefined : this.begin()));
    });
    return child;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#next;
    if (this.#child) await stop(this.#child, this.#options.ownProcesses ? 'SIGKILL' : 'SIGTERM');
  }
}

/**
 * As root, in a mount namespace with accounts of its own: a plain sh and an empty home, whatever the login scripts
 * of this machine do. As somebody else, as it is: then only that user can sign in.
 */
async function launch(options: SshdOptions, args: string[]): Promise<ChildProcess> {
  if (process.getuid?.() !== 0) return spawn('setpriv', [...withUs, program, ...args], { stdio: 'ignore' });
  const home = join(options.folder, 'home');
  await mkdir(home, { recursive: true });
  const [passwd, shadow] = [join(options.folder, 'passwd'), join(options.folder, 'shadow')];
  const users = (options.users ?? []).map((name, index) => [name, 42_000 + index] as const);
  await writeFile(
    passwd,
    [
      `root:x:0:0:root:${home}:/bin/sh`,
      'sshd:x:105:65534::/run/sshd:/usr/sbin/nologin',
      'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin',
      ...users.map(([name, uid]) => `${name}:x:${uid}:${uid}::/tmp:/bin/sh`),
      '',
    ].join('\n'),
  );
  const names = ['root', 'sshd', 'nobody', ...users.map(([name]) => name)];
  // `*` is no password; `!` would be a locked account, which sshd turns away.
  await writeFile(shadow, names.map((name) => `${name}:*:19000:0:99999:7:::\n`).join(''), { mode: 0o600 });
  const mounts = `mount --bind '${passwd}' /etc/passwd\nmount --bind '${shadow}' /etc/shadow`;
  const script = `${mounts}\n${options.prepare ?? ''}\nexec "$@"`;
  const apart = options.ownProcesses ? ['--pid', '--fork', '--kill-child', '--mount-proc'] : [];
  const enter = options.network?.enter ?? [];
  const unshare = [...enter, 'unshare', '--mount', ...apart, 'sh', '-ec', script, 'sh'];
  return spawn('setpriv', [...withUs, ...unshare, program, ...args], { stdio: 'ignore' });
}

function configOf(
  { folder, address = '0.0.0.0', network, config = [], includes = [] }: SshdOptions,
  { port, keysFile, kinds }: { port: number; keysFile: string; kinds: readonly string[] },
): string {
  const match = config.findIndex((line) => /^Match\b/.test(line));
  const [general, blocks] = match < 0 ? [config, []] : [config.slice(0, match), config.slice(match)];
  return `${[
    ...general,
    ...includes.map((name) => `Include ${join(folder, name)}`),
    `Port ${port}`,
    // Loopback as a whole: the routing table has 127.0.0.0/8 on lo, and nothing else reaches an address of it.
    `ListenAddress ${address}`,
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
    `AllowUsers *@${network?.from ?? '127.0.0.0/8'}`,
    ...blocks,
  ].join('\n')}\n`;
}

async function untilListening(child: ChildProcess, at: { host: string; port: number }): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}`);
    const answers = await new Promise<boolean>((resolve) => {
      const socket = connect(at);
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

/** The parent of processes of their own passes no SIGTERM on; when it is killed, they are too. */
async function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await ended;
}
