/** The tables of exposure. Matching is one statement over the whole inventory. */

import { type RawBuilder, sql } from 'kysely';
import type { CredentialClass } from '../../connectors/contract.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { count } from '../../kernel/text.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { ExceptionRow } from '../evidence/index.ts';
import type { Exposure, ExposureCensus, MatchSummary, Scope } from './types.ts';

/** A class that an advisory exposes, and until when its secrets could be read; null: no end is known. */
export interface ExposedClass {
  class: string;
  to: Date | null;
}

/** Exposes what the supplier held of the exposed classes. A replacement after the window counts with its evidence. */
export async function exposeByAdvisory(
  tx: Tx,
  input: {
    incidentId: string;
    advisoryId: string;
    suppliers: string[];
    classes: ExposedClass[];
    explanation: string;
    seq: number;
    at: Date;
  },
): Promise<MatchSummary> {
  const matched = sql`
    select c.id, x."to" as until from credential c
    join jsonb_to_recordset(${JSON.stringify(input.classes)}::jsonb) as x (class text, "to" timestamptz) on x.class = c.class
    where c.suppliers && ${input.suppliers}::text[]`;
  return expose(tx, matched, { ...input, kind: 'advisory', source: input.advisoryId });
}

/** Exposes everything in a scope because somebody decided to assume the worst. */
export async function exposeByScope(
  tx: Tx,
  input: {
    incidentId: string;
    scope: Scope;
    until: Date | null;
    source: string;
    explanation: string;
    seq: number;
    at: Date;
  },
): Promise<MatchSummary> {
  const { environment = null, system = null, class: credentialClass = null, owner = null } = input.scope;
  const matched = sql`
    select c.id, ${input.until}::timestamptz as until from credential c
    where (${environment}::text is null or c.environment = ${environment})
      and (${system}::text is null or c.system = ${system})
      and (${credentialClass}::text is null or c.class = ${credentialClass})
      and (${owner}::text is null or c.owner = ${owner})`;
  return expose(tx, matched, { ...input, kind: 'precaution' });
}

/** Exposes credentials whose secrets a scan found. A leaked secret is exposed whenever it was changed last. */
export async function exposeByScan(
  tx: Tx,
  input: {
    incidentId: string;
    credentialIds: string[];
    source: string;
    explanation: string;
    seq: number;
    at: Date;
  },
): Promise<MatchSummary> {
  const matched = sql`select id, null::timestamptz as until from credential c where c.id = any(${input.credentialIds}::text[])`;
  return expose(tx, matched, { ...input, kind: 'scan' });
}

function expose(
  tx: Tx,
  matched: RawBuilder<unknown>,
  input: { incidentId: string; kind: string; source: string; explanation: string; seq: number; at: Date },
): Promise<MatchSummary> {
  const because = sql`
    insert into exposure_reason (exposure_id, kind, source, explanation, ledger_seq, at)
    select id, ${input.kind}, ${input.source}, ${input.explanation}, ${input.seq}, ${input.at} from exposed
    on conflict (exposure_id, kind, source) do update set explanation = excluded.explanation, ledger_seq = excluded.ledger_seq`;
  return exposeFor(tx, matched, input, because);
}

