/** The tables of reboot plans and their approvals. */
import { sql } from 'kysely';
import { FirebreakError } from '../../kernel/errors.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { RebootPlan, RebootProgress, RebootStatus } from './types.ts';

export async function insertPlan(tx: Tx, plan: RebootPlan, digest: string): Promise<void> {
  await tx
    .insertInto('reboot_plan')
    .values({
      id: plan.id,
      incident_id: plan.incidentId,
      plan: JSON.stringify(plan),
      plan_digest: digest,
      status: 'planned',
      status_reason: null,
      created_at: new Date(plan.createdAt),
      created_by: plan.createdBy,
      started_at: null,
      finished_at: null,
    })
    .execute();
}

export interface PlanRow {
  id: string;
  incidentId: string;
  plan: RebootPlan;
  planDigest: string;
  status: RebootStatus;
  control: 'run' | 'pause' | 'cancel';
  run: number;
  createdBy: string;
  approvals: { approver: string; at: string }[];
}

/** Throws not_found. */
export async function getRebootPlan(db: Db | Tx, id: string): Promise<PlanRow> {
  const { rows } = await sql<PlanRow>`
    select p.id, p.incident_id as "incidentId", p.plan, p.plan_digest as "planDigest", p.status, p.control, p.run,
      p.created_by as "createdBy",
      coalesce((select jsonb_agg(jsonb_build_object('approver', approver, 'at', at) order by at)
        from reboot_approval a where a.plan_id = p.id and a.plan_digest = p.plan_digest), '[]') as approvals
    from reboot_plan p where p.id = ${id}`.execute(db);
  if (!rows[0]) throw new FirebreakError('not_found', `no reboot plan ${id}`);
  return rows[0];
}

export async function listRebootPlanIds(db: Db, incidentId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('reboot_plan')
    .select('id')
    .where('incident_id', '=', incidentId)
    .orderBy('created_at')
    .execute();
  return rows.map(({ id }) => id);
}

export async function insertApproval(
  tx: Tx,
  row: { planId: string; approver: string; digest: string; at: Date; seq: number },
): Promise<void> {
  const { planId, approver, digest, at, seq } = row;
  await tx
    .insertInto('reboot_approval')
    .values({ plan_id: planId, approver, plan_digest: digest, at, ledger_seq: seq })
    .execute();
}

export async function setStatus(
  db: Db | Tx,
  id: string,
  status: RebootStatus,
  reason: string | null,
  at: Date,
): Promise<void> {
  const ended = status === 'finished' || status === 'cancelled';
  await sql`
    update reboot_plan set status = ${status}, status_reason = ${reason},
      started_at = case when ${status} = 'running' then coalesce(started_at, ${at}) else started_at end,
      finished_at = ${ended ? at : null}
    where id = ${id}`.execute(db);
}

export async function setControl(db: Db | Tx, id: string, control: PlanRow['control']): Promise<void> {
  await db.updateTable('reboot_plan').set({ control }).where('id', '=', id).execute();
}

/** Whether the plan is to go on. It stays so until the transaction ends: a pause or a cancellation waits for that. */
export async function holdsRunning(tx: Tx, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('reboot_plan')
    .select('control')
    .where('id', '=', id)
    .forShare()
    .executeTakeFirstOrThrow();
  return row.control === 'run';
}

export async function nextRun(tx: Tx, id: string): Promise<number> {
  const row = await tx
    .updateTable('reboot_plan')
    .set((row) => ({ run: row('run', '+', 1), control: 'run' }))
    .where('id', '=', id)
    .returning('run')
    .executeTakeFirstOrThrow();
  return row.run;
}

/** Counted from the members. Throws not_found. */
export async function readRebootProgress(db: Db | Tx, id: string): Promise<RebootProgress> {
  const { rows } = await sql<RebootProgress>`
    select p.id as "planId", p.status, p.status_reason as "statusReason",
      count(*) as total,
      count(*) filter (where m.status = 'done') as done,
      count(*) filter (where m.status = 'failed') as failed,
      count(*) filter (where m.status = 'indeterminate') as indeterminate,
      count(*) filter (where m.status = 'cancelled') as cancelled,
      count(*) filter (where m.status = 'running') as running,
      count(*) filter (where m.status = 'pending') as pending,
      count(*) filter (where m.status <> 'done') as outstanding,
      min(m.wave) filter (where m.status in ('pending', 'running')) as wave,
      coalesce(max(m.wave), 0) as waves,
      p.started_at as "startedAt", p.finished_at as "finishedAt"
    from reboot_plan p join reboot_member m on m.plan_id = p.id
    where p.id = ${id} group by p.id`.execute(db);
  if (!rows[0]) throw new FirebreakError('not_found', `no reboot plan ${id}`);
  return rows[0];
}
