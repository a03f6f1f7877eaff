/** The table of a campaign's members, and the set-based moves between stages. */
import { sql } from 'kysely';
import type { Target } from '../../connectors/contract.ts';
import type { SecretRef } from '../../kernel/reference.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { Delivery } from '../inventory/index.ts';
import type { MemberStatus } from '../plans/index.ts';
import type { Probe, Stage } from './types.ts';

/** One member with all that its stages need. */
export interface Member {
  campaignId: string;
  ordinal: number;
  exposureId: string;
  credentialId: string;
  ref: string;
  system: string;
  kind: string;
  name: string;
  principal: string | null;
  owner: string | null;
  attributes: Record<string, string>;
  secretRef: SecretRef | null;
  delivery: Delivery | null;
  foundSecret: Buffer | null;
  fingerprint: string | null;
  stage: Stage;
  status: MemberStatus;
  sealedOld: Buffer | null;
  oldAccepted: boolean | null;
  sealedNew: Buffer | null;
  replacement: Target | null;
  cutover: string | null;
  probes: Probe[];
  /** The exposed secret is the one that a scan found, not merely the credential that holds it. */
  leaked: boolean;
}

/** What a stage did to one member. */
export interface Move {
  ordinal: number;
  stage?: Stage;
  status: MemberStatus;
  reasonCode?: string;
  reason?: string;
  sealedOld?: Buffer;
  oldAccepted?: boolean;
  sealedNew?: Buffer;
  replacement?: Target;
  cutover?: string;
  probes?: Probe[];
}

export interface MemberRow {
  ordinal: number;
  exposureId: string;
  credentialId: string;
  system: string;
  wave: number;
  batch: number;
}

/** Adds members to a campaign, thousands in one statement. */
export async function insertMembers(tx: Tx, campaignId: string, rows: MemberRow[], at: Date): Promise<void> {
  await sql`
    insert into rotation (campaign_id, ordinal, exposure_id, credential_id, system, wave, batch, updated_at)
    select ${campaignId}, ordinal, "exposureId", "credentialId", system, wave, batch, ${at}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r (ordinal integer, "exposureId" text, "credentialId" text, system text, wave integer, batch integer)`.execute(
    tx,
  );
}

/** Puts failed and unproven members back to where they stood. Returns how many. */
export async function reopenMembers(tx: Tx, id: string, at: Date): Promise<number> {
  const result = await sql`
    update rotation set status = case when stage = 'planned' then 'pending' else 'running' end,
      reason = null, reason_code = null, updated_at = ${at}
    where campaign_id = ${id} and status in ('failed', 'indeterminate')`.execute(tx);
  return Number(result.numAffectedRows ?? 0);
}

export async function listOpenBatches(
  db: Db,
  id: string,
  wave: number,
): Promise<{ batch: number; system: string }[]> {
  const { rows } = await sql<{ batch: number; system: string }>`
    select batch, min(system) as system from rotation
    where campaign_id = ${id} and wave = ${wave} and status in ('pending', 'running') group by batch order by batch`.execute(
    db,
  );
  return rows;
}

/** Members of one batch that stand at `stage` and are at work. */
export async function listMembers(
  db: Db,
  id: string,
  wave: number,
  batch: number,
  at: Stage,
): Promise<Member[]> {
  const { rows } = await sql<Member>`
    select r.campaign_id as "campaignId", r.ordinal, r.exposure_id as "exposureId", r.credential_id as "credentialId",
      c.ref, c.system, c.kind, c.name, c.principal, c.owner, c.attributes, c.secret_ref as "secretRef", c.delivery,
      c.sealed_secret as "foundSecret", c.fingerprint, r.stage, r.status, r.sealed_old as "sealedOld",
      r.old_accepted as "oldAccepted", r.sealed_new as "sealedNew", r.replacement, r.cutover, r.probes,
      exists (select 1 from exposure_reason x where x.exposure_id = r.exposure_id and x.kind = 'scan') as leaked
    from rotation r join credential c on c.id = r.credential_id
    where r.campaign_id = ${id} and r.wave = ${wave} and r.batch = ${batch} and r.stage = ${at}
      and r.status in ('pending', 'running')
    order by r.ordinal`.execute(db);
  return rows;
}

/** Whether a member of the batch has begun and not ended: it stands between the old secret and the new one. */
export async function isUnderWay(
  db: Db,
  batch: { campaignId: string; wave: number; batch: number },
): Promise<boolean> {
  const { rows } = await sql<{ begun: boolean }>`
    select exists (select 1 from rotation where campaign_id = ${batch.campaignId} and wave = ${batch.wave}
      and batch = ${batch.batch} and stage <> 'planned' and status in ('pending', 'running')) as begun`.execute(
    db,
  );
  return rows[0]?.begun ?? false;
}

