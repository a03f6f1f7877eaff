/** The tables of descendants and of the events that prove them. */
import { sql } from 'kysely';
import { FirebreakError } from '../../../kernel/errors.ts';
import type { Db, Tx } from '../../../store/index.ts';
import type { ExceptionRow } from '../../evidence/index.ts';
import { jsonText } from '../store.ts';
import type { Descendant, DescendantCensus, FoundDescendant } from './types.ts';

/**
 * Adds what is new. What is known keeps its state, unless it was made again after it had been contained.
 * Returns how many were new.
 */
export async function saveDescendants(
  tx: Tx,
  incidentId: string,
  found: readonly FoundDescendant[],
  at: Date,
): Promise<number> {
  const rows = found.map(({ edges, ...rest }) => ({
    ...rest,
    lastMade: new Date(Math.max(...edges.map(({ event }) => event.at.getTime()))),
  }));
  const result = await sql<{ added: number }>`
    with saved as (
      insert into descendant as d (id, incident_id, source, host, kind, name, ref, owner, acts, credential_class,
        technique, made_at, generation, found_at)
      select id, ${incidentId}, source, host, kind, name, ref, owner, acts, class, technique, "madeAt", generation, ${at}
      from jsonb_to_recordset(${jsonText(rows)}::jsonb) as r (id text, source text, host text, kind text, name text,
        ref text, owner text, acts boolean, class text, technique text, "madeAt" timestamptz, generation integer)
      on conflict (id) do update set made_at = least(d.made_at, excluded.made_at),
        generation = least(d.generation, excluded.generation)
      returning xmax = 0 as added)
    select count(*) filter (where added) as added from saved`.execute(tx);
  await sql`
    update descendant d set contained_at = null, contained_by = null, contained_because = null, contained_seq = null
    from jsonb_to_recordset(${jsonText(rows)}::jsonb) as r (id text, "lastMade" timestamptz)
    where d.id = r.id and d.contained_at < r."lastMade"`.execute(tx);
  await saveEdges(tx, found);
  return result.rows[0]?.added ?? 0;
}

async function saveEdges(tx: Tx, found: readonly FoundDescendant[]): Promise<void> {
  const rows = found.flatMap(({ id, edges }) =>
    edges.map(({ parent, event: { at, ...event } }) => ({ descendantId: id, parent, ...event, eventAt: at })),
  );
  await sql`
    insert into descendant_edge (descendant_id, parent, file_id, line, source, host, at, time_text, code, actor, address, message)
    select "descendantId", parent, "fileId", line, source, host, "eventAt", "timeText", code, actor, address, message
    from jsonb_to_recordset(${jsonText(rows)}::jsonb) as r ("descendantId" text, parent text, "fileId" text, line bigint,
      source text, host text, "eventAt" timestamptz, "timeText" text, code text, actor text, address text, message text)
    on conflict do nothing`.execute(tx);
}

export interface DescendantFilter {
  incidentId: string;
  state?: string;
  kind?: string;
  /** The page after this descendant. */
  after?: string;
  limit: number;
}

type DescendantRow = Omit<Descendant, 'edges'> & {
  edges: (Descendant['edges'][number]['event'] & { parent: string; at: string })[];
};

/** One page, by the time they were made, each with the events that prove it. */
export async function listDescendants(db: Db, filter: DescendantFilter): Promise<Descendant[]> {
  const { rows } = await sql<DescendantRow>`
    select d.id, d.incident_id as "incidentId", d.source, d.host, d.kind, d.name, d.ref, d.owner, d.acts,
      d.credential_class as class, d.technique, d.made_at as "madeAt", d.generation, d.state, d.reason,
      d.exposure_id as "exposureId", d.contained_at as "containedAt", d.excepted_until as "exceptedUntil",
      case when d.state = 'outstanding' then null when d.state = 'excepted' then d.excepted_seq
        else coalesce(d.contained_seq, (select e.proof_seq from exposure e where e.id = d.exposure_id)) end as "closedSeq",
      (select coalesce(jsonb_agg(jsonb_build_object('parent', e.parent, 'fileId', e.file_id, 'line', e.line, 'source', e.source,
        'host', e.host, 'at', e.at, 'timeText', e.time_text, 'code', e.code, 'actor', e.actor, 'address', e.address,
        'message', e.message) order by e.at, e.line), '[]') from descendant_edge e where e.descendant_id = d.id) as edges
    from descendant_state d where d.incident_id = ${filter.incidentId}
      and (${filter.state ?? null}::text is null or d.state = ${filter.state ?? null})
      and (${filter.kind ?? null}::text is null or d.kind = ${filter.kind ?? null})
      and (${filter.after ?? null}::text is null or
        (d.made_at, d.id) > (select made_at, id from descendant where id = ${filter.after ?? null}))
    order by d.made_at, d.id limit ${filter.limit}`.execute(db);
  return rows.map(({ edges, ...row }) => ({
    ...row,
    edges: edges.map(({ parent, at, ...event }) => ({ parent, event: { ...event, at: new Date(at) } })),
  }));
}

