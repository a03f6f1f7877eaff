/** The tables of campaigns and their approvals. */
import { sql } from 'kysely';
import { FirebreakError } from '../../kernel/errors.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { Delivery } from '../inventory/index.ts';
import { type CampaignStatus, type Plan, type Progress, stages } from './types.ts';

export async function insertCampaign(tx: Tx, plan: Plan, digest: string): Promise<void> {
  await tx
    .insertInto('campaign')
    .values({
      id: plan.id,
      incident_id: plan.incidentId,
      plan: JSON.stringify(plan),
      plan_digest: digest,
      status: 'planned',
      status_reason: null,
      created_at: new Date(plan.createdAt),
      created_by: plan.createdBy,
      run_started_at: null,
      started_at: null,
      finished_at: null,
    })
    .execute();
}

/** An outstanding exposure as the planner sees it. */
export interface Candidate {
  exposureId: string;
  credentialId: string;
  ref: string;
  system: string;
  kind: string;
  environment: string | null;
  owner: string | null;
  delivery: Delivery | null;
  attributes: Record<string, string>;
}

/** Outstanding exposures that no live campaign holds, in order of ref, a page at a time. */
export async function listCandidates(
  db: Db,
  incidentId: string,
  after: string,
  limit: number,
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select s.id as "exposureId", s.credential_id as "credentialId", s.ref, s.system, s.kind, s.environment, s.owner, c.delivery, c.attributes
    from exposure_state s
    join credential c on c.id = s.credential_id
    where s.incident_id = ${incidentId} and s.state = 'outstanding' and s.ref > ${after}
      and not exists (
        select 1 from rotation r join campaign k on k.id = r.campaign_id
        where r.credential_id = s.credential_id and r.status in ('pending', 'running', 'failed')
          and k.status in ('planned', 'approved', 'running', 'paused', 'stopped'))
    order by s.ref limit ${limit}`.execute(db);
  return rows;
}

export interface CampaignRow {
  id: string;
  incidentId: string;
  plan: Plan;
  planDigest: string;
  status: CampaignStatus;
  statusReason: string | null;
  control: 'run' | 'pause' | 'cancel';
  run: number;
  createdBy: string;
  approvals: { approver: string; at: string }[];
}

/** Throws not_found. */
export async function getCampaign(db: Db, id: string): Promise<CampaignRow> {
  const { rows } = await sql<CampaignRow>`
    select c.id, c.incident_id as "incidentId", c.plan, c.plan_digest as "planDigest", c.status,
      c.status_reason as "statusReason", c.control, c.run, c.created_by as "createdBy",
      coalesce((select jsonb_agg(jsonb_build_object('approver', approver, 'at', at) order by at)
        from campaign_approval a where a.campaign_id = c.id and a.plan_digest = c.plan_digest), '[]') as approvals
    from campaign c where c.id = ${id}`.execute(db);
  if (!rows[0]) throw new FirebreakError('not_found', `no rotation plan ${id}`);
  return rows[0];
}

/** What people want of a campaign at this moment, and whose it is. */
export async function readControl(db: Db, id: string): Promise<{ control: string; incidentId: string }> {
  return db
    .selectFrom('campaign')
    .select(['control', 'incident_id as incidentId'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

export async function listCampaignIds(db: Db, incidentId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('campaign')
    .select('id')
    .where('incident_id', '=', incidentId)
    .orderBy('created_at')
    .execute();
  return rows.map((row) => row.id);
}

export async function insertApproval(
  tx: Tx,
  row: { campaignId: string; approver: string; digest: string; at: Date; seq: number },
): Promise<void> {
  await tx
    .insertInto('campaign_approval')
    .values({
      campaign_id: row.campaignId,
      approver: row.approver,
      plan_digest: row.digest,
      at: row.at,
      ledger_seq: row.seq,
    })
    .execute();
}

export async function setStatus(
  db: Db | Tx,
  id: string,
  status: CampaignStatus,
  reason: string | null,
  at: Date,
): Promise<void> {
  const ended = status === 'finished' || status === 'cancelled';
  await sql`
    update campaign set status = ${status}, status_reason = ${reason},
      started_at = case when ${status} = 'running' then coalesce(started_at, ${at}) else started_at end,
      finished_at = ${ended ? at : null}
    where id = ${id}`.execute(db);
}

export async function setControl(
  db: Db | Tx,
  id: string,
  control: 'run' | 'pause' | 'cancel',
): Promise<void> {
  await db.updateTable('campaign').set({ control }).where('id', '=', id).execute();
}

/** Counts one more run and returns its number. */
export async function nextRun(tx: Tx, id: string, at: Date): Promise<number> {
  const row = await tx
    .updateTable('campaign')
    .set((row) => ({ run: row('run', '+', 1), run_started_at: at, control: 'run' }))
    .where('id', '=', id)
    .returning('run')
    .executeTakeFirstOrThrow();
  return row.run;
}

/** Progress of a campaign, counted from its members. */
export async function readProgress(db: Db, id: string): Promise<Progress> {
  const { rows } = await sql<Progress & { reached: number }>`
    select c.id as "campaignId", c.status, c.status_reason as "statusReason",
      count(*) as total,
      count(*) filter (where r.status = 'done') as done,
      count(*) filter (where r.status = 'failed') as failed,
      count(*) filter (where r.status = 'indeterminate') as indeterminate,
      count(*) filter (where r.status = 'cancelled') as cancelled,
      count(*) filter (where r.status = 'running') as running,
      count(*) filter (where r.status = 'pending') as pending,
      min(r.wave) filter (where r.status in ('pending', 'running')) as wave,
      coalesce(max(r.wave), 0) as waves,
      c.started_at as "startedAt", c.finished_at as "finishedAt",
      coalesce(sum(case when r.status in ('done', 'failed', 'indeterminate', 'cancelled') then ${stages.length - 1}
        else array_position(${[...stages]}::text[], r.stage) - 1 end), 0) as reached
    from campaign c left join rotation r on r.campaign_id = c.id
    where c.id = ${id} group by c.id`.execute(db);
  const row = rows[0];
  if (!row) throw new FirebreakError('not_found', `no rotation plan ${id}`);
  const { reached, ...progress } = row;
  return { ...progress, steps: { reached, total: row.total * (stages.length - 1) } };
}
