/**
 * The connector contract: what Firebreak needs to know of a system in order to replace a credential there
 * and prove the old one dead. A connector is a plain object checked with `satisfies Connector`.
 *
 * Connectors make calls and report what came back. They never retry, persist, approve or print: the engine
 * does. Every capability but `verify` is optional, and absence means unsupported.
 */
import type { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Secret } from '../kernel/secret.ts';

/** The kinds of secret that advisories speak of. */
export const credentialClasses = [
  'password',
  'session',
  'api-token',
  'oauth-token',
  'ssh-key',
  'signing-key',
  'certificate',
  'cloud-key',
  'environment-variable',
  'unknown',
] as const;
export type CredentialClass = (typeof credentialClasses)[number];

/** Why a verdict could not be reached. None of these ever counts as dead. */
const indeterminateReasons = [
  'unreachable', // refused connection, no route, name does not resolve
  'timeout',
  'aborted',
  'wrong-principal', // accepted, but as somebody else
  'unknown-error', // an error code that the connector does not know for an authentication error
  'not-permitted', // the system stopped us before or after it judged the secret
  'rate-limited',
  'protocol', // the answer does not fit the protocol
  'no-secret', // the old secret is not known, so it can't be tried
] as const;
export type IndeterminateReason = (typeof indeterminateReasons)[number];

/** The answer to "does this credential still open the door?" */
export type Verdict =
  | { verdict: 'accepted'; principal: string }
  | { verdict: 'rejected'; code: string; message: string }
  | { verdict: 'indeterminate'; reason: IndeterminateReason; message: string };

/** What an act did. `absent`: there was nothing to do, which is success. */
export type Outcome =
  | { outcome: 'done'; count?: number; note?: string }
  | { outcome: 'absent'; note?: string }
  | { outcome: 'partial'; count: number; message: string }
  | { outcome: 'unsupported'; message: string }
  | { outcome: 'error'; code: string; message: string; retry: 'never' | 'later' };

/** What names a credential at its system. `attributes` hold what the connector needs to find it again; no secrets. */
export interface Target {
  kind: string;
  name: string;
  attributes?: Record<string, string>;
}

/**
 * The moment of replacement in the system's own terms (its clock, its connection counter). Sessions that
 * began before it were opened with the old credential. Opaque to everybody but the connector.
 */
export type Cutover = string;

export type Issued = { outcome: 'done'; cutover: Cutover } | Exclude<Outcome, { outcome: 'done' }>;
export type Minted =
  | { outcome: 'done'; target: Target; secret: Secret; cutover: Cutover }
  | Exclude<Outcome, { outcome: 'done' }>;

/** We choose the secret: it is sealed and stored as intent first, so a repeat sets the same one. */
export interface SetIssue {
  style: 'set';
  /** A secret that the system's own rules admit. */
  generate(target: Target, random: Random): Secret;
  set(target: Target, secret: Secret, signal: AbortSignal): Promise<Issued>;
}

/**
 * The provider chooses the secret. `key` marks the new credential at the provider, so that one left behind
 * by a crash between minting and recording is found by `orphans` and revoked.
 */
export interface MintIssue {
  style: 'mint';
  mint(target: Target, key: string, signal: AbortSignal): Promise<Minted>;
  /** What was minted for `target` under `key`. */
  orphans(target: Target, key: string, signal: AbortSignal): Promise<Target[]>;
}

/** Sessions that began before the cutover and are still open; or why they can't be counted. */
export type SessionProbe =
  | { verdict: 'counted'; alive: number }
  | { verdict: 'indeterminate'; reason: IndeterminateReason; message: string };

/** One thing that a system knows of. */
export type Discovered =
  | { type: 'system'; name: string; version: string; attributes?: Record<string, string> }
  | {
      type: 'identity';
      name: string;
      kind: 'human' | 'service' | 'unknown';
      attributes?: Record<string, string>;
    }
  | {
      type: 'credential';
      target: Target;
      /** Who the system says we are after a login with it. */
      principal: string;
      changedAt?: Date;
      /** The system can only say that the last change was not after this moment. */
      changedNoLaterThan?: Date;
      lastUsedAt?: Date;
      expiresAt?: Date;
    }
  | { type: 'grant'; identity: string; resource: string; privilege: string };