/** Records what a stage did to its members, in one statement. */
export async function moveMembers(tx: Tx, campaignId: string, moves: Move[], at: Date): Promise<void> {
  const rows = moves.map(({ sealedOld, sealedNew, ...move }) => ({
    ...move,
    oldHex: sealedOld?.toString('hex'),
    newHex: sealedNew?.toString('hex'),
  }));
  await sql`
    update rotation r set stage = coalesce(m.stage, r.stage), status = m.status, reason = m.reason, reason_code = m."reasonCode",
      sealed_old = coalesce(decode(m."oldHex", 'hex'), r.sealed_old), old_accepted = coalesce(m."oldAccepted", r.old_accepted),
      sealed_new = case when m.stage = 'proven' then null else coalesce(decode(m."newHex", 'hex'), r.sealed_new) end,
      replacement = coalesce(m.replacement, r.replacement), cutover = coalesce(m.cutover, r.cutover), probes = coalesce(m.probes, r.probes),
      attempts = r.attempts + 1, updated_at = ${at}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m (ordinal integer, stage text, status text, reason text,
      "reasonCode" text, "oldHex" text, "oldAccepted" boolean, "newHex" text, replacement jsonb, cutover text, probes jsonb)
    where r.campaign_id = ${campaignId} and r.ordinal = m.ordinal`.execute(tx);
}

/** A secret proven dead, and what the inventory now knows of its replacement. */
export interface Proven {
  ordinal: number;
  exposureId: string;
  credentialId: string;
  oldFingerprint: string;
  newFingerprint: string | null;
  seq: number;
  replacement: Target | null;
  /** The reference still names the old secret: the replacement went elsewhere. */
  refIsStale: boolean;
}

/** Closes the exposures of proven members, in every incident that they belong to, and updates the inventory. */
export async function recordProofs(tx: Tx, campaignId: string, proofs: Proven[], at: Date): Promise<void> {
  await sql`
    with p as (select * from jsonb_to_recordset(${JSON.stringify(proofs)}::jsonb) as r (ordinal integer, "exposureId" text,
      "credentialId" text, "oldFingerprint" text, "newFingerprint" text, seq bigint, replacement jsonb, "refIsStale" boolean)),
    member as (update rotation r set proof_seq = p.seq from p where r.campaign_id = ${campaignId} and r.ordinal = p.ordinal),
    dead as (insert into dead_secret (fingerprint, credential_id, ledger_seq, proved_at)
      select "oldFingerprint", "credentialId", seq, ${at} from p on conflict do nothing),
    closed as (update exposure e set proof_seq = p.seq, proved_at = ${at}
      from p where e.credential_id = p."credentialId" and e.proof_seq is null)
    update credential c set fingerprint = p."newFingerprint", sealed_secret = null, changed_at = ${at},
      changed_evidence = 'ledger entry ' || p.seq,
      secret_ref = case when p."refIsStale" then null else c.secret_ref end,
      attributes = c.attributes || coalesce(p.replacement -> 'attributes', '{}'), updated_at = ${at}
    from p where c.id = p."credentialId"`.execute(tx);
}

/** How a wave goes in the present run: members that ended, those of them that ended badly, and the plan's limit. */
export async function countWave(
  db: Db,
  id: string,
  wave: number,
): Promise<{ ended: number; bad: number; failureRateMax: number }> {
  const { rows } = await sql<{ ended: number; bad: number; failureRateMax: number }>`
    select count(r.ordinal) as ended, count(r.ordinal) filter (where r.status in ('failed', 'indeterminate')) as bad,
      (c.plan ->> 'failureRateMax')::float8 as "failureRateMax"
    from campaign c
    left join rotation r on r.campaign_id = c.id and r.wave = ${wave} and r.updated_at >= c.run_started_at
      and r.status in ('done', 'failed', 'indeterminate')
    where c.id = ${id} group by c.id`.execute(db);
  return rows[0] ?? { ended: 0, bad: 0, failureRateMax: 0 };
}

/** Marks what was not started as cancelled. */
export async function cancelOpenMembers(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`
    update rotation set status = 'cancelled', reason_code = 'cancelled', updated_at = ${at},
      reason = case when stage = 'planned' then 'the campaign was cancelled before its turn'
        else 'the campaign was cancelled after stage ' || stage || ': plan it again to finish' end
    where campaign_id = ${id} and status in ('pending', 'running')`.execute(tx);
}

/** Members that are not done, with their reasons, for `rotate status`. */
export async function listTroubled(
  db: Db,
  id: string,
  limit: number,
): Promise<{ ref: string; status: string; stage: string; code: string | null; reason: string | null }[]> {
  const { rows } = await sql<{
    ref: string;
    status: string;
    stage: string;
    code: string | null;
    reason: string | null;
  }>`
    select c.ref, r.status, r.stage, r.reason_code as code, r.reason
    from rotation r join credential c on c.id = r.credential_id
    where r.campaign_id = ${id} and r.status in ('failed', 'indeterminate', 'cancelled') order by r.ordinal limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** The ledger entry of the proof for an exposure; null when there is none. */
export async function findProofSeq(db: Db, exposureId: string): Promise<number | null> {
  const row = await db
    .selectFrom('exposure')
    .select('proof_seq')
    .where('id', '=', exposureId)
    .executeTakeFirst();
  return row?.proof_seq ?? null;
}

/** Members of a plan in the order in which they are done, after number `after`. */
export async function listPlanMembers(
  db: Db,
  id: string,
  after: number,
  limit: number,
): Promise<
  {
    ordinal: number;
    wave: number;
    batch: number;
    ref: string;
    stage: Stage;
    status: MemberStatus;
    reason: string | null;
  }[]
> {
  const { rows } = await sql<Awaited<ReturnType<typeof listPlanMembers>>[number]>`
    select r.ordinal, r.wave, r.batch, c.ref, r.stage, r.status, r.reason
    from rotation r join credential c on c.id = r.credential_id
    where r.campaign_id = ${id} and r.ordinal > ${after} order by r.ordinal limit ${limit}`.execute(db);
  return rows;
}
