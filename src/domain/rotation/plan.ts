/** Makes a plan: which credentials, in which order and waves, at what pace. Nothing is changed at any system. */

import { createHash } from 'node:crypto';
import { FirebreakError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { limits } from '../../kernel/limits.ts';
import { count } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import type { Systems } from '../inventory/index.ts';
import { planDigest } from '../plans/index.ts';
import { negativeProbes } from './probe-budget.ts';
import { type Candidate, campaigns, listCandidates } from './store.ts';
import { insertMembers, type MemberRow } from './store-members.ts';
import type { Plan, PlannedSystem, Unplannable } from './types.ts';

const pageRows = 5_000;
const unplannableListedMax = 1_000;
/** What one credential takes on one lane when nothing better is known. The plan says that it is an estimate. */
const assumedSecondsEach = 0.15;

/** Plans every outstanding exposure of the incident that no live campaign holds. Throws outstanding-free conflicts. */
export async function planRotation(context: Context, systems: Systems, incidentId: string): Promise<Plan> {
  const { planned, unplannable, unplannableTotal } = await sortCandidates(context, systems, incidentId);
  if (planned.length === 0) {
    const why = unplannable[0]
      ? `: ${count(unplannableTotal)} are outstanding but can't be planned (first: ${unplannable[0].ref}: ${unplannable[0].reason})`
      : '';
    throw new FirebreakError('conflict', `nothing to plan${why}`, {
      faults: unplannable.map((one) => ({ field: one.ref, expected: one.reason })),
    });
  }
  const members = arrange(systems, planned);
  const plan = describePlan(context, systems, incidentId, members, {
    total: unplannableTotal,
    listed: unplannable,
  });
  const digest = planDigest(plan);
  await context.db.transaction().execute(async (tx) => {
    await campaigns.insert(tx, plan, digest);
    for (let start = 0; start < members.length; start += pageRows)
      await insertMembers(tx, plan.id, members.slice(start, start + pageRows), context.clock.now());
    const { unplannable: _, ...data } = plan;
    await context.ledger.appendWithin(tx, [
      {
        kind: 'rotation.planned',
        actor: context.actor,
        incidentId,
        subject: plan.id,
        data: { ...data, digest, unplannable: unplannableTotal },
      },
    ]);
  });
  return plan;
}

async function sortCandidates(context: Context, systems: Systems, incidentId: string) {
  const planned: Candidate[] = [];
  const unplannable: Unplannable[] = [];
  let unplannableTotal = 0;
  for (let after = ''; ; ) {
    const page = await listCandidates(context.db, incidentId, after, pageRows);
    for (const candidate of page) {
      const obstacle = findObstacle(systems, candidate);
      if (!obstacle) planned.push(candidate);
      else if (++unplannableTotal <= unplannableListedMax)
        unplannable.push({ ref: candidate.ref, ...obstacle });
    }
    const last = page.at(-1);
    if (!last || page.length < pageRows) return { planned, unplannable, unplannableTotal };
    after = last.ref;
  }
}

/** Why no plan can take this credential on; nothing when one can. */
export function findObstacle(systems: Systems, candidate: Candidate): Omit<Unplannable, 'ref'> | undefined {
  const configured = systems.config.systems.some((system) => system.name === candidate.system);
  if (!configured)
    return {
      code: 'no-connector',
      reason: `system ${candidate.system} is not in firebreak.yaml: add it with its connector and hosts, or except the credential`,
    };
  const kind = systems.kind(candidate.system, candidate.kind);
  if (!kind)
    return {
      code: 'kind-unsupported',
      reason: `connector ${systems.get(candidate.system).connector} does not know credentials of kind ${candidate.kind}`,
    };
  if (candidate.attributes.administrative === 'true')
    return {
      code: 'own-credential',
      reason:
        'Firebreak works with it: replace it by hand where firebreak.yaml points, then except it or lead the incident without it',
    };
  if (kind.replacement === 'none' || candidate.delivery?.kind === 'env-file') return undefined;
  const owner = systems.config.owners.find((known) => known.name === candidate.owner);
  if (owner && owner.recipients.length > 0) return undefined;
  return {
    code: 'no-delivery',
    reason: `its replacement has nowhere to go: give owner ${candidate.owner ?? '(none)'} an age recipient, or system ${candidate.system} a delivery`,
  };
}

interface Arranged extends MemberRow {
  ref: string;
}

/** The canary first: a few of every system; then the rest, critical environments last, one system after another. */
function arrange(systems: Systems, planned: Candidate[]): Arranged[] {
  const { canary, size } = systems.config.policy.waves;
  const critical = new Set(systems.config.environments.filter((one) => one.critical).map((one) => one.name));
  const rank = (candidate: Candidate) => (critical.has(candidate.environment ?? '') ? 1 : 0);
  const ordered = [...planned].sort(
    (a, b) => rank(a) - rank(b) || compare(a.system, b.system) || compare(a.ref, b.ref),
  );
  const seen = new Map<string, number>();
  const perSystem = Math.max(
    1,
    Math.floor(canary / Math.max(1, new Set(ordered.map((one) => one.system)).size)),
  );
  const isCanary = (candidate: Candidate) => {
    const taken = seen.get(candidate.system) ?? 0;
    seen.set(candidate.system, taken + 1);
    return canary > 0 && taken < perSystem;
  };
  const first: Candidate[] = [];
  const rest: Candidate[] = [];
  for (const candidate of ordered) (isCanary(candidate) ? first : rest).push(candidate);
  const waves = [...(first.length > 0 ? [first] : []), ...chunk(rest, size)];
  return number(waves);
}

/** Numbers members, waves and batches; a batch holds one system's members of one wave. */
function number(waves: Candidate[][]): Arranged[] {
  const members: Arranged[] = [];
  let batch = 0;
  for (const [index, wave] of waves.entries()) {
    let open: { system: string; size: number } | undefined;
    for (const { exposureId, credentialId, system, ref } of wave) {
      if (!open || open.system !== system || open.size === limits.rotationBatchCredentials) {
        open = { system, size: 0 };
        batch++;
      }
      open.size++;
      members.push({
        ordinal: members.length + 1,
        exposureId,
        credentialId,
        system,
        wave: index + 1,
        batch,
        ref,
      });
    }
  }
  return members;
}

function describePlan(
  context: Context,
  systems: Systems,
  incidentId: string,
  members: Arranged[],
  unplannable: Plan['unplannable'],
): Plan {
  const { policy } = systems.config;
  const bySystem = countBy(members, (member) => member.system);
  const planned = [...bySystem].map(([system, count]) => describeSystem(systems, system, count));
  const digest = createHash('sha256');
  for (const member of members)
    digest.update(`${member.ordinal}\0${member.exposureId}\0${member.credentialId}\0${member.ref}\n`);
  const waves = [...countBy(members, (member) => member.wave)].map(([wave, count]) => ({
    wave,
    members: count,
    batches: new Set(members.filter((member) => member.wave === wave).map((member) => member.batch)).size,
    canary: wave === 1 && policy.waves.canary > 0,
  }));
  return {
    id: newId('campaign', context.random),
    incidentId: incidentId as Plan['incidentId'],
    createdAt: context.clock.now().toISOString(),
    createdBy: context.actor,
    members: members.length,
    membersDigest: digest.digest('hex'),
    waves,
    systems: planned,
    unplannable,
    estimatedSeconds: Math.max(...planned.map((one) => one.estimatedSeconds)),
    approvals: policy.approvals,
    failureRateMax: policy.waves.failureRateMax,
  };
}

function describeSystem(systems: Systems, system: string, members: number): PlannedSystem {
  const connector = systems.connector(system);
  const configured = systems.get(system);
  const concurrency = configured.concurrency ?? connector.quotas.concurrency;
  const perSecond = configured.perSecond ?? connector.quotas.perSecond ?? null;
  const rate = Math.min(concurrency / assumedSecondsEach, perSecond ?? Number.POSITIVE_INFINITY);
  return {
    system,
    connector: connector.id,
    members,
    concurrency,
    perSecond,
    negativeProbes: negativeProbes(systems, system),
    estimatedSeconds: Math.ceil(members / rate),
  };
}

function countBy<T, K>(items: T[], key: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

function chunk<T>(items: T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
