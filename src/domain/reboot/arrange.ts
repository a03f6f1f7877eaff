/**
 * Which host is restarted in which wave. Pure: hosts and policy in, waves out. It guarantees of every wave that no
 * role has more hosts down than its policy lets, and that every host comes after the ones that it depends on.
 */
import { count } from '../../kernel/text.ts';
import type { RebootPolicy } from '../inventory/index.ts';
import type { RebootAction, RebootTarget, Unplannable } from './types.ts';

export interface Candidate {
  name: string;
  role: string;
  environment: string;
  after: readonly string[];
  action: RebootAction;
  target: RebootTarget;
}

export interface Placed extends Candidate {
  wave: number;
}

interface Restartable {
  /** Hosts to restart. */
  candidates: readonly Candidate[];
  /** Every host of the inventory by role, whether it is restarted or not. */
  roleSizes: ReadonlyMap<string, number>;
  /** Names of the inventory: what `after` may name. */
  known: ReadonlySet<string>;
  /** Environments that come last. */
  critical: ReadonlySet<string>;
}

/** How many hosts of a role may be down at a time; 0 when its quorum forbids any. */
export function downMax(policy: RebootPolicy, role: string, hosts: number): number {
  const own = policy.roles[role];
  const byShare = Math.max(1, Math.floor(hosts * (1 - (own?.keepUpShare ?? policy.keepUpShare)) + 1e-9));
  const byQuorum = own?.keepUpHosts === undefined ? hosts : Math.max(0, hosts - own.keepUpHosts);
  return Math.min(byShare, byQuorum);
}

export function arrange(
  fleet: Restartable,
  policy: RebootPolicy,
): { placed: Placed[]; unplannable: Unplannable[] } {
  const unplannable: Unplannable[] = [];
  const able = fleet.candidates.filter((host) => {
    const fault = findFault(fleet, policy, host);
    if (fault) unplannable.push(fault);
    return !fault;
  });
  const { ordered, circular } = inOrder(able, policy, fleet.critical);
  for (const { host, of } of circular)
    unplannable.push({
      host: host.name,
      code: 'circle',
      reason: `it waits for itself by way of ${of}: change "after" of one of them`,
    });
  return { placed: place(ordered, fleet, policy), unplannable };
}

function findFault(
  { roleSizes, known }: Restartable,
  policy: RebootPolicy,
  host: Candidate,
): Unplannable | undefined {
  const size = roleSizes.get(host.role) ?? 1;
  if (downMax(policy, host.role, size) === 0) {
    const reason = `role ${host.role} has ${count(size)} and must keep ${policy.roles[host.role]?.keepUpHosts} up: restart it by hand, or lower fleet.reboot.roles.${host.role}.keepUpHosts`;
    return { host: host.name, code: 'quorum', reason };
  }
  const missing = host.after.find((one) =>
    one.startsWith('role:') ? !roleSizes.has(one.slice(5)) : !known.has(one),
  );
  if (missing === undefined) return undefined;
  return {
    host: host.name,
    code: 'unknown-dependency',
    reason: `it is to come after ${missing}, which is not in the inventory`,
  };
}

/** Every host after those that it waits for; among equals, critical environments last. */
function inOrder(hosts: readonly Candidate[], policy: RebootPolicy, critical: ReadonlySet<string>) {
  const names = new Map(hosts.map((host) => [host.name, host]));
  const roles = new Set(hosts.map(({ role }) => role));
  // A role is a node of its own, so that "after all replicas" is not an edge for each of them.
  const waitsFor = new Map<string, Set<string>>();
  const edge = (from: string, to: string) => waitsFor.set(from, (waitsFor.get(from) ?? new Set()).add(to));
  for (const host of hosts) {
    edge(`role ${host.role}`, `host ${host.name}`);
    for (const one of host.after) if (names.has(one)) edge(`host ${host.name}`, `host ${one}`);
    for (const role of rolesBefore(host, policy))
      if (roles.has(role)) edge(`host ${host.name}`, `role ${role}`);
  }
  const level = levels(waitsFor);
  const ordered = hosts.filter(({ name }) => level.get(`host ${name}`) !== Number.POSITIVE_INFINITY);
  const circular = hosts
    .filter(({ name }) => level.get(`host ${name}`) === Number.POSITIVE_INFINITY)
    .map((host) => ({ host, of: [...(waitsFor.get(`host ${host.name}`) ?? [])].join(', ') }));
  const rank = (host: Candidate) => (critical.has(host.environment) ? 1 : 0);
  const depth = (host: Candidate) => level.get(`host ${host.name}`) ?? 0;
  ordered.sort(
    (a, b) => depth(a) - depth(b) || rank(a) - rank(b) || compare(a.role, b.role) || compare(a.name, b.name),
  );
  return { ordered, circular };
}

