/** The members of a reboot plan: one row a host, and the truth about it after any crash. */
import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../store/index.ts';
import type { MemberStatus } from '../plans/index.ts';
import type { MeasuredRestarts } from './estimate.ts';
import type { BootIdentity, RebootMember, RebootStage } from './types.ts';

export type NewMember = Pick<
  RebootMember,
  'ordinal' | 'host' | 'role' | 'wave' | 'batch' | 'action' | 'target'
>;

export async function insertMembers(
  tx: Tx,
  planId: string,
  members: readonly NewMember[],
  at: Date,
): Promise<void> {
  await sql`
    insert into reboot_member (plan_id, ordinal, host, role, wave, batch, action, target, updated_at)
    select ${planId}, ordinal, host, role, wave, batch, action, target, ${at}
    from jsonb_to_recordset(${JSON.stringify(members)}::jsonb) as r
      (ordinal integer, host text, role text, wave integer, batch integer, action text, target jsonb)`.execute(
    tx,
  );
}

const columns: RawBuilder<unknown> = sql`plan_id as "planId", ordinal, host, role, wave, batch, action, target, stage,
  status, down, reason_code as "reasonCode", reason, identity_before as before, identity_after as after,
  requested_at as "requestedAt", requests, proof_seq as "proofSeq"`;

/** Members of a batch that are not at their end, in the order of the plan. */
export async function listOpenMembers(db: Db, planId: string, batch: number): Promise<RebootMember[]> {
  const { rows } = await sql<RebootMember>`
    select ${columns} from reboot_member
    where plan_id = ${planId} and batch = ${batch} and status in ('pending', 'running') order by ordinal`.execute(
    db,
  );
  return rows;
}

/** A page of members, all of them or those that are outstanding. */
export async function listRebootMembers(
  db: Db,
  planId: string,
  { after, limit, outstanding }: { after: number; limit: number; outstanding: boolean },
): Promise<RebootMember[]> {
  const { rows } = await sql<RebootMember>`
    select ${columns} from reboot_member
    where plan_id = ${planId} and ordinal > ${after} and (not ${outstanding} or status <> 'done')
    order by ordinal limit ${limit}`.execute(db);
  return rows;
}

/**
 * What a role's restarts in a wave took, from the first request until the last host was back, of all incidents. Only
 * those count that were asked for once and proven without a retry.
 */
export async function measureRestarts(db: Db | Tx): Promise<MeasuredRestarts> {
  const { rows } = await sql<{ role: string | null; seconds: number; restarts: number }>`
    with spans as (
      select role, count(*) as hosts,
        extract(epoch from max((identity_after ->> 'seenAt')::timestamptz) - min(requested_at)) as seconds
      from reboot_member where status = 'done' and action = 'reboot' and requests = 1 and attempts = 0
      group by plan_id, wave, role)
    select role, sum(hosts)::bigint as restarts,
      (percentile_cont(0.5) within group (order by seconds))::float8 as seconds
    from spans group by grouping sets ((role), ())`.execute(db);
  // Plans that went through in one run: their time a wave holds what lies between the waves, too.
  const plans = await sql<{ seconds: number | null }>`
    select (percentile_cont(0.5) within group (order by seconds))::float8 as seconds from (
      select extract(epoch from p.finished_at - p.started_at) / count(distinct m.wave) as seconds
      from reboot_plan p join reboot_member m on m.plan_id = p.id
      where p.status = 'finished' and p.run = 1 group by p.id) as each`.execute(db);
  const overall = rows.find(({ role }) => role === null);
  return {
    byRole: new Map(rows.flatMap(({ role, seconds }) => (role === null ? [] : [[role, seconds] as const]))),
    overall: overall?.seconds ?? undefined,
    wave: plans.rows[0]?.seconds ?? 0,
    restarts: overall?.restarts ?? 0,
  };
}

export async function listOpenBatches(
  db: Db,
  planId: string,
  wave: number,
): Promise<{ batch: number; roles: string[] }[]> {
  const { rows } = await sql<{ batch: number; roles: string[] }>`
    select batch, array_agg(distinct role) as roles from reboot_member
    where plan_id = ${planId} and wave = ${wave} and status in ('pending', 'running')
    group by batch order by batch`.execute(db);
  return rows;
}

