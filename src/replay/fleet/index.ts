/**
 * The fleet of the practice estate. A few hosts are real OpenSSH servers on a real Debian, among them the Atlassian
 * server with the implant; the others are answered by a stand-in in this process, and say so. Some answer nobody.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../store/postgres/server.ts';
import { answerCollector } from './answer.ts';
import { beginHost, implantPath, restartCommand, scriptRunnerJob } from './atlassian.ts';
import { Boots } from './boots.ts';
import { addressOf, type CastHost, castFleet, fleetSize, implanted } from './cast.ts';
import { machineIdOf, sectionsOf } from './siblings.ts';
import { makeKey, type Sshd, startSshd } from './sshd.ts';
import { type StandIn, type StandInAnswer, type StandInCall, startStandIn } from './stand-in.ts';

export { fleetSize } from './cast.ts';

export interface FleetEstate {
  /** CSV: name, address, port, role, site, environment, boot. */
  hostsFile: string;
  /** The `fleet` section of firebreak.yaml. */
  settings: object;
  size: number;
  /** Real OpenSSH servers; the others are stand-ins. */
  real: number;
  standIns: number;
  /** Why there is no real one, where there is none. */
  realMissing?: string;
  /** For tests only. */
  truth: {
    implanted: string;
    /** What the intruder left there. */
    paths: string[];
    unreachable: string[];
    refusing: string[];
    changedKey: string[];
  };
  stop(): Promise<void>;
}

/** Starts `size` hosts; everything of them lies in `folder`. Without OpenSSH or root there is no real one. */
export async function startFleetEstate(folder: string, size = fleetSize): Promise<FleetEstate> {
  await mkdir(folder, { recursive: true });
  const publicKey = await makeKey(join(folder, 'responder'));
  const all = castFleet(size);
  const real = await startReal(
    folder,
    publicKey,
    all.filter(({ kind }) => kind === 'real'),
  );
  const servers = 'missing' in real ? new Map<string, Sshd>() : real.servers;
  const cast = all.filter(({ kind, name }) => kind !== 'real' || servers.has(name));
  const byAddress = new Map(cast.map((host) => [addressOf(host), host]));
  const boots = new Boots();
  const standIn = await startStandIn({
    authorizedKeys: [publicKey],
    answer: (call) => answerFor(byAddress.get(call.address), call, boots),
    isAway: (address) => boots.isAway(byAddress.get(address)?.name ?? ''),
  });
  const nobody = await freePort();
  const portOf = (host: CastHost): number => {
    if (host.kind === 'unreachable') return nobody;
    if (host.kind !== 'real') return standIn.port;
    return servers.get(host.name)?.port ?? nobody;
  };
  const hostsFile = join(folder, 'hosts.csv');
  await writeFile(hostsFile, csvOf(cast, portOf));
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, await knownHostsOf(folder, standIn, cast, servers));
  const named = (kind: CastHost['kind']) => cast.filter((host) => host.kind === kind).map(({ name }) => name);
  return {
    hostsFile,
    settings: {
      hosts: [hostsFile],
      ssh: {
        user: 'root',
        identities: [{ key: { file: join(folder, 'responder') } }],
        knownHosts: [knownHosts],
        perSubnet: 64,
        concurrency: 64,
      },
      // The real hosts share this machine, so what restarts one is a program that only they have.
      reboot: {
        command: restartCommand,
        waveHosts: 1_000,
        minutesMax: 2,
        roles: { atlassian: { keepUpShare: 0.5 } },
      },
    },
    size: cast.length,
    real: named('real').length,
    standIns: cast.length - named('real').length - named('unreachable').length,
    ...('missing' in real ? { realMissing: real.missing } : {}),
    truth: {
      implanted,
      paths: [scriptRunnerJob, implantPath],
      unreachable: named('unreachable'),
      refusing: named('refusing'),
      changedKey: named('changed-key'),
    },
    stop: async () => {
      await Promise.all([standIn.stop(), ...[...servers.values()].map((server) => server.stop())]);
    },
  };
}

