/** Hosts of an incident by how their restart stands, over all its plans; and the exceptions from it. */
import { sql } from 'kysely';
import { FirebreakError } from '../../kernel/errors.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { ExceptionRow } from '../evidence/index.ts';

/** `total` is the sum of proven, excepted and outstanding. */
export interface RebootCensus {
  /** Hosts that a plan of the incident meant. */
  total: number;
  /** By another boot identity, with a signed proof in the ledger. */
  proven: number;
  excepted: number;
  outstanding: number;
  /** Outstanding ones by the code of their reason. */
  outstandingBy: Record<string, number>;
  /** Hosts of which the inventory expects a restart and that no plan means: said, but not outstanding. */
  beyond: number;
}

/** One host, by the latest plan that meant it. */
export interface RebootState {
  host: string;
  planId: string;
  role: string;
  state: 'proven' | 'excepted' | 'outstanding';
  code: string | null;
  reason: string | null;
  proofSeq: number | null;
  exceptedUntil: Date | null;
}

const columns = sql`host, plan_id as "planId", role, state, code, reason, proof_seq as "proofSeq",
  excepted_until as "exceptedUntil"`;

/** Counted now, from the hosts themselves. */
export async function countReboots(db: Db | Tx, incidentId: string): Promise<RebootCensus> {
  const [counts, reasons] = await Promise.all([
    sql<Omit<RebootCensus, 'outstandingBy'>>`
      select count(*) as total, count(*) filter (where state = 'proven') as proven,
        count(*) filter (where state = 'excepted') as excepted,
        count(*) filter (where state = 'outstanding') as outstanding,
        (select count(*) from host h where h.boot <> 'none' and not exists (
          select 1 from reboot_state s where s.incident_id = ${incidentId} and s.host = h.name)) as beyond
      from reboot_state where incident_id = ${incidentId}`.execute(db),
    countRebootReasons(db, incidentId),
  ]);
  const none = { total: 0, proven: 0, excepted: 0, outstanding: 0, beyond: 0 };
  const outstandingBy = Object.fromEntries(reasons.map(({ code, hosts }) => [code, hosts]));
  return { ...(counts.rows[0] ?? none), outstandingBy };
}

/** Outstanding hosts by the code of their reason, the most first. */
export async function countRebootReasons(
  db: Db | Tx,
  incidentId: string,
): Promise<{ code: string; hosts: number; example: string; reason: string | null }[]> {
  const { rows } = await sql<{ code: string; hosts: number; example: string; reason: string | null }>`
    select code, count(*) as hosts, min(host) as example, (array_agg(reason order by host))[1] as reason
    from reboot_state where incident_id = ${incidentId} and state = 'outstanding'
    group by 1 order by 2 desc, 1`.execute(db);
  return rows;
}

/** Hosts in a state, by name. */
export async function listRebootStates(
  db: Db | Tx,
  incidentId: string,
  { state, after = '', limit }: { state: RebootState['state']; after?: string; limit: number },
): Promise<RebootState[]> {
  const { rows } = await sql<RebootState>`
    select ${columns} from reboot_state
    where incident_id = ${incidentId} and state = ${state} and host > ${after} order by host limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** Throws not_found when no plan of the incident means it. */
export async function getRebootState(db: Db | Tx, incidentId: string, host: string): Promise<RebootState> {
  const { rows } = await sql<RebootState>`
    select ${columns} from reboot_state where incident_id = ${incidentId} and host = ${host}`.execute(db);
  if (rows[0]) return rows[0];
  throw new FirebreakError(
    'not_found',
    `no reboot plan of this incident means a host ${host}: firebreak reboot status lists those that are outstanding`,
  );
}

export interface RebootException extends ExceptionRow {
  host: string;
}

/** A later exception of the same host takes the place of the earlier one; the ledger has both. */
export async function saveRebootException(
  tx: Tx,
  incidentId: string,
  { host, reason, approver, until, seq, at }: RebootException,
): Promise<void> {
  await sql`
    insert into reboot_exception (incident_id, host, reason, approver, until, ledger_seq, at)
    values (${incidentId}, ${host}, ${reason}, ${approver}, ${until}, ${seq}, ${at})
    on conflict (incident_id, host) do update set reason = excluded.reason, approver = excluded.approver,
      until = excluded.until, ledger_seq = excluded.ledger_seq, at = excluded.at`.execute(tx);
}

/** Exceptions of the incident by host, also those that have ended. */
export async function listRebootExceptions(
  db: Db | Tx,
  incidentId: string,
  limit: number,
): Promise<RebootException[]> {
  const { rows } = await sql<RebootException>`
    select host, reason, approver, until, ledger_seq as seq, at from reboot_exception
    where incident_id = ${incidentId} order by host limit ${limit}`.execute(db);
  return rows;
}
