/** The roles of a server: who may log in, what they belong to, and what is known of their last change. */
import { limits } from '../../kernel/limits.ts';
import type { Discovered } from '../contract.ts';
import type { Admin } from './client.ts';
import type { PostgresConfig } from './schema.ts';

/** What the server can tell us; it depends on our privileges and on its settings. */
export interface Facts {
  version: string;
  /** PBKDF2 rounds of the verifiers that the server makes itself. */
  scramIterations: number;
  readsAuthId: boolean;
  tracksCommits: boolean;
}

interface RoleRow extends Record<string, unknown> {
  name: string;
  superuser: boolean;
  createrole: boolean;
  createdb: boolean;
  replication: boolean;
  bypassrls: boolean;
  expires: Date | null;
  changed: Date | null;
  password: string;
  sessions: number;
}

/** Reads the facts over a first connection, which also shows that we are who we should be. */
export async function readFacts(admin: Admin, signal: AbortSignal): Promise<Facts> {
  const text = `select current_setting('server_version') as version,
      coalesce(current_setting('scram_iterations', true), '4096')::int as "scramIterations",
      has_table_privilege('pg_catalog.pg_authid', 'select') as "readsAuthId",
      current_setting('track_commit_timestamp') = 'on' as "tracksCommits"`;
  const [facts] = await admin.query<Facts & Record<string, unknown>>({ text }, signal);
  return facts ?? { version: '', scramIterations: 4096, readsAuthId: false, tracksCommits: false };
}

/** Batches of at most `limits.discoverBatchRows` roles, in the order of their names. */
export async function* discoverRoles(
  admin: Admin,
  facts: Facts,
  config: PostgresConfig,
  signal: AbortSignal,
): AsyncIterable<Discovered[]> {
  const system = `${config.host}:${config.port}`;
  yield [{ type: 'system', name: system, version: `PostgreSQL ${facts.version}` }];
  const text = roleQuery(facts);
  for (let after = ''; ; ) {
    const rows = await admin.query<RoleRow>({ text, values: [after, limits.discoverBatchRows] }, signal);
    if (rows.length > 0) yield rows.flatMap((row) => describeRole(row, config.user));
    after = rows.at(-1)?.name ?? '';
    if (rows.length < limits.discoverBatchRows) break;
  }
  yield* discoverMemberships(admin, signal);
}

// pg_authid shows whether there is a password and when the row last changed; without the right to read it,
// pg_roles shows the rest. xmin gives an upper bound only: NOLOGIN or a new comment rewrites the row as well.
function roleQuery(facts: Facts): string {
  const password = facts.readsAuthId
    ? `case when r.rolpassword is null then 'none' when r.rolpassword like 'SCRAM-SHA-256$%' then 'scram-sha-256' else 'md5' end`
    : `'unknown'`;
  const changed =
    facts.readsAuthId && facts.tracksCommits ? 'pg_xact_commit_timestamp(r.xmin)' : 'null::timestamptz';
  return `with page as (
      select r.*, ${password} as password, ${changed} as changed
      from ${facts.readsAuthId ? 'pg_authid' : 'pg_roles'} r
      where r.rolcanlogin and r.rolname > $1 order by r.rolname limit $2),
      open as (select usesysid as oid, count(*)::int as sessions from pg_stat_activity group by 1)
    select p.rolname as name, p.rolsuper as superuser, p.rolcreaterole as createrole, p.rolcreatedb as createdb,
      p.rolreplication as replication, p.rolbypassrls as bypassrls, p.password, p.changed,
      case when isfinite(p.rolvaliduntil) then p.rolvaliduntil end as expires,
      coalesce(o.sessions, 0) as sessions
    from page p left join open o on o.oid = p.oid order by p.rolname`;
}

function describeRole(row: RoleRow, administrator: string): Discovered[] {
  const attributes: Record<string, string> = {
    password: row.password,
    openSessions: String(row.sessions),
    ...(row.superuser ? { superuser: 'true' } : {}),
    ...(row.createrole ? { createrole: 'true' } : {}),
    // Its password is the one that Firebreak itself works with: see the README.
    ...(row.name === administrator ? { administrative: 'true' } : {}),
  };
  const privileges = (['superuser', 'createrole', 'createdb', 'replication', 'bypassrls'] as const).filter(
    (privilege) => row[privilege],
  );
  return [
    { type: 'identity', name: row.name, kind: 'unknown', attributes },
    // A role without a password has none to replace; it logs in by certificate, peer or not at all.
    ...(row.password === 'none' ? [] : [describeCredential(row, attributes)]),
    ...privileges.map(
      (privilege): Discovered => ({ type: 'grant', identity: row.name, resource: 'server', privilege }),
    ),
  ];
}

function describeCredential(row: RoleRow, attributes: Record<string, string>): Discovered {
  return {
    type: 'credential',
    target: { kind: 'password', name: row.name, attributes },
    principal: row.name,
    ...(row.changed ? { changedNoLaterThan: row.changed } : {}),
    ...(row.expires ? { expiresAt: row.expires } : {}),
  };
}

async function* discoverMemberships(admin: Admin, signal: AbortSignal): AsyncIterable<Discovered[]> {
  const text = `select m.rolname as member, g.rolname as granted, bool_or(a.admin_option) as administers
    from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid
    where (m.rolname, g.rolname) > ($1, $2) group by 1, 2 order by 1, 2 limit $3`;
  for (let after = ['', '']; ; ) {
    const rows = await admin.query<{ member: string; granted: string; administers: boolean }>(
      { text, values: [...after, limits.discoverBatchRows] },
      signal,
    );
    if (rows.length > 0)
      yield rows.map((row) => ({
        type: 'grant',
        identity: row.member,
        resource: `role:${row.granted}`,
        privilege: row.administers ? 'admin' : 'member',
      }));
    const last = rows.at(-1);
    if (!last || rows.length < limits.discoverBatchRows) break;
    after = [last.member, last.granted];
  }
}