/** A server for each real host, with a disk and processes of its own; the first one has the implant. */
async function startReal(
  folder: string,
  publicKey: string,
  hosts: readonly CastHost[],
): Promise<{ servers: Map<string, Sshd> } | { missing: string }> {
  if (process.getuid?.() !== 0)
    return { missing: 'root: a mount namespace for each host is not to be had without' };
  const servers = new Map<string, Sshd>();
  for (const host of hosts) {
    const { name } = host;
    const address = addressOf(host);
    const place = join(folder, name);
    await mkdir(place);
    const { port, release } = await portAt(address);
    const server = await startSshd({
      folder: place,
      address,
      port,
      authorizedKeys: [publicKey],
      prepare: beginHost(place, { implanted: name === implanted }),
      ownProcesses: true,
      restartsAfterMs: awayMs,
    }).catch((error: unknown) => ({
      missing: `namespaces (${error instanceof Error ? error.message : String(error)})`,
    }));
    if ('missing' in server) {
      release();
      await Promise.all([...servers.values()].map((one) => one.stop()));
      return server;
    }
    servers.set(name, { ...server, stop: () => server.stop().finally(release) });
  }
  return { servers };
}

const sshPort = 22;

/**
 * The usual port, where nobody on this machine has it already. Another estate that begins at the same time, or while a
 * host of ours restarts, would find it free: so who takes it holds a name that only one can have.
 */
async function portAt(host: string): Promise<{ port: number; release(): void }> {
  const claim = await listen({ path: `\0firebreak-practice-${host}:${sshPort}` });
  const trial = claim && (await listen({ host, port: sshPort }));
  if (trial) {
    await new Promise((resolve) => trial.close(resolve));
    return { port: sshPort, release: () => void claim.close() };
  }
  claim?.close();
  return { port: await freePort(), release: () => undefined };
}

/** Undefined when somebody else has it. */
function listen(where: { path: string } | { host: string; port: number }): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen(where, () => resolve(server.unref()));
  });
}

/** How long a real host is away when it restarts. */
const awayMs = 1_000;

const uptimeSeconds = 40 * 24 * 3_600;

function answerFor(host: CastHost | undefined, { script }: StandInCall, boots: Boots): StandInAnswer {
  if (!host || host.kind === 'refusing')
    return { output: '', errors: 'This account is not available.', exitCode: 1 };
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const boot = boots.of(host.name, uptimeSeconds + host.number);
  const output =
    boots.answer(host.name, machineIdOf(host), boot, script) ??
    answerCollector(script, sectionsOf(host, boot, nowSeconds), nowSeconds);
  return output === undefined ? { output: '', errors: 'sh: not found', exitCode: 127 } : { output };
}

function csvOf(cast: readonly CastHost[], portOf: (host: CastHost) => number): string {
  const rows = cast.map((host) =>
    [
      host.name,
      addressOf(host),
      portOf(host),
      host.role,
      host.site,
      host.environment,
      'reboot',
      host.kind === 'real' ? 'a real OpenSSH server' : 'a stand-in',
    ].join(','),
  );
  return `name,address,port,role,site,environment,boot,practice\n${rows.join('\n')}\n`;
}

/** The keys of all hosts; of some another one than they show. */
async function knownHostsOf(
  folder: string,
  standIn: StandIn,
  cast: readonly CastHost[],
  servers: ReadonlyMap<string, Sshd>,
): Promise<string> {
  const other = await makeKey(join(folder, 'former_host_key'));
  return [
    ...['127.61.*', '127.62.*', '127.64.*'].map(
      (pattern) => `[${pattern}]:${standIn.port} ${standIn.hostKey}`,
    ),
    `[127.63.*]:${standIn.port} ${other}`,
    ...cast.flatMap((host) => {
      const { hostKeys = [], port } = servers.get(host.name) ?? {};
      const name = port === sshPort ? addressOf(host) : `[${addressOf(host)}]:${port}`;
      return hostKeys.map((line) => `${name} ${line}`);
    }),
    '',
  ].join('\n');
}
