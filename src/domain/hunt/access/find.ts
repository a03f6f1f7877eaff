/** Reads from the lake what an attacker's events read: grouped in the engine, one row a thing and act. */
import { FirebreakError } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import type { Lake } from '../../../lake/index.ts';
import { type Alias, aliasParameters, eventsOf } from '../aliases.ts';
import { realmScope } from '../descendants/rule-sql.ts';
import { type EventRow, merelyAsked, toEventView, viewColumns, within } from '../event-sql.ts';
import { rangeOf } from '../indicators/addresses.ts';
import type { EventView, Period } from '../types.ts';
import { accessSteps, wasAnswered } from './rule-sql.ts';
import { accessRules } from './rules.ts';
import type { AccessAct, Reader } from './types.ts';

/** One thing, by one rule, answered or refused. */
export interface AccessRow {
  type: string;
  act: AccessAct;
  key: string;
  title: string;
  realm: string;
  answered: boolean;
  events: number;
  first: Date;
  last: Date;
  actors: string[];
  addresses: string[];
  sources: string[];
  proof: EventView;
}

/** The events of the aliases in the period that read something: each with `access_rule`, `access_key`, `answered`. */
export const accessEvents = (period: Period) => {
  const { sql, parameters } = within(period);
  const columns = `${viewColumns}, access_rule, access_key, access_title, ${wasAnswered} AS answered,
    ${realmScope} AS realm, cityHash64(raw) AS raw_hash`;
  const where = `${sql} AND access_rule >= 0 AND access_key != '' AND NOT ${merelyAsked}`;
  return { sql: eventsOf({ steps: accessSteps, columns, where }), parameters };
};

interface GroupRow extends EventRow {
  rule: number;
  key: string;
  title: string;
  realm: string;
  answered: number;
  events: number;
  firstMs: number;
  lastMs: number;
  actors: string[];
  addresses: string[];
  sources: string[];
}

const namesMax = 20;

/** Throws limit_exceeded when there are more things than can be held; never gives a part of them. */
export async function findAccess(
  lake: Lake,
  aliases: readonly Alias[],
  period: Period,
): Promise<AccessRow[]> {
  if (aliases.length === 0) return [];
  const inner = accessEvents(period);
  // The first event of each group is its proof.
  const proof = ['fileId', 'line', 'source', 'host', 'at', 'timeText', 'code', 'actor', 'address', 'message']
    .map((column) => `argMin(e.${column}, (e.at, e.fileId, e.line)) AS ${column}`)
    .join(', ');
  const sql = `
    SELECT access_rule AS rule, access_key AS key, realm, max(access_title) AS title, answered, count() AS events, min(e.at) AS firstMs,
      max(e.at) AS lastMs, groupUniqArray(${namesMax})(e.actor) AS actors, groupUniqArray(${namesMax})(e.address) AS addresses,
      groupUniqArray(${namesMax})(toString(e.source)) AS sources, ${proof}
    FROM (${inner.sql}) AS e GROUP BY access_rule, access_key, realm, answered`;
  const rows = await lake.rows<GroupRow>(
    sql,
    { ...aliasParameters(aliases), ...inner.parameters },
    { rowsMax: limits.accessResourcesMax },
  );
  return rows.map((row) => toAccessRow(row));
}

function toAccessRow(row: GroupRow): AccessRow {
  const rule = accessRules[row.rule];
  if (!rule)
    throw new FirebreakError('internal', `the lake names access rule ${row.rule}, which there is not`);
  return {
    type: rule.type,
    act: rule.act,
    key: row.key,
    title: row.title,
    realm: row.realm,
    answered: Boolean(row.answered),
    events: row.events,
    first: new Date(row.firstMs),
    last: new Date(row.lastMs),
    actors: row.actors.filter((one) => one !== '').sort(),
    addresses: row.addresses.filter((one) => one !== '').sort(),
    sources: row.sources.sort(),
    proof: toEventView(row),
  };
}

/** Who read from where, those who read most first. */
export async function findReaders(lake: Lake, aliases: readonly Alias[], period: Period): Promise<Reader[]> {
  if (aliases.length === 0) return [];
  const inner = accessEvents(period);
  const rows = await lake.rows<Omit<Reader, 'first' | 'last'> & { firstMs: number; lastMs: number }>(
    `SELECT e.actor AS actor, e.address AS address, uniqExact(access_rule, access_key, realm) AS resources, count() AS events,
      min(e.at) AS firstMs, max(e.at) AS lastMs
     FROM (${inner.sql}) AS e WHERE answered GROUP BY actor, address ORDER BY resources DESC, actor, address LIMIT ${limits.accessReadersMax}`,
    { ...aliasParameters(aliases), ...inner.parameters },
  );
  return rows.map(({ firstMs, lastMs, ...rest }) => ({
    ...rest,
    first: new Date(firstMs),
    last: new Date(lastMs),
  }));
}

/** The addresses in the lake that lie in the ranges: they are few, and each becomes an alias. */
export async function addressesSeen(
  lake: Lake,
  ranges: readonly string[],
): Promise<{ address: string; range: string }[]> {
  const found: { address: string; range: string }[] = [];
  for (const range of ranges) {
    const ends = rangeOf(range);
    if (!ends)
      throw new FirebreakError('bad_input', `${range} is no address and no range such as 192.0.2.0/24`, {
        faults: [{ field: 'address', expected: 'an IPv4 or IPv6 address or range', got: range }],
      });
    const rows = await lake.rows<{ ip: string }>(
      `SELECT DISTINCT replaceRegexpOne(lower(src_ip), '^::ffff:', '') AS ip FROM events
       WHERE src_ip != '' AND toIPv6OrDefault(src_ip) BETWEEN toIPv6({first:String}) AND toIPv6({last:String}) ORDER BY ip`,
      { first: ends.first, last: ends.last },
      { rowsMax: limits.descendantPrincipalsMax },
    );
    found.push(...rows.map(({ ip }) => ({ address: ip, range })));
  }
  return found;
}
