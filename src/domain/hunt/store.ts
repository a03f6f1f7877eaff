/** The tables of runs and findings. Those of descendants are in descendants/store.ts. */
import { sql } from 'kysely';
import { sha256Hex } from '../../kernel/hash.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { Claim } from './coverage/types.ts';
import type { Finding, FindingTally, NewFinding, Outstanding, RunDoubt, RunKind } from './types.ts';

/** PostgreSQL takes no NUL in a text, and logs may have any byte: it is written as U+FFFD. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'string' ? item.replaceAll('\0', '\ufffd') : item,
  );

export async function insertRun(
  tx: Tx,
  row: { id: string; incidentId: string; kind: RunKind; what: object; at: Date; by: string },
): Promise<void> {
  await tx
    .insertInto('hunt_run')
    .values({
      id: row.id,
      incident_id: row.incidentId,
      kind: row.kind,
      what: jsonText(row.what),
      started_at: row.at,
      started_by: row.by,
    })
    .execute();
}

export async function finishRun(
  tx: Tx,
  id: string,
  row: {
    at: Date;
    tally: FindingTally;
    claims: readonly Claim[];
    result: object;
    outstanding: readonly Outstanding[];
    doubts: readonly RunDoubt[];
    seq: number;
  },
): Promise<void> {
  await tx
    .updateTable('hunt_run')
    .set({
      finished_at: row.at,
      found: row.tally.found,
      added: row.tally.added,
      coverage: jsonText(row.claims),
      result: jsonText(row.result),
      outstanding: jsonText(row.outstanding),
      doubts: jsonText(row.doubts),
      ledger_seq: row.seq,
    })
    .where('id', '=', id)
    .execute();
}

export async function failRun(tx: Tx, id: string, because: string, seq: number): Promise<void> {
  await tx
    .updateTable('hunt_run')
    .set({ failed_because: because.replaceAll('\0', '\ufffd'), ledger_seq: seq })
    .where('id', '=', id)
    .execute();
}

/** One run as it is listed. `finishedAt` and `failedBecause` both null: it runs, or was interrupted. */
export interface RunView {
  id: string;
  kind: RunKind;
  what: Record<string, unknown>;
  startedAt: Date;
  startedBy: string;
  finishedAt: Date | null;
  failedBecause: string | null;
  found: number;
  added: number;
  claims: Claim[];
  result: Record<string, unknown>;
  outstanding: Outstanding[];
  ledgerSeq: number | null;
}

/** Runs of the incident, first to last. Times within `claims`, `result` and `what` are ISO 8601 texts. */
export async function listRuns(db: Db, incidentId: string, kind?: RunKind): Promise<RunView[]> {
  const { rows } = await sql<RunView>`
    select id, kind, what, started_at as "startedAt", started_by as "startedBy", finished_at as "finishedAt",
      failed_because as "failedBecause", found, added, coverage as claims, result, outstanding, ledger_seq as "ledgerSeq"
    from hunt_run where incident_id = ${incidentId} and (${kind ?? null}::text is null or kind = ${kind ?? null})
    order by started_at, id`.execute(db);
  return rows;
}

/** A run that finished, with what it leaves open. */
export interface DoubtfulRun extends Pick<RunView, 'kind' | 'what' | 'claims'> {
  doubts: RunDoubt[];
}

/** First to last. Times within `claims` and `what` are ISO 8601 texts. */
export async function listDoubtfulRuns(db: Db, incidentId: string): Promise<DoubtfulRun[]> {
  const { rows } = await sql<DoubtfulRun>`
    select kind, what, coverage as claims, doubts from hunt_run
    where incident_id = ${incidentId} and finished_at is not null order by started_at, id`.execute(db);
  return rows;
}

/** When each kind of question was last asked, and when logs last came in that were not there before. */
export async function readAsked(
  db: Db,
  incidentId: string,
): Promise<{ asked: Map<RunKind, Date>; lastLogs: Date | null }> {
  const { rows } = await sql<{ kind: RunKind; asked: Date; brought: Date | null }>`
    select kind, max(started_at) as asked, max(finished_at) filter (where kind = 'ingest'
      and (result -> 'totals' ->> 'files')::bigint > (result -> 'totals' ->> 'already')::bigint) as brought
    from hunt_run where incident_id = ${incidentId} and finished_at is not null group by kind`.execute(db);
  return {
    asked: new Map(rows.map(({ kind, asked }) => [kind, asked])),
    lastLogs: rows.find(({ kind }) => kind === 'ingest')?.brought ?? null,
  };
}

/**
 * Runs by how they ended. One that was interrupted or failed is unfinished until a later run of its kind finishes:
 * what was asked was then answered after all.
 */
export async function countRuns(
  db: Db,
  incidentId: string,
): Promise<{ total: number; finished: number; unfinished: number }> {
  const { rows } = await sql<{ total: number; unfinished: number }>`
    select count(*) as total, count(*) filter (where finished_at is null and not exists (
      select from hunt_run later where later.incident_id = r.incident_id and later.kind = r.kind
        and later.finished_at is not null and later.started_at >= r.started_at)) as unfinished
    from hunt_run r where incident_id = ${incidentId}`.execute(db);
  const { total = 0, unfinished = 0 } = rows[0] ?? {};
  return { total, finished: total - unfinished, unfinished };
}

