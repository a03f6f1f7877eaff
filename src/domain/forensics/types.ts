/** The nouns of the forensics module: what a collection of one host says, and what stands out in it. */

/** What an artifact costs the host it is collected on: light ones together take less than a second. */
export const costClasses = ['light', 'full'] as const;
export type CostClass = (typeof costClasses)[number];

/**
 * One thing seen on a host. `key` is its identity among siblings (a path, a user, a unit; no pids, no times), and
 * `value` is what is compared across the fleet (a hash, a uid, a command line). Two hosts that are alike have the
 * same (artifact, key, value).
 */
export interface Fact {
  artifact: string;
  key: string;
  value: string;
  /** What else is known of it, for people and rules; never compared. */
  detail: Readonly<Record<string, string>>;
  /** The ATT&CK technique that would leave such a thing, where it names one; else empty. */
  technique: string;
  /** When the thing last changed or happened on the host's own clock. */
  at: Date | null;
  /** Whose it is: a user name or uid; empty where that makes no sense. */
  owner: string;
  /** The file it is about; empty where there is none. */
  path: string;
  /** Of the file's content, in hexadecimal; empty where it was not hashed. */
  sha256: string;
}

/** What stands out on one host by itself. Score 0 to 100; from `findingScoreLine` on it is named. */
export interface HostFinding {
  rule: string;
  title: string;
  /** In words, with what was seen. */
  why: string;
  technique: string;
  score: number;
  fact: Fact;
}

const artifactStates = ['collected', 'partial', 'missing', 'failed'] as const;

/**
 * What became of one artifact on one host: collected whole; partial (without privileges, out of time, cut off at
 * the limit, or the stream broke off); missing (the host has no such thing, so there is nothing to see); failed.
 */
export interface ArtifactOutcome {
  artifact: string;
  state: (typeof artifactStates)[number];
  why: string;
  /** Bytes of the artifact's output that arrived, before its encoding. */
  bytes: number;
  truncated: boolean;
}

export interface HostIdentity {
  hostname: string;
  machineId: string;
  bootId: string;
  bootedAt: Date | null;
  kernel: string;
  /** As in os-release: `debian`, `rhel`, `alpine`. */
  osId: string;
  osVersion: string;
  /** The host's clock minus ours when its first output arrived, so it includes the way here. */
  clockOffsetMs: number | null;
  /** What kind of container it is (`docker`, `podman`, `lxc`, `systemd-nspawn`, `other`), or empty. */
  container: string;
}

/** Everything one run of the collector said of one host. Whatever was asked for has an outcome. */
export interface Collected {
  identity: HostIdentity;
  facts: Fact[];
  artifacts: ArtifactOutcome[];
  /** False when the stream ended before the script said that it had finished. */
  complete: boolean;
}
