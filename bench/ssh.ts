/**
 * One script on many hosts over SSH: ours, a bare ssh2 loop, parallel-ssh and ansible's raw module, on the same
 * hosts in the same run. Then very many hosts in flat memory, on a server that stands in for them.
 */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pMap from 'p-map';
import ssh2 from 'ssh2';
import { packageFile } from '../src/kernel/paths.ts';
import { isMissing, openTestFleet, startTargetSshd, type TargetSshd } from '../test/lab/sshd.ts';
import { round } from './postgres.ts';

const run = promisify(execFile);
const hostCount = Number(process.env.BENCH_HOSTS ?? 200);
const manyHosts = Number(process.env.BENCH_MANY_HOSTS ?? 50_000);
const concurrency = 64;
/** About 2 KB of sh that does a little of everything and prints a few lines. */
const script = `${Array.from({ length: 40 }, (_none, index) => `# line ${index} of a script of two kilobytes`).join('\n')}
read boot </proc/sys/kernel/random/boot_id
echo "boot $boot"
set -- $SSH_CONNECTION
echo "address $3"
i=0; while [ $i -lt 20 ]; do echo "fact $i"; i=$((i+1)); done
`;

export async function benchSsh() {
  const server = await startTargetSshd();
  if (isMissing(server)) return { name: 'a script on many hosts', skipped: server.missing };
  try {
    const addresses = Array.from(
      { length: hostCount },
      (_none, index) => `127.80.${index >> 7}.${(index & 127) + 1}`,
    );
    // Twice, in both orders, so that none has the warmer machine; all on the same hosts.
    const rivals = [ours, bare, parallelSsh] as const;
    const seconds = new Map<unknown, number | string>();
    for (const run of [...rivals, ...rivals.toReversed()]) {
      const took = await run(server, addresses);
      const before = seconds.get(run) ?? 0;
      seconds.set(run, typeof took === 'string' || typeof before === 'string' ? took : before + took / 2);
    }
    const oursPerSecond = hostCount / Number(seconds.get(ours));
    const barePerSecond = hostCount / Number(seconds.get(bare));
    const parallel = seconds.get(parallelSsh) ?? 'not measured';
    const ansible = await ansibleRaw(server, addresses);
    return {
      name: 'a script on many hosts',
      hosts: hostCount,
      perSecond: round(oursPerSecond),
      bareSsh2PerSecond: round(barePerSecond),
      ratioToBare: round(oursPerSecond / barePerSecond),
      wantedRatioToBare: 0.9,
      ...compare('parallelSsh', parallel, hostCount, oursPerSecond, 3),
      ...compare('ansibleRaw', ansible, hostCount, oursPerSecond, 6),
      many: await many(),
    };
  } finally {
    await server.close();
  }
}

function compare(name: string, seconds: number | string, hosts: number, ours: number, wanted: number) {
  if (typeof seconds === 'string') return { [name]: seconds };
  const perSecond = hosts / seconds;
  return {
    [`${name}PerSecond`]: round(perSecond),
    [`${name}Ratio`]: round(ours / perSecond),
    [`${name}RatioWanted`]: wanted,
  };
}

async function ours(server: TargetSshd, addresses: string[]): Promise<number> {
  const known = join(server.folder, 'known');
  await writeFile(known, server.knownHosts);
  const settings = {
    identities: [{ key: { file: server.identity } }],
    knownHosts: [known],
    concurrency,
    perSubnet: concurrency,
  };
  const fleet = await openTestFleet(settings);
  const startedAt = performance.now();
  const outcomes = await Promise.all(
    addresses.map((address) =>
      fleet.run(
        { name: address, address, port: server.port },
        { script, outputBytesMax: 1 << 20, msMax: 60_000, onOutput: () => undefined },
      ),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await fleet.close();
  const bad = outcomes.find((outcome) => outcome.state !== 'answered');
  if (bad) throw new Error(`not every host answered: ${JSON.stringify(bad)}`);
  return seconds;
}

/** What ssh2 itself takes: no host key check, no bounds, no pacing. */
async function bare(server: TargetSshd, addresses: string[]): Promise<number> {
  const privateKey = await readFile(server.identity);
  const startedAt = performance.now();
  await pMap(
    addresses,
    (host) =>
      new Promise<void>((resolve, reject) => {
        const client = new ssh2.Client();
        client.on('error', reject);
        client.on('ready', () =>
          client.exec('sh -s', (error, channel) => {
            if (error) return reject(error);
            channel.resume();
            channel.stderr.resume();
            channel.on('close', () => {
              client.end();
              resolve();
            });
            return channel.end(script);
          }),
        );
        client.connect({ host, port: server.port, username: 'root', privateKey });
      }),
    { concurrency },
  );
  return (performance.now() - startedAt) / 1000;
}

/** Seconds, or why it could not be measured. */
async function timed(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<number | string> {
  const startedAt = performance.now();
  try {
    await run(program, args, { env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
    return (performance.now() - startedAt) / 1000;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return `${program} is not installed: not measured`;
    throw error;
  }
}

const sshOptions = (server: TargetSshd): string[] => [
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'LogLevel=ERROR',
  `IdentityFile=${server.identity}`,
  `Port=${server.port}`,
];

async function parallelSsh(server: TargetSshd, addresses: string[]): Promise<number | string> {
  const hosts = join(server.folder, 'pssh-hosts');
  await writeFile(hosts, `${addresses.join('\n')}\n`);
  const options = sshOptions(server).flatMap((option) => ['-O', option]);
  return timed('parallel-ssh', [
    '-h',
    hosts,
    '-l',
    'root',
    '-p',
    String(concurrency),
    '-t',
    '120',
    ...options,
    script,
  ]);
}

async function ansibleRaw(server: TargetSshd, addresses: string[]): Promise<number | string> {
  const inventory = join(server.folder, 'inventory');
  const line = `ansible_port=${server.port} ansible_user=root ansible_ssh_private_key_file=${server.identity}`;
  await writeFile(inventory, `${addresses.map((address) => `${address} ${line}`).join('\n')}\n`);
  const env = {
    ANSIBLE_HOST_KEY_CHECKING: 'False',
    ANSIBLE_FORKS: String(concurrency),
    ANSIBLE_HOME: server.folder,
  };
  return timed('ansible', ['all', '-i', inventory, '-m', 'ansible.builtin.raw', '-a', script], env);
}

/** Resident memory of this process after 5,000 hosts and after all of them; the hosts are in a process of their own. */
async function many() {
  const child = execFile(process.execPath, [packageFile('dist', 'bench', 'ssh-stand-in.js')]);
  let folder: string | undefined;
  try {
    const first = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      child.once('exit', () => reject(new Error('the stand-in ended')));
    });
    const { port, identity, hostKey } = JSON.parse(first) as {
      port: number;
      identity: string;
      hostKey: string;
    };
    folder = dirname(identity);
    const known = `${identity}.known`;
    await writeFile(known, `[127.*]:${port} ${hostKey}\n`);
    const fleet = await openTestFleet({
      identities: [{ key: { file: identity } }],
      knownHosts: [known],
      concurrency,
      perSubnet: concurrency,
    });
    const resident: Record<string, number> = {};
    let answered = 0;
    const startedAt = performance.now();
    const task = { script, outputBytesMax: 1 << 20, msMax: 60_000, onOutput: () => undefined };
    await pMap(
      range(manyHosts),
      async (index) => {
        const address = `127.${90 + (index >> 16)}.${(index >> 8) & 255}.${index & 255 || 1}`;
        const outcome = await fleet.run({ name: `h${index}`, address, port }, task);
        if (outcome.state === 'answered') answered++;
        if (answered === 5_000 || answered === manyHosts)
          resident[answered] = Math.round(process.memoryUsage().rss / 2 ** 20);
      },
      { concurrency: 256 },
    );
    const seconds = (performance.now() - startedAt) / 1000;
    await fleet.close();
    const at = Object.entries(resident).map(([hosts, mib]) => `${mib} MiB at ${hosts} hosts`);
    return {
      standIn: true,
      hosts: manyHosts,
      answered,
      perSecond: round(manyHosts / seconds),
      resident: at.join(', '),
    };
  } finally {
    child.kill();
    await delay(10);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

function* range(end: number): Generator<number> {
  for (let index = 0; index < end; index++) yield index;
}
