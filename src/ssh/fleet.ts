/**
 * A fleet that is open: settings read once, every run through the same bounds. A host costs only itself; what is
 * wrong with the settings (a key that can't be read, a known_hosts line that can't be parsed) is an error of the
 * first run, because it concerns all of them.
 */

import { lookup } from 'node:dns/promises';
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { FirebreakError, messageOf } from '../kernel/errors.ts';
import { type Connection, openConnection, type Refused } from './connection.ts';
import { dial } from './dial.ts';
import { fromSocketError, type Unreachable } from './failures.ts';
import { Jumps } from './jumps.ts';
import { type KeyRing, openKeyRing, readKeyFiles } from './key-ring.ts';
import { readKnownHosts } from './known-hosts.ts';
import { type LaneKey, Pacer } from './pacer.ts';
import { readPublicKey } from './public-key.ts';
import { resolveHost, routeOf, type Target } from './resolve-host.ts';
import { runScript } from './run-script.ts';
import type { FleetSettings } from './settings.ts';
import { readSshConfig, type SshConfigFile } from './ssh-config.ts';
import { subnetOf } from './subnet.ts';
import { HostTrust } from './trust.ts';
import type { Fleet, FleetPorts, RunOutcome, SshHost, SshTask } from './types.ts';

interface Loaded {
  keys: KeyRing;
  config: SshConfigFile | undefined;
  trust: HostTrust;
}

/** Nothing is read or connected before the first run. */
export class OpenFleet implements Fleet {
  readonly #settings: FleetSettings;
  readonly #ports: FleetPorts;
  readonly #pacer: Pacer;
  readonly #jumps: Jumps;
  readonly #closing = new AbortController();
  readonly #keyFiles = new Map<string, Promise<Awaited<ReturnType<typeof readKeyFiles>>>>();
  #loading: Promise<Loaded> | undefined;

  constructor(settings: FleetSettings, ports: FleetPorts) {
    // Every connection listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.#settings = settings;
    this.#ports = ports;
    this.#pacer = new Pacer(settings.concurrency, ports);
    this.#jumps = new Jumps((target) => this.#connect(target), ports.clock);
  }

  async run(host: SshHost, task: SshTask): Promise<RunOutcome> {
    this.#assertOpen();
    const { config } = await this.#load();
    const target = resolveHost(host, this.#settings, config);
    const place = await this.#place(target, task.signal);
    if ('state' in place) return place;
    const turn = await this.#pacer.acquire(this.#lanes(place), task.signal);
    let outcome: RunOutcome | undefined;
    try {
      this.#assertOpen();
      outcome = await this.#runNow(place, task);
      return outcome;
    } finally {
      turn(outcome?.state === 'unreachable' && outcome.code === 'timeout' ? 'timeout' : 'answer');
    }
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new FirebreakError('unavailable', 'the fleet is closed');
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#jumps.closeAll();
    return Promise.resolve();
  }

  /** Names are resolved here, so that the subnet is known; behind a jump host it is the jump host that resolves. */
  async #place(target: Target, signal: AbortSignal | undefined): Promise<Target | Unreachable> {
    if (target.via || isIP(target.address)) return target;
    const turn = await this.#pacer.acquire([{ key: 'names', max: 8 }], signal);
    try {
      const { address } = await lookup(target.address);
      return { ...target, address };
    } catch (error) {
      return fromSocketError(error);
    } finally {
      turn('answer');
    }
  }

  #lanes(target: Target): LaneKey[] {
    const { perSubnet, perJump } = this.#settings;
    const lanes = [
      { key: `${target.via ? routeOf(target.via) : ''} ${subnetOf(target.address)}`, max: perSubnet },
    ];
    return target.via ? [...lanes, { key: `jump ${routeOf(target.via)}`, max: perJump }] : lanes;
  }

  async #runNow(target: Target, task: SshTask): Promise<RunOutcome> {
    const signal = task.signal ? AbortSignal.any([task.signal, this.#closing.signal]) : this.#closing.signal;
    const connection = await this.#connect(target, signal);
    // Given up before the script was sent: the host was not attempted.
    if (connection.state !== 'connected') {
      task.signal?.throwIfAborted();
      return connection;
    }
    if (task.signal?.aborted) {
      connection.close();
      task.signal.throwIfAborted();
    }
    return runScript(connection, { ...task, signal }, this.#sudo(target, task), this.#ports);
  }

  #sudo(target: Target, task: SshTask): boolean {
    const { sudo } = this.#settings;
    if (sudo === 'never' || target.user === 'root') return false;
    return sudo === 'always' || task.sudo === true;
  }

  async #connect(target: Target, signal?: AbortSignal): Promise<Connection | Refused | Unreachable> {
    const { keys, trust } = await this.#load();
    const { connectMs, handshakeMs, authenticationMs } = this.#settings.timeouts;
    const way = await this.#socket(target, connectMs, signal);
    if ('state' in way) return way;
    const judging = trust.of(target);
    const extra = target.identityFiles.length > 0 ? await this.#readKeys(target) : [];
    const connection = await openConnection(way.socket, {
      user: target.user,
      keys: keys.with(extra),
      knownAlgorithms: judging.knownAlgorithms,
      hostCertificates: judging.hasAuthorities,
      judge: (blob) => judging.judge(blob),
      handshakeMs,
      authenticationMs,
      signal,
    });
    if (connection.state !== 'connected') way.release();
    else way.socket.once('close', () => way.release());
    return connection;
  }

  async #socket(
    target: Target,
    ms: number,
    signal: AbortSignal | undefined,
  ): Promise<{ socket: Duplex; release(): void } | Unreachable> {
    if (target.via) return this.#jumps.dial(target.via, target, ms);
    const socket = await dial(target.address, target.port, ms, signal);
    return 'state' in socket ? socket : { socket, release: () => undefined };
  }

  #readKeys(target: Target): ReturnType<typeof readKeyFiles> {
    const name = JSON.stringify([target.identityFiles, target.certificateFiles]);
    const known = this.#keyFiles.get(name) ?? readKeyFiles(target.identityFiles, target.certificateFiles);
    this.#keyFiles.set(name, known);
    return known;
  }

  #load(): Promise<Loaded> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  async #read(): Promise<Loaded> {
    const settings = this.#settings;
    const config = settings.sshConfig === undefined ? undefined : await readSshConfig(settings.sshConfig);
    const files = [];
    for (const name of settings.knownHosts) files.push({ name, text: await readTrusted(name) });
    const authorities = settings.hostCertificateAuthorities.map((line) => {
      try {
        return readPublicKey(line);
      } catch (cause) {
        throw new FirebreakError('bad_input', `fleet.ssh.hostCertificateAuthorities: ${messageOf(cause)}`, {
          cause,
        });
      }
    });
    return {
      keys: await openKeyRing(settings, this.#ports),
      config,
      trust: new HostTrust(
        { known: readKnownHosts(files), authorities, mayAsk: settings.trust === 'first-use' },
        this.#ports,
      ),
    };
  }
}

/** A file that the settings name must be there: the line that is missed might revoke a key. */
function readTrusted(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FirebreakError('unavailable', `can't read the known hosts: ${messageOf(cause)}`, { cause });
  });
}