/** Counts every descendant of the incident into its state. */
export async function countDescendants(db: Db, incidentId: string): Promise<DescendantCensus> {
  const { rows } = await sql<{ state: string; kind: string; total: number }>`
    select state, kind, count(*) as total from descendant_state where incident_id = ${incidentId}
    group by 1, 2 order by 1, 2`.execute(db);
  const of = (state: string) => rows.filter((row) => row.state === state);
  const sum = (some: { total: number }[]) => some.reduce((total, row) => total + row.total, 0);
  return {
    total: sum(rows),
    outstanding: sum(of('outstanding')),
    contained: sum(of('contained')),
    excepted: sum(of('excepted')),
    outstandingBy: Object.fromEntries(of('outstanding').map((row) => [row.kind, row.total])),
  };
}

/** By id or by a name that only one has. Throws not_found, or bad_input where several have the name. */
export async function findDescendant(
  db: Db,
  incidentId: string,
  ref: string,
): Promise<{ id: string; kind: string; name: string; state: string; madeAt: Date }> {
  const { rows } = await sql<{ id: string; kind: string; name: string; state: string; madeAt: Date }>`
    select d.id, d.kind, d.name, d.state, greatest(d.made_at, (select max(e.at) from descendant_edge e
      where e.descendant_id = d.id)) as "madeAt"
    from descendant_state d where d.incident_id = ${incidentId} and (d.id = ${ref} or d.name = ${ref})`.execute(
    db,
  );
  if (rows.length > 1)
    throw new FirebreakError(
      'bad_input',
      `${rows.length} descendants are called ${ref}: name one by its id (${rows.map((row) => row.id).join(', ')})`,
    );
  if (!rows[0]) throw new FirebreakError('not_found', `no descendant ${ref} in incident ${incidentId}`);
  return rows[0];
}

export async function saveContained(
  tx: Tx,
  id: string,
  row: { at: Date; by: string; because: string; seq: number },
): Promise<void> {
  await tx
    .updateTable('descendant')
    .set({
      contained_at: row.at,
      contained_by: row.by,
      contained_because: row.because,
      contained_seq: row.seq,
    })
    .where('id', '=', id)
    .execute();
}

export async function saveDescendantException(
  tx: Tx,
  id: string,
  { until, approver, reason, seq }: ExceptionRow,
): Promise<void> {
  await tx
    .updateTable('descendant')
    .set({ excepted_until: until, excepted_by: approver, excepted_because: reason, excepted_seq: seq })
    .where('id', '=', id)
    .execute();
}

/** Credentials among the descendants that are not yet exposed. */
export async function listUnexposed(
  db: Db,
  incidentId: string,
): Promise<
  {
    id: string;
    source: string;
    host: string;
    kind: string;
    name: string;
    ref: string;
    owner: string;
    class: string;
    madeAt: Date;
  }[]
> {
  const { rows } = await sql<{
    id: string;
    source: string;
    host: string;
    kind: string;
    name: string;
    ref: string;
    owner: string;
    class: string;
    madeAt: Date;
  }>`
    select id, source, host, kind, name, ref, owner, credential_class as class, made_at as "madeAt" from descendant
    where incident_id = ${incidentId} and credential_class is not null and exposure_id is null order by made_at, id`.execute(
    db,
  );
  return rows;
}

/**
 * Descendants that can act, with the names by which they are known when they do. What a token or a key is called
 * is no name of anybody; its id is.
 */
export async function listActing(
  db: Db,
  incidentId: string,
): Promise<{ id: string; source: string; host: string; names: string[]; madeAt: Date }[]> {
  const { rows } = await sql<{ id: string; source: string; host: string; names: string[]; madeAt: Date }>`
    select id, source, host, made_at as "madeAt", array_remove(array[ref,
      case when kind in ('account', 'enabled-account') then name else '' end,
      case when kind in ('password-reset', 'mfa-factor', 'ssh-key') then owner else '' end], '') as names
    from descendant where incident_id = ${incidentId} and acts order by made_at, id`.execute(db);
  return rows;
}

export async function linkExposures(
  tx: Tx,
  links: readonly { descendantId: string; exposureId: string }[],
): Promise<void> {
  await sql`
    update descendant d set exposure_id = l."exposureId"
    from jsonb_to_recordset(${JSON.stringify(links)}::jsonb) as l ("descendantId" text, "exposureId" text)
    where d.id = l."descendantId"`.execute(tx);
}
