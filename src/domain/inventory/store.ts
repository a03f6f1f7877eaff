/** The inventory's tables. Writes take a batch in one statement, however many sources speak of it. */
import { sql } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { Db } from '../../store/index.ts';
import {
  type Credential,
  credentialRef,
  type Disagreement,
  type RunSummary,
  type SourceSummary,
  type Statement,
} from './types.ts';

/** A row for jsonb_to_recordset; a field that the source does not know is left out and reads as null. */
function toRow(statement: Statement, id: string): object {
  const { sealedSecret, ...rest } = statement;
  return {
    ...rest,
    id,
    ref: credentialRef(statement),
    sealed_hex: sealedSecret?.toString('hex'),
    says: rest,
  };
}

const record = sql`(
  id text, ref text, system text, kind text, class text, name text, principal text, environment text, owner text,
  suppliers text[], fingerprint text, "secretRef" jsonb, delivery jsonb, sealed_hex text, "changedAt" timestamptz,
  "changedEvidence" text, "changedNoLaterThan" timestamptz, "lastUsedAt" timestamptz, "expiresAt" timestamptz,
  "claimedUnusedBy" text, attributes jsonb, says jsonb)`;

/**
 * Merges what `source` says into the inventory: what it knows replaces what was known, what it does not know
 * stays. Statements of one batch name different credentials. Returns how many credentials were new.
 */
export async function saveStatements(
  db: Db,
  source: string,
  statements: Statement[],
  ports: { clock: Clock; random: Random },
): Promise<number> {
  const at = ports.clock.now();
  const rows = JSON.stringify(
    statements.map((statement) => toRow(statement, newId('credential', ports.random))),
  );
  const result = await sql<{ added: number }>`
    with input as (select * from jsonb_to_recordset(${rows}::jsonb) as r ${record}),
    merged as (
      insert into credential as c (id, ref, system, kind, class, name, principal, environment, owner, suppliers,
        fingerprint, secret_ref, delivery, sealed_secret, changed_at, changed_evidence, changed_no_later_than,
        last_used_at, expires_at, claimed_unused_by, attributes, created_at, updated_at)
      select id, ref, system, kind, coalesce(class, 'unknown'), name, principal, environment, owner,
        coalesce(suppliers, '{}'), fingerprint, "secretRef", delivery, decode(sealed_hex, 'hex'), "changedAt",
        "changedEvidence", "changedNoLaterThan", "lastUsedAt", "expiresAt", "claimedUnusedBy",
        coalesce(attributes, '{}'), ${at}, ${at}
      from input
      on conflict (ref) do update set
        class = case when excluded.class = 'unknown' then c.class else excluded.class end,
        principal = coalesce(excluded.principal, c.principal),
        environment = coalesce(excluded.environment, c.environment),
        owner = coalesce(excluded.owner, c.owner),
        suppliers = (select coalesce(array_agg(distinct s order by s), '{}') from unnest(c.suppliers || excluded.suppliers) s),
        fingerprint = coalesce(excluded.fingerprint, c.fingerprint),
        secret_ref = coalesce(excluded.secret_ref, c.secret_ref),
        delivery = coalesce(excluded.delivery, c.delivery),
        sealed_secret = coalesce(excluded.sealed_secret, c.sealed_secret),
        changed_at = coalesce(greatest(excluded.changed_at, c.changed_at), c.changed_at),
        changed_evidence = case when excluded.changed_at >= coalesce(c.changed_at, '-infinity')
          then excluded.changed_evidence else c.changed_evidence end,
        changed_no_later_than = coalesce(excluded.changed_no_later_than, c.changed_no_later_than),
        last_used_at = greatest(excluded.last_used_at, c.last_used_at),
        expires_at = coalesce(excluded.expires_at, c.expires_at),
        claimed_unused_by = coalesce(excluded.claimed_unused_by, c.claimed_unused_by),
        attributes = c.attributes || excluded.attributes,
        updated_at = excluded.updated_at
      returning c.id, c.ref, c.created_at = ${at} and xmax = 0 as added),
    claimed as (
      insert into credential_claim (credential_id, source, says, seen_at)
      select merged.id, ${source}, input.says, ${at} from merged join input using (ref)
      on conflict (credential_id, source) do update set says = excluded.says, seen_at = excluded.seen_at)
    select count(*) filter (where added) as added from merged`.execute(db);
  return result.rows[0]?.added ?? 0;
}