/** An open administrative session at one system. Disposing of it closes every connection that it made. */
export interface Session extends AsyncDisposable {
  /** Who we are at the system. */
  readonly admin: string;
  discover?(signal: AbortSignal): AsyncIterable<Discovered[]>;
  readonly issue?: SetIssue | MintIssue;
  /** Tries a credential over a fresh connection, and never over one that is already authenticated. */
  verify(target: Target, secret: Secret, signal: AbortSignal): Promise<Verdict>;
  /**
   * What the system's own record of the live secret says of this one, without a login: true or false, or
   * undefined where the system does not show its record to us. It only ever spares a login before a change;
   * a proof rests on logins.
   */
  recognises?(target: Target, secret: Secret, signal: AbortSignal): Promise<boolean | undefined>;
  /**
   * Makes `target` invalid. For `swap` kinds issuing already did. `secret` is the credential itself where it
   * is known: some kinds (a web session, RFC 7009 tokens) are revoked by presenting them.
   */
  revoke?(target: Target, signal: AbortSignal, secret?: Secret): Promise<Outcome>;
  /** Ends what the credential had opened before the cutover; without a cutover, all of it. */
  endSessions?(target: Target, before: Cutover | undefined, signal: AbortSignal): Promise<Outcome>;
  probeSessions?(target: Target, before: Cutover | undefined, signal: AbortSignal): Promise<SessionProbe>;
  /** Locks the principal out at once, reversibly. */
  contain?(target: Target, signal: AbortSignal): Promise<Outcome>;
  release?(target: Target, signal: AbortSignal): Promise<Outcome>;
  /** A standing credential for the positive control of kinds that have no replacement. */
  readonly control?: { target: Target; principal: string; secret: Secret };
}

/** What a session may use of the world. */
export interface Ports {
  clock: Clock;
  random: Random;
  log: Log;
  fetch: typeof fetch;
  /** Aborts when opening takes too long; once open, when the session is to end. */
  signal: AbortSignal;
}

/**
 * How a kind of credential is replaced. `overlap`: old and new live side by side until the old one is
 * revoked. `swap`: issuing the new one kills the old one. `none`: it is only revoked (a web session).
 * `manual`: a person replaces it, Firebreak verifies and proves.
 */
export type Replacement = 'overlap' | 'swap' | 'none' | 'manual';

export interface Kind {
  title: string;
  class: CredentialClass;
  replacement: Replacement;
}

/** After how many failed logins in what time the system locks a principal. `null`: it does not. */
export interface LockoutRule {
  failuresMax: number | null;
  windowMs: number;
  /** Where the rule is documented or configured. */
  source: string;
}

export interface Connector<Config extends z.ZodType = z.ZodType> {
  id: string;
  title: string;
  /** The vendor's documentation of what this connector does. */
  docs: string;
  /** Configuration of one system; administrative credentials by reference only. */
  config: Config;
  kinds: Readonly<Record<string, Kind>>;
  /** The least privileges that the administrative principal needs. */
  privileges: readonly string[];
  quotas: { concurrency: number; perSecond?: number };
  lockout(config: z.output<Config>): LockoutRule;
  open(config: z.output<Config>, ports: Ports): Promise<Session>;
}

/** A connector whose configuration type is not known: what the registry holds. */
// biome-ignore lint/suspicious/noExplicitAny: the registry holds connectors of every configuration.
export type AnyConnector = Connector<any>;

/** Law 3: accepted as somebody else is not accepted. */
export function asPrincipal(verdict: Verdict, expected: string): Verdict {
  if (verdict.verdict !== 'accepted' || verdict.principal === expected) return verdict;
  return {
    verdict: 'indeterminate',
    reason: 'wrong-principal',
    message: `the system says that this is ${verdict.principal}, expected ${expected}`,
  };
}