/** The same event found by the same rule is the same finding, whenever it is found. */
const findingId = (incidentId: string, finding: NewFinding): string =>
  `fnd_${sha256Hex(JSON.stringify([incidentId, finding.rule, finding.event.fileId, finding.event.line])).slice(0, 16)}`;

/** Adds those that are new, and brings the words of the others up to date. Returns how many were new. */
export async function saveFindings(
  tx: Tx,
  incidentId: string,
  runId: string,
  findings: readonly NewFinding[],
  at: Date,
): Promise<number> {
  const rows = new Map(
    findings.map(({ event, ...finding }) => {
      const id = findingId(incidentId, { event, ...finding });
      return [id, { ...event, ...finding, id, eventAt: event.at }] as const;
    }),
  );
  if (rows.size === 0) return 0;
  const result = await sql<{ added: number }>`
    with saved as (
      insert into finding as f (id, incident_id, run_id, rule, rule_kind, title, severity, techniques, file_id, line,
        source, host, at, time_text, code, actor, address, message, data, found_at)
      select id, ${incidentId}, ${runId}, rule, "ruleKind", title, severity, techniques, "fileId", line, source, host,
        "eventAt", "timeText", code, actor, address, message, data, ${at}
      from jsonb_to_recordset(${jsonText([...rows.values()])}::jsonb) as r (id text, rule text, "ruleKind" text,
        title text, severity text, techniques text[], "fileId" text, line bigint, source text, host text,
        "eventAt" timestamptz, "timeText" text, code text, actor text, address text, message text, data jsonb)
      on conflict (incident_id, rule, file_id, line) do update
        set title = excluded.title, severity = excluded.severity, techniques = excluded.techniques, data = excluded.data
      returning xmax = 0 as added)
    select count(*) filter (where added) as added from saved`.execute(tx);
  return result.rows[0]?.added ?? 0;
}

export interface FindingFilter {
  incidentId: string;
  ruleKind?: 'sigma' | 'indicator';
  rule?: string;
  severity?: string;
  /** The page after this finding: the id of the last one of the page before. */
  after?: string;
  limit: number;
}

/** One page, by time. */
export async function listFindings(db: Db, filter: FindingFilter): Promise<Finding[]> {
  const { rows } = await sql<FindingRow>`
    select id, incident_id, run_id, rule, rule_kind, title, severity, techniques, file_id, line, source, host, at,
      time_text, code, actor, address, message, data, found_at
    from finding where incident_id = ${filter.incidentId}
      and (${filter.ruleKind ?? null}::text is null or rule_kind = ${filter.ruleKind ?? null})
      and (${filter.rule ?? null}::text is null or rule = ${filter.rule ?? null})
      and (${filter.severity ?? null}::text is null or severity = ${filter.severity ?? null})
      and (${filter.after ?? null}::text is null or (at, id) > (select at, id from finding where id = ${filter.after ?? null}))
    order by at, id limit ${filter.limit}`.execute(db);
  return rows.map(toFinding);
}

/** Addresses that indicators were seen at, as whoever acted came from them. */
export async function listSightedAddresses(db: Db, incidentId: string): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select distinct address from finding where incident_id = ${incidentId} and rule_kind = 'indicator'
      and data ->> 'column' = 'src_ip' and address <> '' order by address`.execute(db);
  return rows.map(({ address }) => address);
}

/** Findings by rule, most telling first. */
export async function countFindings(
  db: Db,
  incidentId: string,
): Promise<{ rule: string; title: string; severity: string; findings: number; first: Date; last: Date }[]> {
  const { rows } = await sql<{
    rule: string;
    title: string;
    severity: string;
    findings: number;
    first: Date;
    last: Date;
  }>`
    select rule, max(title) as title, severity, count(*) as findings, min(at) as first, max(at) as last
    from finding where incident_id = ${incidentId} group by rule, severity
    order by array_position(array['critical', 'high', 'medium', 'low', 'informational'], severity), rule`.execute(
    db,
  );
  return rows;
}

interface FindingRow {
  id: string;
  incident_id: string;
  run_id: string;
  rule: string;
  rule_kind: 'sigma' | 'indicator';
  title: string;
  severity: Finding['severity'];
  techniques: string[];
  file_id: string;
  line: number;
  source: string;
  host: string;
  at: Date;
  time_text: string;
  code: string;
  actor: string;
  address: string;
  message: string;
  data: Record<string, unknown>;
  found_at: Date;
}

const toFinding = (row: FindingRow): Finding => ({
  id: row.id,
  incidentId: row.incident_id,
  runId: row.run_id,
  rule: row.rule,
  ruleKind: row.rule_kind,
  title: row.title,
  severity: row.severity,
  techniques: row.techniques,
  event: {
    fileId: row.file_id,
    line: row.line,
    source: row.source,
    host: row.host,
    at: row.at,
    timeText: row.time_text,
    code: row.code,
    actor: row.actor,
    address: row.address,
    message: row.message,
  },
  data: row.data,
  foundAt: row.found_at,
});