interface SystemRow {
  name: string;
  kind: string;
  connector?: string;
  environment?: string;
  owner?: string;
  version?: string;
  attributes?: Record<string, string>;
}

export async function saveSystem(db: Db, row: SystemRow, at: Date): Promise<void> {
  const { attributes = {}, ...rest } = row;
  const values = { ...rest, attributes: JSON.stringify(attributes), seen_at: at };
  await db
    .insertInto('system')
    .values({ connector: null, environment: null, owner: null, version: null, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute();
}

export async function saveIdentities(
  db: Db,
  system: string,
  identities: { name: string; kind: string; attributes?: Record<string, string> }[],
  at: Date,
): Promise<void> {
  await sql`
    insert into identity (system, name, kind, attributes, seen_at)
    select ${system}, name, kind, coalesce(attributes, '{}'), ${at}
    from jsonb_to_recordset(${JSON.stringify(identities)}::jsonb) as r (name text, kind text, attributes jsonb)
    on conflict (system, name) do update
      set kind = excluded.kind, attributes = identity.attributes || excluded.attributes, seen_at = excluded.seen_at`.execute(
    db,
  );
}

export async function saveGrants(
  db: Db,
  system: string,
  grants: { identity: string; resource: string; privilege: string }[],
  at: Date,
): Promise<void> {
  await sql`
    insert into access_grant (system, identity, resource, privilege, seen_at)
    select distinct ${system}, identity, resource, privilege, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(grants)}::jsonb) as r (identity text, resource text, privilege text)
    on conflict (system, identity, resource, privilege) do update set seen_at = excluded.seen_at`.execute(db);
}

/** Who already has one of these fingerprints: fingerprint to ref. */
export async function findByFingerprint(
  db: Db,
  fingerprints: string[],
): Promise<Map<string, { id: string; ref: string }>> {
  if (fingerprints.length === 0) return new Map();
  const rows = await db
    .selectFrom('credential')
    .select(['fingerprint', 'id', 'ref'])
    .where('fingerprint', '=', sql<string>`any(${fingerprints}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.fingerprint ?? '', { id: row.id, ref: row.ref }]));
}

export interface CredentialFilter {
  system?: string;
  environment?: string;
  class?: string;
  owner?: string;
  source?: string;
  /** Only what no source but this one knows. */
  onlyKnownTo?: string;
  claimedUnused?: boolean;
  after?: string;
  limit: number;
}

const credentialColumns = sql`c.id, c.ref, c.system, c.kind, c.class, c.name, c.principal, c.environment, c.owner, c.suppliers,
  c.fingerprint, c.secret_ref as "secretRef", c.delivery, c.changed_at as "changedAt",
  c.changed_evidence as "changedEvidence", c.changed_no_later_than as "changedNoLaterThan",
  c.last_used_at as "lastUsedAt", c.expires_at as "expiresAt", c.claimed_unused_by as "claimedUnusedBy", c.attributes`;

/** One page, ordered by ref. */
export async function listCredentials(db: Db, filter: CredentialFilter): Promise<Credential[]> {
  const { rows } = await sql<Credential>`
    select ${credentialColumns} from credential c
    where (${filter.system ?? null}::text is null or c.system = ${filter.system ?? null})
      and (${filter.environment ?? null}::text is null or c.environment = ${filter.environment ?? null})
      and (${filter.class ?? null}::text is null or c.class = ${filter.class ?? null})
      and (${filter.owner ?? null}::text is null or c.owner = ${filter.owner ?? null})
      and (${filter.after ?? null}::text is null or c.ref > ${filter.after ?? null})
      and (not ${filter.claimedUnused ?? false} or c.claimed_unused_by is not null)
      and (${filter.source ?? null}::text is null or exists (
        select 1 from credential_claim k where k.credential_id = c.id and k.source = ${filter.source ?? null}))
      and (${filter.onlyKnownTo ?? null}::text is null or (
        select array_agg(k.source) from credential_claim k where k.credential_id = c.id) = array[${filter.onlyKnownTo ?? null}])
    order by c.ref limit ${filter.limit}`.execute(db);
  return rows;
}

/** One credential with what each source says of it. Throws not_found. */
export async function showCredential(
  db: Db,
  ref: string,
): Promise<{
  credential: Credential;
  claims: { source: string; says: Record<string, unknown>; seenAt: Date }[];
}> {
  const { rows } = await sql<Credential>`
    select ${credentialColumns} from credential c where c.ref = ${ref} or c.id = ${ref}`.execute(db);
  const credential = rows[0];
  if (!credential) throw new FirebreakError('not_found', `no credential ${ref} in the inventory`);
  const claims = await db
    .selectFrom('credential_claim')
    .select(['source', 'says', 'seen_at as seenAt'])
    .where('credential_id', '=', credential.id)
    .orderBy('source')
    .execute();
  return {
    credential,
    claims: claims.map((claim) => ({ ...claim, says: claim.says as Record<string, unknown> })),
  };
}

/** How many credentials there are, by environment and class. */
export async function countCredentials(
  db: Db,
): Promise<{ environment: string | null; class: string; count: number }[]> {
  const { rows } = await sql<{ environment: string | null; class: string; count: number }>`
    select environment, class, count(*) as count from credential group by 1, 2 order by 1, 2`.execute(db);
  return rows;
}

/** What each source contributes and what only it knows. */
export async function summariseSources(db: Db): Promise<SourceSummary[]> {
  const { rows } = await sql<SourceSummary>`
    with counted as (select credential_id, source, seen_at, count(*) over (partition by credential_id) as sources from credential_claim)
    select source, count(*) as credentials, count(*) filter (where sources = 1) as "onlyHere", max(seen_at) as "lastSeenAt"
    from counted group by source order by source`.execute(db);
  return rows;
}

/** Fields on which two sources disagree, first `limit` of them by ref. */
export async function findDisagreements(db: Db, limit: number): Promise<Disagreement[]> {
  const { rows } = await sql<Disagreement>`
    select c.ref, f.field, jsonb_object_agg(k.source, k.says ->> f.field) as says
    from credential_claim k
    join credential c on c.id = k.credential_id
    cross join unnest(array['class', 'principal', 'environment', 'owner', 'fingerprint']) as f (field)
    where k.says ? f.field
    group by c.ref, f.field
    having count(distinct k.says ->> f.field) > 1
    order by c.ref, f.field limit ${limit}`.execute(db);
  return rows;
}

/** The credentials with these refs, and the fingerprints that they have. */
export async function refsByName(
  db: Db,
  refs: string[],
): Promise<Map<string, { id: string; fingerprint: string | null }>> {
  if (refs.length === 0) return new Map();
  const rows = await db
    .selectFrom('credential')
    .select(['ref', 'id', 'fingerprint'])
    .where('ref', '=', sql<string>`any(${refs}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.ref, row]));
}

/** Keeps how a discovery or an import went. */
export async function saveRun(
  db: Db,
  run: RunSummary & { startedAt: Date; finishedAt: Date; ledgerSeq: number },
): Promise<void> {
  const { id, source, records, accepted, rejected } = run;
  const times = { started_at: run.startedAt, finished_at: run.finishedAt };
  await db
    .insertInto('inventory_run')
    .values({ id, source, records, accepted, rejected, ledger_seq: run.ledgerSeq, ...times })
    .execute();
}
