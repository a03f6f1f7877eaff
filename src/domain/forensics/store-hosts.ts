/** The tables of hosts in a collection: verdicts, findings, keys, exceptions, and rows of the lake that do not count. */
import { sql } from 'kysely';
import { FirebreakError } from '../../kernel/errors.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { ExceptionRow } from '../evidence/index.ts';
import type { HostLine, HostState, HostVerdict } from './collections.ts';
import type { HostFinding } from './types.ts';

// NUL, and half pairs of UTF-16.
const unfit = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** PostgreSQL takes no NUL in a text, and a host may send any byte: it is written as U+FFFD. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'string' ? item.replace(unfit, '\ufffd') : item,
  );

/** Records verdicts with the ledger entry that holds each, and takes their hosts out of the line. */
export async function recordVerdicts(
  tx: Tx,
  id: string,
  verdicts: readonly HostVerdict[],
  seqs: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = verdicts.map((one) => ({ ...one, seq: seqs.get(one.host) ?? null }));
  await sql`
    update collection_host h set state = r.state, code = r.code, why = r.why, attempts = h.attempts + 1, at = r.at,
      took_ms = r."tookMs", pending = false, load = coalesce(r.load, h.load),
      facts = case when r.load is null then h.facts else r.facts end,
      score = case when r.load is null then h.score else r.score end,
      identity = coalesce(nullif(r.identity, 'null'::jsonb), h.identity), artifacts = case when r.load is null then h.artifacts else r.artifacts end, raw_sha256 = coalesce(r."rawSha256", h.raw_sha256),
      raw_bytes = coalesce(r."rawBytes", h.raw_bytes), script_sha256 = coalesce(r."scriptSha256", h.script_sha256),
      exit_code = coalesce(r."exitCode", h.exit_code), host_key = coalesce(r."hostKey", h.host_key),
      origin = r.origin, ledger_seq = r.seq
    from jsonb_to_recordset(${jsonText(rows)}::jsonb) as r (host text, state text, code text, why text, at timestamptz,
      "tookMs" integer, load text, facts integer, score integer, identity jsonb, artifacts jsonb, "rawSha256" text,
      "rawBytes" bigint, "scriptSha256" text, "exitCode" integer, "hostKey" text, origin text, seq bigint)
    where h.collection_id = ${id} and h.host = r.host`.execute(tx);
}

/** Puts the findings of these hosts in the place of earlier ones. */
export async function saveFindings(
  tx: Tx,
  id: string,
  findings: ReadonlyMap<string, readonly HostFinding[]>,
): Promise<void> {
  if (findings.size === 0) return;
  await sql`delete from host_finding where collection_id = ${id} and host = any(${[...findings.keys()]}::text[])`.execute(
    tx,
  );
  const rows = [...findings].flatMap(([host, list]) =>
    list.map(({ fact, ...finding }, number) => ({ ...fact, ...finding, host, number: number + 1 })),
  );
  if (rows.length === 0) return;
  await sql`
    insert into host_finding (collection_id, host, number, rule, title, why, technique, score, artifact, key, value, path,
      owner, sha256, at, detail)
    select ${id}, host, number, rule, title, why, technique, score, artifact, key, value, path, owner, sha256, at, detail
    from jsonb_to_recordset(${jsonText(rows)}::jsonb) as r (host text, number integer, rule text, title text, why text,
      technique text, score integer, artifact text, key text, value text, path text, owner text, sha256 text,
      at timestamptz, detail jsonb)`.execute(tx);
}

/** An imported host that no census knows becomes a member. */
export async function addHosts(tx: Tx, id: string, hosts: readonly string[]): Promise<void> {
  await sql`
    insert into collection_host (collection_id, host, batch, target, role, site, environment, state)
    select ${id}, name, 0, jsonb_build_object('address', coalesce(h.address, name), 'port', coalesce(h.port, 22),
      'login', coalesce(h.login, ''), 'jump', coalesce(h.jump, '')), coalesce(h.role, ''), coalesce(h.site, ''),
      coalesce(h.environment, ''), 'not-attempted'
    from unnest(${[...hosts]}::text[]) as name left join host h using (name)
    on conflict do nothing`.execute(tx);
}

export interface HostRow {
  host: string;
  role: string;
  site: string;
  environment: string;
  state: HostState;
  load: string | null;
}

export async function findHosts(db: Db | Tx, id: string, hosts: readonly string[]): Promise<HostRow[]> {
  const { rows } = await sql<HostRow>`
    select host, role, site, environment, state, load from collection_host
    where collection_id = ${id} and host = any(${[...hosts]}::text[])`.execute(db);
  return rows;
}

export interface Leftover {
  host: string;
  load: string;
}

export async function addLeftovers(db: Db | Tx, id: string, leftovers: readonly Leftover[]): Promise<void> {
  if (leftovers.length === 0) return;
  await sql`
    insert into fact_leftover (collection_id, host, load)
    select ${id}, host, load from jsonb_to_recordset(${JSON.stringify(leftovers)}::jsonb) as r (host text, load text)
    on conflict do nothing`.execute(db);
}

export async function dropLeftovers(db: Db | Tx, id: string, leftovers: readonly Leftover[]): Promise<void> {
  if (leftovers.length === 0) return;
  await sql`
    delete from fact_leftover l using jsonb_to_recordset(${JSON.stringify(leftovers)}::jsonb) as r (host text, load text)
    where l.collection_id = ${id} and l.host = r.host and l.load = r.load`.execute(db);
}

