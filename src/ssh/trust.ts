/** The host keys that a fleet believes: what is known, and what was believed on first use since it was opened. */
import { readFileSync } from 'node:fs';
import { judgeHostKey, type KeyVerdict } from './judge-host-key.ts';
import { type KnownHosts, type KnownKey, knownName, readKnownHosts } from './known-hosts.ts';
import { algorithmOf } from './public-key.ts';
import type { Target } from './resolve-host.ts';
import type { FleetPorts } from './types.ts';

export interface HostJudge {
  knownAlgorithms: string[];
  hasAuthorities: boolean;
  judge(blob: Buffer): Promise<KeyVerdict>;
}

interface Believed {
  known: KnownHosts;
  authorities: readonly Buffer[];
  /** Whether the first key of an unknown host may be believed. */
  mayAsk: boolean;
}

export class HostTrust {
  readonly #believed: Believed;
  readonly #ports: FleetPorts;
  readonly #first = new Map<string, KnownKey>();
  readonly #asking = new Map<string, Promise<boolean>>();
  readonly #files = new Map<string, KnownHosts>();

  constructor(believed: Believed, ports: FleetPorts) {
    this.#believed = believed;
    this.#ports = ports;
  }

  of(target: Target): HostJudge {
    const known = this.#known(target);
    const { authorities } = this.#believed;
    return {
      knownAlgorithms: known.filter(({ marker }) => marker === 'key').map(({ algorithm }) => algorithm),
      hasAuthorities: authorities.length > 0 || known.some(({ marker }) => marker === 'authority'),
      judge: (blob) => this.#judge(target, blob),
    };
  }

  #known(target: Target): KnownKey[] {
    const names = target.names.map((name) => knownName(name, target.port));
    const found = [this.#believed.known, ...target.knownHostsFiles.map((file) => this.#file(file))];
    const first = this.#first.get(names[0] ?? '');
    return [...found.flatMap((one) => one.find(names)), ...(first ? [first] : [])];
  }

  /** A file that ssh_config names; as for OpenSSH, one that is not there is empty. */
  #file(name: string): KnownHosts {
    const known = this.#files.get(name);
    if (known) return known;
    let text = '';
    try {
      text = readFileSync(name, 'utf8');
    } catch (error) {
      this.#ports.log.debug({ error, name }, 'a known_hosts file of ssh_config is not there');
    }
    const read = readKnownHosts([{ name, text }]);
    this.#files.set(name, read);
    return read;
  }

  async #judge(target: Target, blob: Buffer): Promise<KeyVerdict> {
    const { authorities, mayAsk } = this.#believed;
    const question = { blob, authorities, names: target.names, port: target.port };
    const verdict = judgeHostKey({ ...question, known: this.#known(target), now: this.#ports.clock.now() });
    if (verdict.trust !== 'ask') return verdict;
    const unknown = `no key is known for ${target.names.join(' or ')}; it showed ${verdict.key.algorithm} ${verdict.key.sha256}`;
    const fact = { algorithm: verdict.key.algorithm, seenSha256: verdict.key.sha256, known: [] };
    const no: KeyVerdict = { trust: 'no', code: 'host-key-unknown', why: unknown, fact };
    const { firstUse } = this.#ports;
    if (!mayAsk || target.strict || !firstUse) return no;
    const name = knownName(target.names[0] ?? '', target.port);
    // Two runs on one new host ask once, for the key that came first.
    const asked = `${name} ${verdict.key.sha256}`;
    const asking = this.#asking.get(asked) ?? firstUse(target.host, verdict.key);
    this.#asking.set(asked, asking);
    try {
      if (!(await asking)) return no;
    } finally {
      this.#asking.delete(asked);
    }
    const other = this.#first.get(name);
    if (other && !other.blob.equals(blob))
      return judgeHostKey({ ...question, known: [other], now: this.#ports.clock.now() });
    this.#first.set(name, {
      marker: 'key',
      blob,
      algorithm: algorithmOf(blob),
      place: 'believed on first use',
    });
    return { trust: 'yes', seen: verdict.seen };
  }
}
