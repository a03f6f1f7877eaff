/**
 * What a report reads. One read-only transaction with one snapshot, so that all its numbers agree with each
 * other and with the size of the ledger that it names; long lists come from cursors, a page at a time.
 */
import { type ControlledTransaction, type RawBuilder, sql } from 'kysely';
import { limits } from '../../kernel/limits.ts';
import type { Db, Tables, Tx } from '../../store/index.ts';

/** Opens the snapshot. Whoever opens it ends it with `rollback()`. */
export function openSnapshot(db: Db): Promise<ControlledTransaction<Tables>> {
  return db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute();
}

/** How many entries the ledger has in the snapshot. */
export async function countEntries(tx: Tx): Promise<number> {
  const row = await tx
    .selectFrom('ledger_entry')
    .select((select) => select.fn.max('seq').as('last'))
    .executeTakeFirst();
  return row?.last == null ? 0 : Number(row.last) + 1;
}

/** The newest checkpoint in the snapshot, and how many entries it signs. */
export async function findCheckpoint(tx: Tx): Promise<{ size: number; note: string } | undefined> {
  return tx
    .selectFrom('ledger_checkpoint')
    .select(['size', 'note'])
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface EntryGroup {
  kind: string;
  /** The campaign, for entries of a rotation. */
  campaign: string | null;
  count: number;
  firstSeq: number;
  lastSeq: number;
  firstAt: Date;
  lastAt: Date;
  /** One of those who wrote them, and how many they are. */
  actor: string;
  actors: number;
}

/** How many entries of each kind the incident has, and which is the first and the last. */
export async function groupEntries(tx: Tx, incidentId: string): Promise<EntryGroup[]> {
  const { rows } = await sql<EntryGroup>`
    select kind, case when kind like 'rotation.%' then subject end as campaign, count(*) as count,
      min(seq) as "firstSeq", max(seq) as "lastSeq", min(at) as "firstAt", max(at) as "lastAt", min(actor) as actor,
      count(distinct actor) as actors
    from ledger_entry where incident_id = ${incidentId} group by 1, 2 order by 4`.execute(tx);
  return rows;
}

export interface ReasonGroup {
  kind: string;
  source: string;
  explanation: string;
  ledgerSeq: number | null;
  exposures: number;
  /** Those of them that nothing else exposes. */
  only: number;
}

/** Why credentials are exposed, and how many by each reason. */
export async function groupReasons(tx: Tx, incidentId: string): Promise<ReasonGroup[]> {
  const { rows } = await sql<ReasonGroup>`
    with reasons as (
      select r.*, count(*) over (partition by r.exposure_id) as several
      from exposure_reason r join exposure e on e.id = r.exposure_id where e.incident_id = ${incidentId})
    select kind, source, explanation, ledger_seq as "ledgerSeq", count(*) as exposures,
      count(*) filter (where several = 1) as only
    from reasons group by 1, 2, 3, 4 order by min(at), kind, source limit ${limits.reportRowsMax}`.execute(
    tx,
  );
  return rows;
}

export interface InventoryCount {
  credentials: number;
  withoutSupplier: number;
  withoutFingerprint: number;
}

export async function countInventory(tx: Tx): Promise<InventoryCount> {
  const { rows } = await sql<InventoryCount>`
    select count(*) as credentials, count(*) filter (where suppliers = '{}') as "withoutSupplier",
      count(*) filter (where fingerprint is null) as "withoutFingerprint" from credential`.execute(tx);
  return rows[0] ?? { credentials: 0, withoutSupplier: 0, withoutFingerprint: 0 };
}

/** Systems of exposed credentials that no connector has looked into. */
export async function listUnseenSystems(
  tx: Tx,
  incidentId: string,
): Promise<{ system: string; exposures: number }[]> {
  const { rows } = await sql<{ system: string; exposures: number }>`
    select s.system, count(*) as exposures from exposure e
    join credential s on s.id = e.credential_id left join system y on y.name = s.system
    where e.incident_id = ${incidentId} and y.connector is null
    group by 1 order by 2 desc, 1 limit ${limits.reportRowsMax}`.execute(tx);
  return rows;
}

export interface OutstandingGroup {
  code: string;
  exposures: number;
  claimedUnused: number;
  reasons: number;
  example: string | null;
  /** The first and the last entry that exposed one of them. */
  firstSeq: number | null;
  lastSeq: number | null;
}

export async function groupOutstanding(tx: Tx, incidentId: string): Promise<OutstandingGroup[]> {
  const { rows } = await sql<OutstandingGroup>`
    select coalesce(reason_code, 'unknown') as code, count(*) as exposures, count(claimed_unused_by) as "claimedUnused",
      count(distinct reason) as reasons, min(reason) as example, min(r.first) as "firstSeq", max(r.last) as "lastSeq"
    from exposure_state s
    cross join lateral (select min(ledger_seq) as first, max(ledger_seq) as last from exposure_reason where exposure_id = s.id) r
    where incident_id = ${incidentId} and state = 'outstanding'
    group by 1 order by 2 desc, 1`.execute(tx);
  return rows;
}

/** Exposed credentials that somebody says nobody uses, by who says so and where they stand. */
export async function groupClaims(
  tx: Tx,
  incidentId: string,
): Promise<{ by: string; state: string; exposures: number }[]> {
  const { rows } = await sql<{ by: string; state: string; exposures: number }>`
    select claimed_unused_by as "by", state, count(*) as exposures from exposure_state
    where incident_id = ${incidentId} and claimed_unused_by is not null group by 1, 2 order by 1, 2`.execute(
    tx,
  );
  return rows;
}

export interface StandingException {
  ref: string;
  reason: string;
  approver: string;
  requestedBy: string | null;
  /** The signed statement. */
  dsse: unknown;
  until: Date;
  at: Date;
  seq: number;
  state: string;
}

export async function listExceptions(tx: Tx, incidentId: string): Promise<StandingException[]> {
  const { rows } = await sql<StandingException>`
    select s.ref, x.reason, x.approver, l.body::jsonb -> 'data' ->> 'requestedBy' as "requestedBy",
      l.body::jsonb -> 'data' -> 'dsse' as dsse, x.until, x.at,
      x.ledger_seq as seq, s.state
    from exposure_exception x join exposure_state s on s.id = x.exposure_id
    left join ledger_entry l on l.seq = x.ledger_seq
    where s.incident_id = ${incidentId} order by x.at, s.ref limit ${limits.reportRowsMax}`.execute(tx);
  return rows;
}

/** Members of each wave by status. */
export async function countWaves(
  tx: Tx,
  campaignId: string,
): Promise<{ wave: number; status: string; members: number }[]> {
  const { rows } = await sql<{ wave: number; status: string; members: number }>`
    select wave, status, count(*) as members from rotation where campaign_id = ${campaignId}
    group by 1, 2 order by 1, 2`.execute(tx);
  return rows;
}

/** A proof of revocation that closes an exposure of the incident. */
export interface ProofRow {
  ref: string;
  system: string;
  seq: number;
  at: Date;
  data: unknown;
}

/** All of them by ref, or by ledger entry. */
export function readProofs(tx: Tx, incidentId: string, order: 'ref' | 'seq'): AsyncIterable<ProofRow[]> {
  return readPages<ProofRow>(
    tx,
    sql`select c.ref, c.system, l.seq, (b.body ->> 'at')::timestamptz as at, b.body -> 'data' as data
      from exposure e join credential c on c.id = e.credential_id join ledger_entry l on l.seq = e.proof_seq
      cross join lateral (select l.body::jsonb as body offset 0) b
      where e.incident_id = ${incidentId} order by ${order === 'ref' ? sql`c.ref` : sql`l.seq, c.ref`}`,
  );
}

/** A proof of a restart that the latest plan of a system rests on. */
export interface RebootProofRow {
  host: string;
  seq: number;
  at: Date;
  data: unknown;
}

/** All of them by host, or by ledger entry. */
export function readRebootProofs(
  tx: Tx,
  incidentId: string,
  order: 'host' | 'seq',
): AsyncIterable<RebootProofRow[]> {
  return readPages<RebootProofRow>(
    tx,
    sql`select s.host, l.seq, (b.body ->> 'at')::timestamptz as at, b.body -> 'data' as data
      from reboot_state s join ledger_entry l on l.seq = s.proof_seq
      cross join lateral (select l.body::jsonb as body offset 0) b
      where s.incident_id = ${incidentId} and s.state = 'proven'
      order by ${order === 'host' ? sql`s.host` : sql`l.seq, s.host`}`,
  );
}

export interface StateRow {
  ref: string;
  system: string;
  environment: string | null;
  owner: string | null;
  claimedUnusedBy: string | null;
  state: string;
  reason: string | null;
  reasonCode: string | null;
  excepted: number | null;
  citations: number[];
}

/** Exposures in a state, by ref, each with the entries that exposed it. */
export function readExposures(tx: Tx, incidentId: string, state: string): AsyncIterable<StateRow[]> {
  return readPages<StateRow>(tx, selectStates(sql`s.incident_id = ${incidentId} and s.state = ${state}`));
}

/** The first of those that somebody says nobody uses. */
export async function listClaimed(tx: Tx, incidentId: string): Promise<StateRow[]> {
  const query = selectStates(sql`s.incident_id = ${incidentId} and s.claimed_unused_by is not null`);
  const { rows } = await sql<StateRow>`${query} limit ${limits.reportRowsMax}`.execute(tx);
  return rows;
}

const selectStates = (condition: RawBuilder<unknown>) => sql`
  select s.ref, s.system, s.environment, s.owner, s.claimed_unused_by as "claimedUnusedBy", s.state, s.reason,
    s.reason_code as "reasonCode",
    (select x.ledger_seq from exposure_exception x where x.exposure_id = s.id) as excepted,
    coalesce((select jsonb_agg(distinct q.seq) from (
      select r.ledger_seq as seq from exposure_reason r where r.exposure_id = s.id union select s.proof_seq) q
      where q.seq is not null), '[]') as citations
  from exposure_state s where ${condition} order by s.ref`;

let opened = 0;

/** The rows of `query`, a page at a time: the server keeps the rest. */
async function* readPages<T>(tx: Tx, query: RawBuilder<unknown>): AsyncGenerator<T[]> {
  const cursor = sql.id(`report_${++opened}`);
  await sql`declare ${cursor} no scroll cursor for ${query}`.execute(tx);
  for (;;) {
    const { rows } = await sql<T>`fetch ${sql.lit(limits.reportPageRows)} from ${cursor}`.execute(tx);
    if (rows.length > 0) yield rows;
    if (rows.length < limits.reportPageRows) break;
  }
  await sql`close ${cursor}`.execute(tx);
}
