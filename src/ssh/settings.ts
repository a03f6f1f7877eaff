/** `fleet.ssh` of firebreak.yaml: with what to sign in, which hosts to believe, and how hard to push. */
import { z } from 'zod';
import { limits } from '../kernel/limits.ts';
import { SecretRef } from '../kernel/reference.ts';

const whole = (min: number, max: number) =>
  z.int('a whole number').min(min, `at least ${min}`).max(max, `at most ${max}`);
const Path = z.string().min(1, 'a path').max(4096, 'at most 4096 characters');

/** A private key, and its passphrase where it has one. */
const Identity = z.strictObject({ key: SecretRef, passphrase: SecretRef.optional() });

const Timeouts = z.strictObject({
  /** The TCP connection. */
  connectMs: whole(100, 600_000).default(10_000),
  /** From the connection to the verified host key. */
  handshakeMs: whole(100, 600_000).default(15_000),
  /** From the host key to being signed in. */
  authenticationMs: whole(100, 600_000).default(15_000),
});

export const FleetSettings = z.strictObject({
  /** Who to sign in as where neither the host nor ssh_config says it. */
  user: z.string().min(1, 'a user name').max(256, 'at most 256 characters').default('root'),
  /** Private keys, tried in order. */
  identities: z.array(Identity).max(limits.sshIdentitiesMax).default([]),
  /** User certificates (`*-cert.pub`) of these keys, or of keys that the agent holds. */
  certificates: z.array(Path).max(limits.sshIdentitiesMax).default([]),
  /** Also use the keys of the agent at SSH_AUTH_SOCK. */
  agent: z.boolean().default(false),
  /** An ssh_config file; none is read unless named. */
  sshConfig: Path.optional(),
  knownHosts: z.array(Path).max(100).default([]),
  /** Public keys that sign host certificates, as a line of a .pub file; known_hosts may name more. */
  hostCertificateAuthorities: z.array(z.string().min(1).max(16_384)).max(100).default([]),
  /** `first-use` believes the first key of an unknown host, and writes it to the ledger. */
  trust: z.enum(['strict', 'first-use']).default('strict'),
  /** `when-needed`: as root where a task asks for it and the user is not root; only ever `sudo -n`. */
  sudo: z.enum(['never', 'when-needed', 'always']).default('when-needed'),
  /** Hosts at a time; of one /24 (IPv6: /64); through one jump host. */
  concurrency: whole(1, 1_000).default(64),
  perSubnet: whole(1, 1_000).default(32),
  perJump: whole(1, 1_000).default(16),
  timeouts: Timeouts.prefault({}),
});
export type FleetSettings = z.infer<typeof FleetSettings>;
