/** The table `host`. */
import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../../store/index.ts';
import type { Host, HostSelection, KnownHost } from './types.ts';

/** Adds and updates hosts of one list. Returns how many were new. */
export async function saveHosts(tx: Tx, source: string, hosts: readonly Host[], at: Date): Promise<number> {
  const { rows } = await sql<{ added: number }>`
    with saved as (
      insert into host (name, address, port, login, role, site, environment, jump, after, boot, attributes, source, updated_at)
      select name, address, port, login, role, site, environment, jump, after, boot, attributes, ${source}, ${at}
      from jsonb_to_recordset(${JSON.stringify(hosts)}::jsonb) as r (name text, address text, port integer, login text,
        role text, site text, environment text, jump text, after text[], boot text, attributes jsonb)
      on conflict (name) do update set address = excluded.address, port = excluded.port, login = excluded.login,
        role = excluded.role, site = excluded.site, environment = excluded.environment, jump = excluded.jump,
        after = excluded.after, boot = excluded.boot, attributes = excluded.attributes, source = excluded.source,
        updated_at = excluded.updated_at
      returning xmax = 0 as added)
    select count(*) filter (where added) as added from saved`.execute(tx);
  return rows[0]?.added ?? 0;
}

/** `*` and `?` as LIKE has them; everything else stands for itself. */
const likeOf = (pattern: string): string =>
  pattern
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');

function anyLike(column: string, patterns: readonly string[] | undefined): RawBuilder<boolean> {
  if (patterns === undefined || patterns.length === 0) return sql<boolean>`true`;
  return sql<boolean>`${sql.ref(column)} like any(${patterns.map(likeOf)}::text[])`;
}

/** The condition over `host` that a selection is. */
export const selected = (selection: HostSelection): RawBuilder<boolean> =>
  sql<boolean>`${anyLike('name', selection.hosts)} and ${anyLike('role', selection.roles)}
    and ${anyLike('site', selection.sites)} and ${anyLike('environment', selection.environments)}`;

/** One page, by name. */
export async function listHosts(
  db: Db,
  { after = '', limit, ...selection }: HostSelection & { after?: string; limit: number },
): Promise<KnownHost[]> {
  const { rows } = await sql<KnownHost>`
    select name, address, port, login, role, site, environment, jump, after, boot, attributes, source, updated_at as "updatedAt"
    from host where ${selected(selection)} and name > ${after} order by name limit ${limit}`.execute(db);
  return rows;
}

/** Hosts by role, most first. */
export async function countHosts(
  db: Db,
  selection: HostSelection = {},
): Promise<{ role: string; environment: string; hosts: number }[]> {
  const { rows } = await sql<{ role: string; environment: string; hosts: number }>`
    select role, environment, count(*) as hosts from host where ${selected(selection)}
    group by role, environment order by hosts desc, role, environment`.execute(db);
  return rows;
}
