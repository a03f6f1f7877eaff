/** Makes a plan: which hosts, in which waves, at what pace. Nothing is asked of any host. */

import { createHash } from 'node:crypto';
import { FirebreakError } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/hash.ts';
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import { count } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import {
  countHosts,
  type HostSelection,
  type KnownHost,
  listHosts,
  type Systems,
} from '../inventory/index.ts';
import { planDigest } from '../plans/index.ts';
import { arrange, type Candidate, downMax, type Placed } from './arrange.ts';
import { estimate, type MeasuredRestarts } from './estimate.ts';
import { rebootPlans } from './store.ts';
import { insertMembers, measureRestarts, type NewMember } from './store-members.ts';
import type { RebootPlan, Unplannable } from './types.ts';

const pageRows = 5_000;

/** Plans every host of the selection of which the inventory expects a restart. Throws conflict when there is none. */
export async function planReboot(
  context: Context,
  systems: Systems,
  incidentId: string,
  selection: HostSelection = {},
): Promise<RebootPlan> {
  const { fleet, environments, policy } = systems.config;
  const all = await listAll(context, {});
  const wanted = isEmpty(selection) ? all : await listAll(context, selection);
  const candidates = wanted.flatMap(toCandidate);
  const roleSizes = new Map<string, number>();
  for (const { role, hosts } of await countHosts(context.db))
    roleSizes.set(role, (roleSizes.get(role) ?? 0) + hosts);
  const critical = new Set(environments.filter((one) => one.critical).map(({ name }) => name));
  const known = new Set(all.map(({ name }) => name));
  const { placed, unplannable } = arrange({ candidates, roleSizes, known, critical }, fleet.reboot);
  if (placed.length === 0) throw nothingToPlan(wanted.length, unplannable);
  const plan = describe(context, incidentId, placed, unplannable, {
    approvals: policy.approvals,
    minutesMax: fleet.reboot.minutesMax,
    canary: fleet.reboot.canary > 0,
    measured: await measureRestarts(context.db),
    downMax: (role) => downMax(fleet.reboot, role, roleSizes.get(role) ?? 1),
  });
  await save(context, plan, placed, unplannable.length);
  return plan;
}

async function listAll(context: Context, selection: HostSelection): Promise<KnownHost[]> {
  const hosts: KnownHost[] = [];
  for (let after = ''; ; ) {
    const page = await listHosts(context.db, { ...selection, after, limit: pageRows });
    hosts.push(...page);
    if (hosts.length > limits.rebootHostsMax)
      throw new FirebreakError(
        'limit_exceeded',
        `a plan has at most ${limits.rebootHostsMax} hosts: select by role, site or environment`,
      );
    if (page.length < pageRows) return hosts;
    after = page.at(-1)?.name ?? '';
  }
}

const isEmpty = (selection: HostSelection): boolean =>
  Object.values(selection).every((patterns) => patterns === undefined || patterns.length === 0);

function toCandidate(host: KnownHost): Candidate[] {
  if (host.boot === 'none') return [];
  const { name, role, environment, after, address, port, login, jump } = host;
  return [{ name, role, environment, after, action: host.boot, target: { address, port, login, jump } }];
}

function nothingToPlan(hosts: number, unplannable: readonly Unplannable[]): FirebreakError {
  const first = unplannable[0];
  const why = first
    ? `: ${count(unplannable.length)} can't be planned (first: ${first.host}: ${first.reason})`
    : hosts === 0
      ? ': the inventory has no such hosts (firebreak inventory hosts import FILE, or fleet.hosts of firebreak.yaml)'
      : ': of none of these hosts a restart is expected';
  return new FirebreakError('conflict', `nothing to restart${why}`, {
    faults: unplannable.map(({ host, reason }) => ({ field: host, expected: reason })),
  });
}

interface Terms {
  approvals: number;
  minutesMax: number;
  canary: boolean;
  measured: MeasuredRestarts;
  downMax(role: string): number;
}

function describe(
  context: Context,
  incidentId: string,
  placed: readonly Placed[],
  unplannable: Unplannable[],
  terms: Terms,
): RebootPlan {
  const digest = createHash('sha256');
  for (const [index, host] of placed.entries())
    digest.update(
      `${index + 1}\0${host.wave}\0${host.action}\0${host.name}\0${canonicalJson(host.target)}\n`,
    );
  const waves = countBy(placed, ({ wave }) => wave);
  const roles = countBy(placed, ({ role }) => role);
  const wavesOf = (role: string) =>
    new Set(placed.filter((one) => one.role === role).map(({ wave }) => wave)).size;
  const { approvals, minutesMax } = terms;
  return {
    id: newId('reboot', context.random),
    incidentId,
    createdAt: context.clock.now().toISOString(),
    createdBy: context.actor,
    members: placed.length,
    membersDigest: digest.digest('hex'),
    waves: [...waves].map(([wave, hosts]) => ({
      wave,
      hosts,
      canary: wave === 1 && terms.canary && waves.size > 1,
    })),
    roles: [...roles]
      .sort()
      .map(([role, hosts]) => ({ role, hosts, downMax: terms.downMax(role), waves: wavesOf(role) })),
    reimages: placed.filter(({ action }) => action === 'reimage').length,
    unplannable: { total: unplannable.length, listed: unplannable },
    estimate: estimate(placed, terms.measured, minutesMax),
    approvals,
    minutesMax,
  };
}

function countBy<K>(placed: readonly Placed[], key: (host: Placed) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const host of placed) counts.set(key(host), (counts.get(key(host)) ?? 0) + 1);
  return counts;
}

/** Numbers the members and cuts each wave into batches. */
function toMembers(placed: readonly Placed[]): NewMember[] {
  let [batch, size, wave] = [0, 0, 0];
  return placed.map((host, index) => {
    if (host.wave !== wave || size === limits.rebootBatchHosts)
      [batch, size, wave] = [batch + 1, 0, host.wave];
    size++;
    const { name, role, action, target } = host;
    return { ordinal: index + 1, host: name, role, wave, batch, action, target };
  });
}

async function save(
  context: Context,
  plan: RebootPlan,
  placed: readonly Placed[],
  unplannable: number,
): Promise<void> {
  const members = toMembers(placed);
  const digest = planDigest(plan);
  await context.db.transaction().execute(async (tx) => {
    await rebootPlans.insert(tx, plan, digest);
    for (let start = 0; start < members.length; start += pageRows)
      await insertMembers(tx, plan.id, members.slice(start, start + pageRows), context.clock.now());
    // The waves of a large fleet are many: the digest stands for them.
    const { unplannable: _, waves, ...data } = plan;
    await context.ledger.appendWithin(tx, [
      {
        kind: 'reboot.planned',
        actor: context.actor,
        incidentId: plan.incidentId,
        subject: plan.id,
        data: { ...data, waves: waves.length, digest, unplannable },
      },
    ]);
  });
}
