/** The tables of collections: what was asked for, its census, and how far it is. */
import { sql } from 'kysely';
import { FirebreakError } from '../../kernel/errors.ts';
import type { Db, Tx } from '../../store/index.ts';
import { type HostSelection, selectedHosts } from '../inventory/index.ts';
import type {
  Collection,
  CollectionProgress,
  CollectionStatus,
  HostCensus,
  HostState,
  PendingHost,
} from './collections.ts';

const collectionColumns = sql`id, incident_id as "incidentId", kind, created_at as "createdAt", created_by as "createdBy",
  what, status, status_reason as "statusReason", control, run`;

export async function insertCollection(
  tx: Tx,
  row: Pick<Collection, 'id' | 'incidentId' | 'kind' | 'createdAt' | 'createdBy' | 'what' | 'status'>,
): Promise<void> {
  await sql`
    insert into collection (id, incident_id, kind, created_at, created_by, what, status, updated_at)
    values (${row.id}, ${row.incidentId}, ${row.kind}, ${row.createdAt}, ${row.createdBy},
      ${JSON.stringify(row.what)}, ${row.status}, ${row.createdAt})`.execute(tx);
}

/** Fixes the census: a row for every host that is meant, spread over batches whatever its name and site. */
export async function insertCensus(
  tx: Tx,
  id: string,
  selection: HostSelection,
  batchHosts: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into collection_host (collection_id, host, batch, target, role, site, environment, state)
    select ${id}, name, (row_number() over (order by md5(name), name) - 1) / ${batchHosts},
      jsonb_build_object('address', address, 'port', port, 'login', login, 'jump', jump), role, site, environment, 'not-attempted'
    from host where ${selectedHosts(selection)}`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** The collections of an incident, the latest first. */
export async function listCollections(db: Db, incidentId: string): Promise<Collection[]> {
  const { rows } = await sql<Collection>`
    select ${collectionColumns} from collection where incident_id = ${incidentId}
    order by created_at desc, id desc`.execute(db);
  return rows;
}

/**
 * The collection with this id, or the only one whose id begins so; without an id, the latest examination of the
 * incident, and where there is none, the first that was imported.
 */
export async function findCollection(db: Db, incidentId: string, id?: string): Promise<Collection> {
  const all = await listCollections(db, incidentId);
  if (id === undefined) {
    const usual = all.find(({ kind }) => kind === 'ssh') ?? all.at(-1);
    if (usual) return usual;
    throw new FirebreakError('not_found', 'nothing was collected yet: firebreak triage collect');
  }
  const begins = all.filter((one) => one.id.startsWith(id));
  const found = all.find((one) => one.id === id) ?? (begins.length === 1 ? begins[0] : undefined);
  if (found) return found;
  throw new FirebreakError(
    'not_found',
    begins.length > 1
      ? `${begins.length} collections begin with ${id}`
      : `no collection ${id} in this incident`,
  );
}

export async function getCollection(db: Db | Tx, id: string): Promise<Collection> {
  const { rows } =
    await sql<Collection>`select ${collectionColumns} from collection where id = ${id}`.execute(db);
  if (rows[0]) return rows[0];
  throw new FirebreakError('not_found', `no collection ${id}`);
}

export async function setStatus(
  db: Db | Tx,
  id: string,
  status: CollectionStatus,
  reason: string | null,
  at: Date,
): Promise<void> {
  await sql`update collection set status = ${status}, status_reason = ${reason}, updated_at = ${at} where id = ${id}`.execute(
    db,
  );
}

export async function setControl(db: Db | Tx, id: string, control: Collection['control']): Promise<void> {
  await sql`update collection set control = ${control} where id = ${id}`.execute(db);
}

/** Begins the next run, and returns its number. */
export async function nextRun(tx: Tx, id: string, at: Date): Promise<number> {
  const { rows } = await sql<{ run: number }>`
    update collection set run = run + 1, run_started_at = ${at}, control = 'run', status = 'running', status_reason = null,
      updated_at = ${at}
    where id = ${id} returning run`.execute(tx);
  return rows[0]?.run ?? 0;
}

/** Puts hosts in these states back in line. Returns how many. */
export async function reopenHosts(tx: Tx, id: string, states: readonly HostState[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update collection_host set pending = true
    where collection_id = ${id} and not pending and state = any(${[...states]}::text[])`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Takes what is still in line out of it. */
export async function dropPending(tx: Tx, id: string): Promise<void> {
  await sql`
    update collection_host set pending = false,
      code = case when state = 'not-attempted' then 'cancelled' else code end,
      why = case when state = 'not-attempted' then 'the collection was cancelled before its turn' else why end
    where collection_id = ${id} and pending`.execute(tx);
}

export async function listOpenBatches(db: Db, id: string): Promise<number[]> {
  const { rows } = await sql<{ batch: number }>`
    select distinct batch from collection_host where collection_id = ${id} and pending order by batch`.execute(
    db,
  );
  return rows.map(({ batch }) => batch);
}

export async function listPending(db: Db, id: string, batch: number): Promise<PendingHost[]> {
  const { rows } = await sql<PendingHost>`
    select host, target, role, site, environment, load, attempts from collection_host
    where collection_id = ${id} and batch = ${batch} and pending order by host`.execute(db);
  return rows;
}

const censusColumns = sql`count(*) as total, count(*) filter (where state = 'examined') as examined,
  count(*) filter (where state = 'partial') as partial, count(*) filter (where state = 'refused') as refused,
  count(*) filter (where state = 'unreachable') as unreachable,
  count(*) filter (where state = 'not-attempted') as "notAttempted",
  count(*) filter (where state = 'excepted') as excepted,
  count(*) filter (where state not in ('examined', 'excepted')) as outstanding`;

/** How far a collection is. */
export async function readProgress(db: Db, id: string, now: Date): Promise<CollectionProgress> {
  const { rows } = await sql<
    HostCensus & {
      pending: number;
      done: number;
      runStartedAt: Date | null;
      status: CollectionStatus;
      statusReason: string | null;
    }
  >`
    with h as (
      select h.*, c.run_started_at, case when h.state <> 'examined' and e.until > now() then 'excepted' else h.state end as shown
      from collection c join collection_host h on h.collection_id = c.id
      left join host_exception e on e.incident_id = c.incident_id and e.host = h.host
      where c.id = ${id}),
    n as (select count(*) filter (where pending) as pending, count(*) filter (where not pending and at >= run_started_at) as done from h),
    s as (select ${censusColumns} from (select shown as state from h) as t)
    select s.*, n.*, c.run_started_at as "runStartedAt", c.status, c.status_reason as "statusReason"
    from collection c, n, s where c.id = ${id}`.execute(db);
  const [row] = rows;
  if (!row) throw new FirebreakError('not_found', `no collection ${id}`);
  const { pending, done, runStartedAt, status, statusReason, ...census } = row;
  const seconds = runStartedAt === null ? 0 : (now.getTime() - runStartedAt.getTime()) / 1_000;
  const perSecond = status === 'running' && done > 0 && seconds > 0 ? done / seconds : null;
  const secondsLeft = perSecond === null ? null : Math.ceil(pending / perSecond);
  return { id, status, statusReason, census, pending, done, runStartedAt, perSecond, secondsLeft };
}

/** Every host that a collection of the incident includes, by its latest collection. */
export async function countHostStates(db: Db, incidentId: string): Promise<HostCensus> {
  const { rows } = await sql<HostCensus>`
    select ${censusColumns} from host_state where incident_id = ${incidentId}`.execute(db);
  const none = {
    total: 0,
    examined: 0,
    partial: 0,
    refused: 0,
    unreachable: 0,
    notAttempted: 0,
    excepted: 0,
    outstanding: 0,
  };
  return rows[0] ?? none;
}

/** Hosts of the inventory that no collection of the incident includes. */
export async function countUncollected(db: Db, incidentId: string): Promise<number> {
  const { rows } = await sql<{ hosts: number }>`
    select count(*) as hosts from host h where not exists (
      select 1 from host_state s where s.incident_id = ${incidentId} and s.host = h.name)`.execute(db);
  return rows[0]?.hosts ?? 0;
}