/** How many nodes stand before each on its longest way; infinite in a circle and behind one. */
function levels(waitsFor: ReadonlyMap<string, ReadonlySet<string>>): Map<string, number> {
  const level = new Map<string, number>();
  const nodes = new Set([...waitsFor.keys(), ...[...waitsFor.values()].flatMap((set) => [...set])]);
  const waiting = new Map([...nodes].map((node) => [node, waitsFor.get(node)?.size ?? 0]));
  const waiters = new Map<string, string[]>();
  for (const [from, set] of waitsFor)
    for (const to of set) waiters.set(to, [...(waiters.get(to) ?? []), from]);
  const ready = [...nodes].filter((node) => waiting.get(node) === 0);
  for (const node of nodes) level.set(node, waiting.get(node) === 0 ? 0 : Number.POSITIVE_INFINITY);
  const best = new Map<string, number>();
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    const own = level.get(node) as number;
    for (const one of waiters.get(node) ?? []) {
      best.set(one, Math.max(best.get(one) ?? 0, own + 1));
      waiting.set(one, (waiting.get(one) as number) - 1);
      if (waiting.get(one) !== 0) continue;
      level.set(one, best.get(one) as number);
      ready.push(one);
    }
  }
  return level;
}

/** The roles that a host waits for. */
const rolesBefore = (host: Candidate, policy: RebootPolicy): string[] => [
  ...(policy.roles[host.role]?.after ?? []),
  ...host.after.filter((one) => one.startsWith('role:')).map((one) => one.slice(5)),
];

/** Each host into the first wave that may have it: the canary, then ordinary environments, then critical ones. */
function place(ordered: readonly Candidate[], fleet: Restartable, policy: RebootPolicy): Placed[] {
  const late = lateOnes(ordered, policy, fleet.critical);
  const early = ordered.filter((host) => !late.has(host));
  const slots = new Slots(fleet, policy);
  const canary = canaries(early, policy);
  for (const host of canary) slots.put(host, 1);
  const start = canary.size > 0 ? 2 : 1;
  for (const host of early) if (!canary.has(host)) slots.put(host, start);
  const afterEarly = slots.last + 1;
  for (const host of ordered) if (late.has(host)) slots.put(host, afterEarly);
  return numberWaves(ordered.map((host) => ({ ...host, wave: slots.waveOf(host.name) })));
}

/** Hosts of critical environments, and those that wait for one of them. */
function lateOnes(
  ordered: readonly Candidate[],
  policy: RebootPolicy,
  critical: ReadonlySet<string>,
): Set<Candidate> {
  const late = new Set<Candidate>();
  const [names, roles] = [new Set<string>(), new Set<string>()];
  for (const host of ordered) {
    const waits =
      host.after.some((one) => names.has(one)) || rolesBefore(host, policy).some((role) => roles.has(role));
    if (!critical.has(host.environment) && !waits) continue;
    late.add(host);
    names.add(host.name);
    roles.add(host.role);
  }
  return late;
}

/** A few of each role that wait for nothing. */
function canaries(early: readonly Candidate[], policy: RebootPolicy): Set<Candidate> {
  const taken = new Map<string, number>();
  const canary = new Set<Candidate>();
  for (const host of early) {
    const count = taken.get(host.role) ?? 0;
    if (host.after.length > 0 || rolesBefore(host, policy).length > 0 || count >= policy.canary) continue;
    taken.set(host.role, count + 1);
    canary.add(host);
  }
  return canary;
}

/** The waves as they fill up. Hosts are put in the order of what they wait for. */
class Slots {
  readonly #fleet: Restartable;
  readonly #policy: RebootPolicy;
  readonly #waves = new Map<string, number>();
  readonly #sizes = new Map<number, number>();
  readonly #roleSizes = new Map<string, number>();
  readonly #lastOfRole = new Map<string, number>();
  /** The first wave with room, by role and by where the search begins. */
  readonly #room = new Map<string, number>();
  last = 0;

  constructor(fleet: Restartable, policy: RebootPolicy) {
    this.#fleet = fleet;
    this.#policy = policy;
  }

  waveOf(name: string): number {
    return this.#waves.get(name) ?? 0;
  }

  put(host: Candidate, start: number): void {
    const before = [
      ...host.after.map((one) => this.waveOf(one)),
      ...rolesBefore(host, this.#policy).map((role) => this.#lastOfRole.get(role) ?? 0),
    ];
    const floor = Math.max(start, ...before.map((wave) => wave + 1));
    const max = downMax(this.#policy, host.role, this.#fleet.roleSizes.get(host.role) ?? 1);
    let wave = Math.max(floor, this.#room.get(`${floor} ${host.role}`) ?? 0);
    const isFull = () =>
      (this.#roleSizes.get(`${wave} ${host.role}`) ?? 0) >= max ||
      (this.#sizes.get(wave) ?? 0) >= this.#policy.waveHosts;
    while (isFull()) wave++;
    this.#room.set(`${floor} ${host.role}`, wave);
    this.#roleSizes.set(`${wave} ${host.role}`, (this.#roleSizes.get(`${wave} ${host.role}`) ?? 0) + 1);
    this.#sizes.set(wave, (this.#sizes.get(wave) ?? 0) + 1);
    this.#waves.set(host.name, wave);
    this.#lastOfRole.set(host.role, Math.max(this.#lastOfRole.get(host.role) ?? 0, wave));
    this.last = Math.max(this.last, wave);
  }
}

/** Waves without gaps, in their order. */
function numberWaves(placed: Placed[]): Placed[] {
  const used = [...new Set(placed.map(({ wave }) => wave))].sort((a, b) => a - b);
  const number = new Map(used.map((wave, index) => [wave, index + 1]));
  return placed
    .map((host) => ({ ...host, wave: number.get(host.wave) as number }))
    .sort((a, b) => a.wave - b.wave || compare(a.role, b.role) || compare(a.name, b.name));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
