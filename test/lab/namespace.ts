/**
 * A network of its own for real servers: a namespace whose loopback answers on a whole range of addresses, joined to
 * this machine by a virtual cable. The range is out of 198.18.0.0/15, which RFC 2544 sets aside for tests of networks;
 * nothing outside this machine reaches it. The namespace has no name: it is gone, and the cable with it, when its first
 * process ends, which is when the one that started it does. Needs root, CAP_NET_ADMIN and iproute2.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Addresses of a namespace: a /22 without its first one and its last four, which are the cable's. */
export const namespaceAddresses = 1_019;
/** How many /22 there are in 198.18.0.0/15. */
const blocks = 128;

export interface Namespace {
  /** What is put before a program to run it there. */
  enter: readonly string[];
  /** From 0 to `namespaceAddresses`. */
  address(index: number): string;
  /** All of them, as patterns of known_hosts. */
  patterns: readonly string[];
  /** Where connections from this machine come from. */
  from: string;
  /** This machine's end of the cable. */
  cable: string;
  /** From now on packets to this address are answered with "no way there", or by nobody. */
  cut(address: string, how: 'unreachable' | 'blackhole'): Promise<void>;
  close(): Promise<void>;
}

/** Only what forwards says "no way there". */
const forward = 'echo 1 >/proc/sys/net/ipv4/ip_forward';

/** Empty where namespaces can be made; else what is missing. FIREBREAK_LAB_NAMESPACES=0 does without them. */
export function whyNoNamespace(): string {
  if (process.env.FIREBREAK_LAB_NAMESPACES === '0') return 'FIREBREAK_LAB_NAMESPACES is 0';
  if (process.platform !== 'linux') return 'Linux is missing';
  if (process.getuid?.() !== 0) return 'root is missing';
  const attempt = (...command: [string, ...string[]]): boolean => {
    try {
      execFileSync(command[0], command.slice(1), { stdio: 'ignore', timeout: 10_000 });
      return true;
    } catch {
      return false;
    }
  };
  if (!attempt('ip', '-V')) return 'ip is missing (Debian package iproute2)';
  if (!attempt('setpriv', '--pdeathsig', 'KILL', 'true'))
    return 'setpriv is missing (Debian package util-linux)';
  if (!attempt('unshare', '--net', 'true')) return 'the right to make namespaces is missing (CAP_SYS_ADMIN)';
  // The trial is within a namespace of its own, so that it changes nothing here.
  const trial =
    'ip link add fbtrial type veth peer name fbtrial2 && ip route add local 198.18.0.0/22 dev lo table 9';
  if (!attempt('unshare', '--net', 'sh', '-c', `ip link set lo up && ${trial}`))
    return 'virtual cables are missing (CAP_NET_ADMIN, the kernel module veth)';
  if (!attempt('unshare', '--net', 'sh', '-c', forward))
    return 'the right to write below /proc/sys is missing';
  return '';
}

/** Makes one with a range that nobody on this machine has yet. */
export async function openNamespace(): Promise<Namespace> {
  // It ends when nobody holds its input any more, and the kernel ends it with this process in any case.
  const command = ['--pdeathsig', 'KILL', 'unshare', '--net'];
  const begin = `ip link set lo up && ${forward} && echo ready && read -r x`;
  const holder = spawn('setpriv', [...command, 'sh', '-c', begin], { stdio: ['pipe', 'pipe', 'ignore'] });
  holder.stdin.on('error', () => undefined);
  try {
    const [first] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
    if (!Buffer.isBuffer(first)) throw new Error('a namespace could not be made');
    const { pid } = holder;
    const enter = ['nsenter', `--net=/proc/${pid}/ns/net`];
    const block = await layCable(pid as number, enter);
    return {
      enter,
      address: (index) => addressIn(block, index + 1),
      patterns: [0, 1, 2, 3].map((third) => addressIn(block, third * 256).replace(/\d+$/, '*')),
      from: `${addressIn(block, ends.here)}/32`,
      cable: nameOf(block).here,
      cut: async (address, how) => {
        await within(enter, 'ip', 'route', 'add', how, `${address}/32`, 'table', 'local');
      },
      close: () => end(holder),
    };
  } catch (error) {
    await end(holder);
    throw error;
  }
}

/** The two ends of the cable are the last addresses of the range. */
const ends = { here: 1_021, there: 1_022 };
const nameOf = (block: number) => ({ here: `fb${block}here`, there: `fb${block}there` });

function addressIn(block: number, offset: number): string {
  const number = (block << 10) + offset;
  return `198.${18 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}

const within = (enter: readonly string[], ...command: string[]) => {
  const [program = '', ...args] = [...enter, ...command];
  return run(program, args);
};

/** Lays the cable and the routes for the first range that is free. Returns which of them it is. */
async function layCable(pid: number, enter: readonly string[]): Promise<number> {
  for (let tried = 0; tried < blocks; tried++) {
    const block = (pid + tried) % blocks;
    const cable = nameOf(block);
    // The name of the cable is the claim: whoever comes second can't have it.
    const peer = ['peer', 'name', cable.there, 'netns', String(pid)];
    const laid = await run('ip', ['link', 'add', cable.here, 'type', 'veth', ...peer]).catch(() => undefined);
    if (!laid) continue;
    const range = `${addressIn(block, 0)}/22`;
    const [here, there] = [addressIn(block, ends.here), addressIn(block, ends.there)];
    const inside = `ip addr add ${there}/30 dev ${cable.there} && ip link set ${cable.there} up && ip route add local ${range} dev lo`;
    await within(enter, 'sh', '-ec', inside);
    await run('ip', ['addr', 'add', `${here}/30`, 'dev', cable.here]);
    await run('ip', ['link', 'set', cable.here, 'up']);
    await run('ip', ['route', 'add', range, 'via', there, 'dev', cable.here]);
    return block;
  }
  throw new Error('every range of 198.18.0.0/15 is taken on this machine');
}

/** What runs in the namespace must have ended before: it is the last process there that takes the cable along. */
async function end(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const ended = once(holder, 'exit');
  holder.kill('SIGKILL');
  await ended;
}
