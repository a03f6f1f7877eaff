/** The tables of plans: the plan itself, its approvals, and how its members stand. Each kind of plan has its own three. */
import { type RawBuilder, sql } from 'kysely';
import { FirebreakError } from '../../kernel/errors.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { PlanHead, PlanProgress, PlanRow, PlanStatus } from './types.ts';

interface PlanTables {
  plan: 'campaign' | 'reboot_plan';
  approvals: 'campaign_approval' | 'reboot_approval';
  members: 'rotation' | 'reboot_member';
  /** The column of the other two that names the plan. */
  key: 'campaign_id' | 'plan_id';
  /** What a person calls it. */
  called: string;
}

export class PlanStore<P extends PlanHead> {
  readonly #plan: RawBuilder<unknown>;
  readonly #approvals: RawBuilder<unknown>;
  readonly #members: RawBuilder<unknown>;
  readonly #key: RawBuilder<unknown>;
  readonly #called: string;

  constructor({ plan, approvals, members, key, called }: PlanTables) {
    this.#plan = sql.table(plan);
    this.#approvals = sql.table(approvals);
    this.#members = sql.table(members);
    this.#key = sql.ref(key);
    this.#called = called;
  }

  async insert(tx: Tx, plan: P, digest: string): Promise<void> {
    await sql`
      insert into ${this.#plan} (id, incident_id, plan, plan_digest, status, created_at, created_by)
      values (${plan.id}, ${plan.incidentId}, ${JSON.stringify(plan)}, ${digest}, 'planned',
        ${new Date(plan.createdAt)}, ${plan.createdBy})`.execute(tx);
  }

  /** Throws not_found. An approval counts for the digest that it signed. */
  async get(db: Db | Tx, id: string): Promise<PlanRow<P>> {
    const { rows } = await sql<PlanRow<P>>`
      select p.id, p.incident_id as "incidentId", p.plan, p.plan_digest as "planDigest", p.status,
        p.status_reason as "statusReason", p.control, p.run, p.created_by as "createdBy",
        coalesce((select jsonb_agg(jsonb_build_object('approver', approver, 'at', at) order by at)
          from ${this.#approvals} a where a.${this.#key} = p.id and a.plan_digest = p.plan_digest), '[]') as approvals
      from ${this.#plan} p where p.id = ${id}`.execute(db);
    return rows[0] ?? this.#missing(id);
  }

  #missing(id: string): never {
    throw new FirebreakError('not_found', `no ${this.#called} ${id}`);
  }

  async listIds(db: Db | Tx, incidentId: string): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select id from ${this.#plan} where incident_id = ${incidentId} order by created_at`.execute(db);
    return rows.map(({ id }) => id);
  }

  async insertApproval(
    tx: Tx,
    {
      planId,
      approver,
      digest,
      at,
      seq,
    }: { planId: string; approver: string; digest: string; at: Date; seq: number },
  ): Promise<void> {
    await sql`
      insert into ${this.#approvals} (${this.#key}, approver, plan_digest, at, ledger_seq)
      values (${planId}, ${approver}, ${digest}, ${at}, ${seq})`.execute(tx);
  }

  async setStatus(
    db: Db | Tx,
    id: string,
    status: PlanStatus,
    reason: string | null,
    at: Date,
  ): Promise<void> {
    const ended = status === 'finished' || status === 'cancelled';
    await sql`
      update ${this.#plan} set status = ${status}, status_reason = ${reason},
        started_at = case when ${status} = 'running' then coalesce(started_at, ${at}) else started_at end,
        finished_at = ${ended ? at : null}
      where id = ${id}`.execute(db);
  }

  async setControl(db: Db | Tx, id: string, control: PlanRow<P>['control']): Promise<void> {
    await sql`update ${this.#plan} set control = ${control} where id = ${id}`.execute(db);
  }

  /** What people want of it now. `hold` keeps it so until the transaction ends: a pause or a cancellation waits for that. */
  async readControl(
    db: Db | Tx,
    id: string,
    hold = false,
  ): Promise<Pick<PlanRow<P>, 'control' | 'incidentId'>> {
    const { rows } = await sql<Pick<PlanRow<P>, 'control' | 'incidentId'>>`
      select control, incident_id as "incidentId" from ${this.#plan} where id = ${id} ${hold ? sql`for share` : sql``}`.execute(
      db,
    );
    return rows[0] ?? this.#missing(id);
  }

  /** Begins one more run and returns its number. */
  async nextRun(tx: Tx, id: string, at: Date): Promise<number> {
    const { rows } = await sql<{ run: number }>`
      update ${this.#plan} set run = run + 1, run_started_at = ${at}, control = 'run' where id = ${id}
      returning run`.execute(tx);
    return (rows[0] ?? this.#missing(id)).run;
  }

  /** Counted from the members; `more` adds columns over them (`m`). Throws not_found. */
  async readProgress<More = unknown>(
    db: Db | Tx,
    id: string,
    more: RawBuilder<unknown> = sql``,
  ): Promise<PlanProgress & More> {
    const { rows } = await sql<PlanProgress & More>`
      select p.id as "planId", p.status, p.status_reason as "statusReason",
        count(*) as total,
        count(*) filter (where m.status = 'done') as done,
        count(*) filter (where m.status = 'failed') as failed,
        count(*) filter (where m.status = 'indeterminate') as indeterminate,
        count(*) filter (where m.status = 'cancelled') as cancelled,
        count(*) filter (where m.status = 'running') as running,
        count(*) filter (where m.status = 'pending') as pending,
        min(m.wave) filter (where m.status in ('pending', 'running')) as wave,
        coalesce(max(m.wave), 0) as waves,
        p.started_at as "startedAt", p.finished_at as "finishedAt"${more}
      from ${this.#plan} p join ${this.#members} m on m.${this.#key} = p.id
      where p.id = ${id} group by p.id`.execute(db);
    return rows[0] ?? this.#missing(id);
  }

  /** Waves that still have members to work on. */
  async listOpenWaves(db: Db, id: string): Promise<number[]> {
    const { rows } = await sql<{ wave: number }>`
      select distinct wave from ${this.#members}
      where ${this.#key} = ${id} and status in ('pending', 'running') order by wave`.execute(db);
    return rows.map(({ wave }) => wave);
  }
}
