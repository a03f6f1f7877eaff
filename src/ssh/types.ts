/**
 * The nouns of the transport: a host, the script that is run on it, and the one outcome that every run ends
 * with. The outcome is a value, never an exception: a host that can't be reached is an answer too.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { SecretRef } from '../kernel/reference.ts';
import type { Secret } from '../kernel/secret.ts';

export interface SshHost {
  /** How the responder calls it; `Host` and `Match host` patterns of ssh_config are compared with it. */
  name: string;
  /** A name or an IP address; `HostName` of ssh_config is taken only when this equals the name. */
  address: string;
  port?: number;
  user?: string;
  /** `user@host:port[,…]`, or names of ssh_config; `none` for no jump whatever ssh_config says. */
  jump?: string;
}

export interface HostKeySeen {
  /** `ssh-ed25519`, or `ssh-ed25519-cert-v01@openssh.com` where the host showed a certificate. */
  algorithm: string;
  /** `SHA256:…`, as ssh-keygen -l prints it; of a certificate, of the key that it certifies. */
  sha256: string;
  trust: 'known' | 'certificate' | 'first-use';
}

export interface SshTask {
  /** POSIX sh; it goes to `sh -s` over stdin, so that the host's process list shows no more than `sh -s`. */
  script: string;
  /** Run it as root where the settings allow it. */
  sudo?: boolean;
  /** Bytes of standard output; what comes beyond is dropped, and the outcome says `truncated`. */
  outputBytesMax: number;
  /** How long the script may run, after signing in. */
  msMax: number;
  onOutput(chunk: Buffer): void;
  /** The last part of standard error, for the person who reads it. */
  onErrorOutput?(text: string): void;
  signal?: AbortSignal;
}

export type RefusedCode =
  | 'host-key-changed' // another key than the one that is known: a finding
  | 'host-key-revoked'
  | 'host-key-unknown'
  | 'host-certificate' // expired, for other names, or not of an authority that we trust
  | 'authentication'
  | 'sudo'
  | 'shell'; // signed in, but no command is run there

export type UnreachableCode =
  | 'refused'
  | 'timeout'
  | 'dns'
  | 'no-route'
  | 'reset'
  | 'not-ssh'
  | 'handshake'
  | 'jump'
  | 'local'; // this machine has no files, ports or addresses left for it

export type BrokenCode = 'timeout' | 'lost' | 'protocol' | 'cancelled' | 'no-exit';

/** A changed, revoked or unknown host key, said so that a person can compare it. */
export interface HostKeyFact {
  algorithm: string;
  seenSha256: string;
  /** The keys that were known for the host, and where: `SHA256:… (known_hosts:12)`. */
  known: string[];
}

export type RunOutcome =
  | {
      state: 'answered';
      /** Null when a signal ended it. */
      exitCode: number | null;
      signal: string;
      truncated: boolean;
      bytes: number;
      ms: number;
      hostKey: HostKeySeen;
    }
  /** It signed us in and began, then broke off or ran out of time. */
  | { state: 'broken'; code: BrokenCode; why: string; bytes: number; ms: number; hostKey: HostKeySeen }
  | { state: 'refused'; code: RefusedCode; why: string; fact?: HostKeyFact }
  | { state: 'unreachable'; code: UnreachableCode; why: string };

export interface Fleet {
  /**
   * Runs the script on the host. Waits for its turn: the bounds on connections, on those of a subnet and of a
   * jump host are the fleet's. Rejects only with the reason of `signal`, and only before the script was sent.
   */
  run(host: SshHost, task: SshTask): Promise<RunOutcome>;
  /** Ends every connection; runs under way end as broken or unreachable. */
  close(): Promise<void>;
}

/** The key of a host that is not known yet. */
export interface NewHostKey {
  algorithm: string;
  sha256: string;
  /** The line for a known_hosts file. */
  line: string;
}

export interface FleetPorts {
  clock: Clock;
  random: Random;
  log: Log;
  resolveSecret(ref: SecretRef): Promise<Secret>;
  /**
   * Asked once a host when trust is `first-use`. The caller writes the key to the ledger and then says yes;
   * without this port nothing is trusted on first use.
   */
  firstUse?(host: SshHost, key: NewHostKey): Promise<boolean>;
}