/** `because` inserts the reasons of what is in `exposed`. */
async function exposeFor(
  tx: Tx,
  matched: RawBuilder<unknown>,
  input: { incidentId: string; at: Date },
  because: RawBuilder<unknown>,
): Promise<MatchSummary> {
  // The id follows from the pair, so a repeat finds the row that it made.
  const { rows } = await sql<MatchSummary>`
    with matched as (${matched}),
    judged as (
      select m.id as credential_id, c.claimed_unused_by,
        case when c.changed_evidence is not null and c.changed_at > m.until
          then 'replaced ' || to_char(c.changed_at at time zone 'utc', 'YYYY-MM-DD HH24:MI') || ' UTC, after the window: ' || c.changed_evidence
        end as replaced_evidence
      from matched m join credential c on c.id = m.id),
    exposed as (
      insert into exposure as e (id, incident_id, credential_id, created_at, replaced_evidence)
      select 'exp_' || substr(encode(sha256(convert_to(${input.incidentId} || '/' || credential_id, 'utf8')), 'hex'), 1, 12),
        ${input.incidentId}, credential_id, ${input.at}, replaced_evidence
      from judged
      -- A reason that its replacement does not answer takes the evidence away again.
      on conflict (incident_id, credential_id) do update
        set replaced_evidence = case when excluded.replaced_evidence is null then null else e.replaced_evidence end
      returning e.id, e.credential_id, e.replaced_evidence, xmax = 0 as added),
    reasons as (${because})
    select count(*) as matched, count(*) filter (where added) as added,
      count(*) filter (where e.replaced_evidence is not null) as replaced,
      count(*) filter (where j.claimed_unused_by is not null) as "claimedUnused"
    from exposed e join judged j using (credential_id)`.execute(tx);
  return rows[0] ?? { matched: 0, added: 0, replaced: 0, claimedUnused: 0 };
}

/** Takes a proof back where the live secret itself has leaked again: it is outstanding once more. */
export async function reopenLeaked(tx: Tx, incidentId: string, credentialIds: string[]): Promise<number> {
  const result = await sql`
    update exposure set proof_seq = null, proved_at = null
    where incident_id = ${incidentId} and credential_id = any(${credentialIds}::text[]) and proof_seq is not null`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0);
}

/** Closes with the earlier proof what leaked after it had been proven dead. */
export async function closeAlreadyDead(tx: Tx, incidentId: string, fingerprints: string[]): Promise<void> {
  await sql`
    update exposure e set proof_seq = d.ledger_seq, proved_at = d.proved_at
    from dead_secret d join credential c on c.id = d.credential_id
    where d.fingerprint = any(${fingerprints}::text[]) and e.credential_id = d.credential_id and e.incident_id = ${incidentId}
      and e.proof_seq is null and not exists (
        select 1 from exposure_reason r where r.exposure_id = e.id and r.kind <> 'scan')`.execute(tx);
}