/** Of these hosts, or of all. */
export async function listLeftovers(db: Db, id: string, hosts?: readonly string[]): Promise<Leftover[]> {
  const { rows } = await sql<Leftover>`
    select host, load from fact_leftover
    where collection_id = ${id} and (${hosts === undefined} or host = any(${[...(hosts ?? [])]}::text[]))`.execute(
    db,
  );
  return rows;
}

/** Keys that were taken on trust, by algorithm. */
export async function listHostKeys(db: Db, host: string): Promise<{ algorithm: string; sha256: string }[]> {
  const { rows } = await sql<{ algorithm: string; sha256: string }>`
    select algorithm, sha256 from host_key where host = ${host} order by algorithm`.execute(db);
  return rows;
}

export async function insertHostKey(
  tx: Tx,
  row: { host: string; algorithm: string; sha256: string; seq: number; at: Date },
): Promise<void> {
  await sql`
    insert into host_key (host, algorithm, sha256, ledger_seq, at)
    values (${row.host}, ${row.algorithm}, ${row.sha256}, ${row.seq}, ${row.at}) on conflict do nothing`.execute(
    tx,
  );
}

interface HostFilter {
  incidentId: string;
  states?: readonly (HostState | 'excepted')[];
  after?: string;
  limit: number;
}

/** Hosts of the incident by their latest collection, a page at a time, by name. */
export async function listHostStates(db: Db, filter: HostFilter): Promise<HostLine[]> {
  const { states, after = '' } = filter;
  const { rows } = await sql<HostLine>`
    select host, role, site, environment, state, code, why, at, attempts, score, excepted_until as "exceptedUntil"
    from host_state where incident_id = ${filter.incidentId} and host > ${after}
      and (${states === undefined} or state = any(${[...(states ?? [])]}::text[]))
    order by host limit ${filter.limit}`.execute(db);
  return rows;
}

/** Outstanding hosts by state and code, most first. */
export async function countReasons(
  db: Db,
  incidentId: string,
): Promise<{ state: HostState; code: string | null; hosts: number; example: string }[]> {
  const { rows } = await sql<{ state: HostState; code: string | null; hosts: number; example: string }>`
    select state, code, count(*) as hosts, min(host) as example from host_state
    where incident_id = ${incidentId} and state not in ('examined', 'excepted')
    group by state, code order by hosts desc, state, code`.execute(db);
  return rows;
}

export interface HostDetail extends HostLine, Omit<HostVerdict, 'state' | 'at' | 'tookMs' | 'load'> {
  collectionId: string;
  tookMs: number | null;
  load: string | null;
  ledgerSeq: number | null;
}

/** The host as the incident has it. Throws not_found. */
export async function getHost(db: Db, incidentId: string, host: string): Promise<HostDetail> {
  const { rows } = await sql<HostDetail>`
    select s.host, s.role, s.site, s.environment, s.state, s.code, s.why, s.at, s.attempts, s.score,
      s.excepted_until as "exceptedUntil", s.collection_id as "collectionId", h.took_ms as "tookMs", h.load, h.facts,
      h.identity, h.artifacts, h.raw_sha256 as "rawSha256", h.raw_bytes as "rawBytes", h.script_sha256 as "scriptSha256",
      h.exit_code as "exitCode", h.host_key as "hostKey", h.origin, h.ledger_seq as "ledgerSeq"
    from host_state s join collection_host h on h.collection_id = s.collection_id and h.host = s.host
    where s.incident_id = ${incidentId} and s.host = ${host}`.execute(db);
  if (rows[0]) return rows[0];
  throw new FirebreakError('not_found', `no collection of this incident includes host ${host}`);
}

export interface FindingRow extends Omit<HostFinding, 'fact'> {
  host: string;
  artifact: string;
  key: string;
  value: string;
  path: string;
  owner: string;
  sha256: string;
  at: Date | null;
}

/** What stands out on one host, or on all of a collection; the highest score first. */
export async function listFindings(
  db: Db,
  { collectionId, host, limit }: { collectionId: string; host?: string; limit: number },
): Promise<FindingRow[]> {
  const { rows } = await sql<FindingRow>`
    select host, rule, title, why, technique, score, artifact, key, value, path, owner, sha256, at from host_finding
    where collection_id = ${collectionId} and (${host ?? null}::text is null or host = ${host ?? null})
    order by score desc, host, number limit ${limit}`.execute(db);
  return rows;
}

export async function saveException(
  tx: Tx,
  row: ExceptionRow & { incidentId: string; host: string },
): Promise<void> {
  await sql`
    insert into host_exception (incident_id, host, reason, approver, until, ledger_seq, at)
    values (${row.incidentId}, ${row.host}, ${row.reason}, ${row.approver}, ${row.until}, ${row.seq}, ${row.at})
    on conflict (incident_id, host) do update set reason = excluded.reason, approver = excluded.approver,
      until = excluded.until, ledger_seq = excluded.ledger_seq, at = excluded.at`.execute(tx);
}

export interface ExaminedHost {
  /** Empty where it did not say. */
  bootId: string;
  artifacts: { artifact: string; state: string }[];
}

/** Hosts of a collection that gave something, by name. */
export async function listExaminedHosts(db: Db, collectionId: string): Promise<Map<string, ExaminedHost>> {
  const { rows } = await sql<ExaminedHost & { host: string }>`
    select host, coalesce(identity ->> 'bootId', '') as "bootId", artifacts from collection_host
    where collection_id = ${collectionId} and state in ('examined', 'partial') and load is not null`.execute(
    db,
  );
  return new Map(rows.map(({ host, ...one }) => [host, one]));
}