/** What ended badly so that no further host may be touched: the first of it. */
export async function firstFailure(
  db: Db | Tx,
  planId: string,
  wave: number,
): Promise<{ host: string; reason: string; count: number } | undefined> {
  const { rows } = await sql<{ host: string; reason: string; count: number }>`
    select host, reason, count(*) over () as count from reboot_member
    where plan_id = ${planId} and wave = ${wave} and status = 'failed' order by ordinal limit 1`.execute(db);
  return rows[0];
}

/** A move of one member; what is not given stays. */
export interface Move {
  stage?: RebootStage;
  status?: MemberStatus;
  down?: boolean;
  reasonCode?: string | null;
  reason?: string | null;
  before?: BootIdentity;
  after?: BootIdentity;
  requestedAt?: Date;
  requests?: number;
  proofSeq?: number;
}

export async function moveMember(
  db: Db | Tx,
  { planId, ordinal }: Pick<RebootMember, 'planId' | 'ordinal'>,
  move: Move,
  at: Date,
): Promise<void> {
  await db
    .updateTable('reboot_member')
    .set({
      updated_at: at,
      ...(move.stage !== undefined && { stage: move.stage }),
      ...(move.status !== undefined && { status: move.status }),
      ...(move.down !== undefined && { down: move.down }),
      ...(move.reasonCode !== undefined && { reason_code: move.reasonCode }),
      ...(move.reason !== undefined && { reason: move.reason }),
      ...(move.before !== undefined && { identity_before: JSON.stringify(move.before) }),
      ...(move.after !== undefined && { identity_after: JSON.stringify(move.after) }),
      ...(move.requestedAt !== undefined && { requested_at: move.requestedAt }),
      ...(move.requests !== undefined && { requests: move.requests }),
      ...(move.proofSeq !== undefined && { proof_seq: move.proofSeq }),
    })
    .where('plan_id', '=', planId)
    .where('ordinal', '=', ordinal)
    .execute();
}

/** `full`: others of the role are being restarted or are drained for it, so waiting helps; `stuck`: it does not. */
export type TakeDown = 'taken' | 'full' | 'stuck';

/**
 * Marks the member as down when its role may spare it. Whoever asks at the same time, on any worker, is asked one
 * after the other. What is down and what of it is under way is counted at one moment: a host that comes back between
 * two counts would be in neither.
 */
export async function takeDown(
  db: Db,
  member: Pick<RebootMember, 'planId' | 'ordinal' | 'role' | 'wave'>,
  downMax: number,
  at: Date,
): Promise<TakeDown> {
  const { planId, ordinal, role, wave } = member;
  return db.transaction().execute(async (tx): Promise<TakeDown> => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`reboot ${planId} ${role}`}, 0))`.execute(tx);
    const { rows } = await sql<{ down: number; underWay: number }>`
      select count(*) as down,
        count(*) filter (where status = 'running' or (status = 'pending' and stage = 'drained')) as "underWay"
      from reboot_member
      where plan_id = ${planId} and role = ${role} and down and ordinal <> ${ordinal}`.execute(tx);
    const { down = 0, underWay = 0 } = rows[0] ?? {};
    if (down >= downMax) return underWay > 0 ? 'full' : 'stuck';
    // Asked after the count: room that a host left by failing is no room.
    if ((await firstFailure(tx, planId, wave)) !== undefined) return 'stuck';
    await moveMember(tx, { planId, ordinal }, { status: 'running', down: true }, at);
    return 'taken';
  });
}

export async function cancelOpenMembers(tx: Tx, planId: string, at: Date): Promise<void> {
  await sql`
    update reboot_member set status = 'cancelled', reason_code = 'cancelled', updated_at = ${at},
      reason = 'the plan was cancelled' || case when stage = 'drained'
        then ' after the host was drained: put it back into service by hand' else '' end
    where plan_id = ${planId} and status = 'pending'`.execute(tx);
}

/** Puts failed and unproven members back in line, from the stage where each stands. */
export async function reopenMembers(tx: Tx, planId: string, at: Date): Promise<number> {
  const { rows } = await sql`
    update reboot_member set status = 'pending', reason_code = null, reason = null, attempts = attempts + 1, updated_at = ${at}
    where plan_id = ${planId} and status in ('failed', 'indeterminate') returning ordinal`.execute(tx);
  return rows.length;
}
