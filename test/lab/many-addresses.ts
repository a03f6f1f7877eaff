/**
 * A fleet of many addresses: real OpenSSH servers in network namespaces, each namespace a site with servers of
 * different host keys, each address a host with a name of its own. Where namespaces are not to be had, one SSH server
 * in this process stands in; `said` tells which it is, and whoever starts it shows that.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerCollector, type Sections } from '../../src/replay/fleet/answer.ts';
import { makeKey, startSshd } from '../../src/replay/fleet/sshd.ts';
import { startStandIn } from '../../src/replay/fleet/stand-in.ts';
import { type Namespace, openNamespace, whyNoNamespace } from './namespace.ts';

export interface LabHost {
  name: string;
  address: string;
  port: number;
  site: string;
  /** Its public host key, as a line of a .pub file. */
  hostKey: string;
}

export interface ManyAddresses {
  /** Why these are no real servers; empty where they are. */
  missing: string;
  /** What answers, in words. */
  said: string;
  hosts: LabHost[];
  /** The private key that may sign in as root. */
  identity: string;
  folder: string;
  /** From now on nobody answers at this host's address; says how the attempt to reach it ends. */
  cut(host: LabHost, how: 'unreachable' | 'blackhole'): Promise<{ state: string; code: RegExp }>;
  close(): Promise<void>;
}

const sites = 2;
const ports = [22, 2222];

/** Starts `count` hosts; `missing` is why there are no namespaces, where there are none. */
export async function startManyAddresses(count: number, missing = whyNoNamespace()): Promise<ManyAddresses> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-addresses-'));
  const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const one of closers.reverse()) await one();
  };
  try {
    const identity = join(folder, 'id');
    const publicKey = await makeKey(identity);
    const place: Place = { folder, publicKey, count, closers };
    const started = missing === '' ? await startReal(place) : await standIn(place, missing);
    return { ...started, identity, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Place {
  folder: string;
  publicKey: string;
  count: number;
  closers: (() => Promise<void>)[];
}

type Started = Pick<ManyAddresses, 'missing' | 'said' | 'hosts' | 'cut'>;

/** Every address is named after itself, in a namespace of its session: so whose output it is can be seen in it. */
const named =
  'ForceCommand unshare --uts sh -c \'set -- $SSH_CONNECTION; hostname "host-$3"; exec sh -c "$SSH_ORIGINAL_COMMAND"\'';

async function startReal(place: Place): Promise<Started> {
  const { folder, publicKey, count, closers } = place;
  const hosts: LabHost[] = [];
  const networks = new Map<string, Namespace>();
  for (let site = 0; site < sites; site++) {
    const network = await openNamespace();
    closers.push(() => network.close());
    const share = Math.floor((count + site) / sites);
    const keys = new Map<number, string>();
    for (const port of ports) {
      const own = join(folder, `site-${site}-${port}`);
      await mkdir(own);
      const { enter, from } = network;
      const server = await startSshd({
        folder: own,
        port,
        network: { enter, from, address: network.address(0) },
        authorizedKeys: [publicKey],
        config: [named],
      });
      if ('missing' in server) return standIn(place, `${server.missing} is missing`);
      closers.push(() => server.stop());
      keys.set(port, server.hostKeys[0] ?? '');
    }
    for (let index = 0; index < share; index++) {
      // Spread over the whole range, so that all of its subnets have some.
      const address = network.address(Math.floor((index * 1_000) / share));
      const port = ports[index % ports.length] as number;
      const hostKey = keys.get(port) as string;
      hosts.push({ name: `host-${address}`, address, port, site: `site-${site}`, hostKey });
      networks.set(address, network);
    }
  }
  return {
    missing: '',
    said: `real OpenSSH servers in ${sites} network namespaces`,
    hosts,
    cut: async ({ address }, how) => {
      await networks.get(address)?.cut(address, how);
      return { state: 'unreachable', code: how === 'unreachable' ? /^no-route$/ : /^timeout$/ };
    },
  };
}

async function standIn({ publicKey, count, closers }: Place, missing: string): Promise<Started> {
  const away = new Set<string>();
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const server = await startStandIn({
    authorizedKeys: [publicKey],
    answer: ({ address, script }) => ({
      output: answerCollector(script, sectionsAt(address), nowSeconds) ?? '',
    }),
    isAway: (address) => away.has(address),
  });
  closers.push(() => server.stop());
  return {
    missing,
    said: `an SSH server in this process stands in: ${missing}`,
    hosts: Array.from({ length: count }, (_none, index) => {
      const address = `127.85.${index >> 7}.${(index & 127) + 1}`;
      const site = `site-${index % sites}`;
      return { name: `host-${address}`, address, port: server.port, site, hostKey: server.hostKey };
    }),
    cut: async ({ address }) => {
      away.add(address);
      return { state: 'unreachable', code: /^(reset|not-ssh|handshake)$/ };
    },
  };
}

const sectionsAt = (address: string): Sections =>
  new Map([
    [
      'identity',
      [
        ['hostname', `host-${address}`],
        ['boot_id', '0f0e0d0c-0b0a-4908-8706-050403020100'],
      ],
    ],
    ['accounts', [['passwd', '\nroot:x:0:0:root:/root:/bin/sh']]],
  ]);

/** A known_hosts file of these hosts, each with its own key or another one. */
export async function writeKnownHosts(
  file: string,
  hosts: readonly LabHost[],
  others: ReadonlyMap<LabHost, string> = new Map(),
): Promise<void> {
  const lines = hosts.map((host) => {
    const name = host.port === 22 ? host.address : `[${host.address}]:${host.port}`;
    return `${name} ${others.get(host) ?? host.hostKey}\n`;
  });
  await writeFile(file, lines.join(''));
}