/** Secrets that are proven dead, by fingerprint. */
export async function findDead(
  db: Db,
  fingerprints: string[],
): Promise<Map<string, { credentialId: string; seq: number }>> {
  if (fingerprints.length === 0) return new Map();
  const { rows } = await sql<{ fingerprint: string; credentialId: string; seq: number }>`
    select fingerprint, credential_id as "credentialId", ledger_seq as seq from dead_secret
    where fingerprint = any(${fingerprints}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.fingerprint, row]));
}

export interface ExposureFilter {
  incidentId: string;
  state?: string;
  reasonCode?: string;
  claimedUnused?: boolean;
  after?: string;
  limit: number;
}

/** One page, ordered by ref, each with its reasons. */
export async function listExposures(db: Db, filter: ExposureFilter): Promise<Exposure[]> {
  const { rows } = await sql<Exposure>`
    select s.id, s.incident_id as "incidentId", s.credential_id as "credentialId", s.ref, s.system, s.kind, s.class,
      s.environment, s.owner, s.claimed_unused_by as "claimedUnusedBy", s.state, s.reason, s.reason_code as "reasonCode",
      s.proof_seq as "proofSeq", s.proved_at as "provedAt", s.excepted_until as "exceptedUntil", s.excepted_by as "exceptedBy",
      (select jsonb_agg(jsonb_build_object('kind', r.kind, 'source', r.source, 'explanation', r.explanation,
        'ledgerSeq', r.ledger_seq) order by r.at, r.kind) from exposure_reason r where r.exposure_id = s.id) as reasons
    from exposure_state s
    where s.incident_id = ${filter.incidentId}
      and (${filter.state ?? null}::text is null or s.state = ${filter.state ?? null})
      and (${filter.reasonCode ?? null}::text is null or s.reason_code = ${filter.reasonCode ?? null})
      and (not ${filter.claimedUnused ?? false} or s.claimed_unused_by is not null)
      and (${filter.after ?? null}::text is null or s.ref > ${filter.after ?? null})
    order by s.ref limit ${filter.limit}`.execute(db);
  return rows;
}

/**
 * The names under which exposed credentials act: their own and their principals', each once, until the latest
 * proof that one of them is dead. Those that a hunt found are left out.
 */
export async function listExposedNames(
  db: Db,
  incidentId: string,
): Promise<{ name: string; class: CredentialClass; provedAt: Date | null }[]> {
  const { rows } = await sql<{ name: string; class: CredentialClass; provedAt: Date | null }>`
    select n.name, s.class, case when bool_and(s.proved_at is not null) then max(s.proved_at) end as "provedAt"
    from exposure_state s cross join lateral (select distinct unnest(array[s.name, s.principal]) as name) n
    where s.incident_id = ${incidentId} and n.name <> ''
      and exists (select from exposure_reason r where r.exposure_id = s.id and r.kind <> 'descendant')
    group by 1, 2 order by 1, 2`.execute(db);
  return rows;
}

/** Counts every exposure of the incident into its state. */
export async function countExposures(db: Db, incidentId: string): Promise<ExposureCensus> {
  const { rows } = await sql<{ state: string; code: string | null; total: number; claimed: number }>`
    select state, reason_code as code, count(*) as total, count(claimed_unused_by) as claimed
    from exposure_state where incident_id = ${incidentId} group by 1, 2 order by 1, 2`.execute(db);
  const of = (state: string) => rows.filter((row) => row.state === state);
  const sum = (some: { total: number }[]) => some.reduce((total, row) => total + row.total, 0);
  const outstanding = of('outstanding');
  return {
    total: sum(rows),
    outstanding: sum(outstanding),
    provenDead: sum(of('proven-dead')),
    excepted: sum(of('excepted')),
    replaced: sum(of('replaced')),
    outstandingClaimedUnused: outstanding.reduce((total, row) => total + row.claimed, 0),
    outstandingBy: Object.fromEntries(outstanding.map((row) => [row.code ?? 'unknown', row.total])),
  };
}

/** The exposure of a credential in an incident, by the credential's ref or id, or by its own id. Throws not_found. */
export async function findExposure(
  db: Db,
  incidentId: string,
  ref: string,
): Promise<{ id: string; ref: string; state: string }> {
  const { rows } = await sql<{ id: string; ref: string; state: string }>`
    select id, ref, state from exposure_state
    where incident_id = ${incidentId} and (ref = ${ref} or id = ${ref} or credential_id = ${ref})`.execute(
    db,
  );
  if (!rows[0]) throw new FirebreakError('not_found', `no exposure of ${ref} in incident ${incidentId}`);
  return rows[0];
}

export async function saveException(tx: Tx, row: ExceptionRow & { exposureId: string }): Promise<void> {
  const values = {
    reason: row.reason,
    approver: row.approver,
    until: row.until,
    ledger_seq: row.seq,
    at: row.at,
  };
  await tx
    .insertInto('exposure_exception')
    .values({ exposure_id: row.exposureId, ...values })
    .onConflict((conflict) => conflict.column('exposure_id').doUpdateSet(values))
    .execute();
}

export interface HitRow {
  fingerprint: string;
  file: string;
  place: string;
  kind: string;
  class: string;
  detail: object;
  credentialId: string;
}

export async function insertScan(
  db: Db,
  row: { id: string; incidentId: string; paths: string[]; at: Date },
): Promise<void> {
  await db
    .insertInto('scan')
    .values({
      id: row.id,
      incident_id: row.incidentId,
      paths: row.paths,
      started_at: row.at,
      finished_at: null,
    })
    .execute();
}

export async function finishScan(
  db: Db | Tx,
  id: string,
  row: { files: number; bytes: number; errors: object[]; at: Date },
): Promise<void> {
  await db
    .updateTable('scan')
    .set({ files: row.files, bytes: row.bytes, errors: JSON.stringify(row.errors), finished_at: row.at })
    .where('id', '=', id)
    .execute();
}

export async function insertHits(tx: Tx, scanId: string, hits: HitRow[]): Promise<void> {
  await sql`
    insert into scan_hit (scan_id, fingerprint, file, place, kind, class, detail, credential_id)
    select ${scanId}, fingerprint, file, place, kind, class, detail, "credentialId"
    from jsonb_to_recordset(${JSON.stringify(hits)}::jsonb)
      as r (fingerprint text, file text, place text, kind text, class text, detail jsonb, "credentialId" text)
    on conflict do nothing`.execute(tx);
}

export interface ScanHitView {
  file: string;
  place: string;
  kind: string;
  class: string;
  fingerprint: string;
  ref: string;
  detail: Record<string, unknown>;
}

/** Where scans of the incident found secrets, by file and place. */
export async function listHits(db: Db, incidentId: string, limit: number): Promise<ScanHitView[]> {
  const { rows } = await sql<ScanHitView>`
    select h.file, h.place, h.kind, h.class, h.fingerprint, c.ref, h.detail
    from scan_hit h join scan s on s.id = h.scan_id join credential c on c.id = h.credential_id
    where s.incident_id = ${incidentId} order by h.file, h.place limit ${limit}`.execute(db);
  return rows;
}

/** Scans of the incident, first to last. */
export async function listScans(
  db: Db,
  incidentId: string,
): Promise<
  {
    id: string;
    startedAt: Date;
    finishedAt: Date | null;
    paths: string[];
    files: number;
    bytes: number;
    errors: { file: string; message: string }[];
  }[]
> {
  const rows = await db
    .selectFrom('scan')
    .selectAll()
    .where('incident_id', '=', incidentId)
    .orderBy('started_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    paths: row.paths,
    files: row.files,
    bytes: row.bytes,
    errors: row.errors as { file: string; message: string }[],
  }));
}

/** Exposes credentials that compromised principals made, each by its own descendant. Returns their exposures. */
export async function exposeByDescendants(
  tx: Tx,
  made: readonly { descendantId: string; credentialId: string; explanation: string }[],
  { incidentId, seq, at }: { incidentId: string; seq: number; at: Date },
): Promise<{ descendantId: string; exposureId: string }[]> {
  const ids = [...new Set(made.map(({ credentialId }) => credentialId))];
  const matched = sql`select id, null::timestamptz as until from credential c where c.id = any(${ids}::text[])`;
  const because = sql`
    insert into exposure_reason (exposure_id, kind, source, explanation, ledger_seq, at)
    select distinct e.id, 'descendant', m."descendantId", m.explanation, ${seq}::bigint, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(made)}::jsonb) as m ("descendantId" text, "credentialId" text, explanation text)
    join exposed e on e.credential_id = m."credentialId"
    on conflict (exposure_id, kind, source) do update set explanation = excluded.explanation, ledger_seq = excluded.ledger_seq`;
  const { matched: found } = await exposeFor(tx, matched, { incidentId, at }, because);
  if (found !== ids.length)
    throw new FirebreakError(
      'not_found',
      `${count(ids.length - found)} of ${count(ids.length)} credentials are not in the inventory`,
    );
  const { rows } = await sql<{ descendantId: string; exposureId: string }>`
    select m."descendantId", e.id as "exposureId"
    from jsonb_to_recordset(${JSON.stringify(made)}::jsonb) as m ("descendantId" text, "credentialId" text)
    join exposure e on e.incident_id = ${incidentId} and e.credential_id = m."credentialId"`.execute(tx);
  return rows;
}
