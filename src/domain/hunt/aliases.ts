/**
 * The names, sessions and addresses under which somebody acts, each for a time and a scope, as a table that a
 * statement over the lake joins with. A thousand of them cost one pass, like one.
 */

import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { count } from '../../kernel/text.ts';
import { realmScope, scopeOf, sourceScope } from './descendants/rule-sql.ts';
import type { ExposedPrincipal } from './descendants/types.ts';
import { actorColumns, ms, type Parameters } from './event-sql.ts';

/** A name under which somebody may act, from a time on. */
export interface Alias {
  /** In lower case; an address after `ip:`, a session after `session:`. */
  value: string;
  /** Where the name means him; '' is everywhere. */
  scope: string;
  since: number;
  until: number;
  /** The descendant, the exposed principal or the address behind it. */
  parent: string;
}

export const aliasOfExposed = ({ principal, source, host, from, to }: ExposedPrincipal): Alias => ({
  value: principal.toLowerCase(),
  scope: source === undefined ? '' : scopeOf(principal, source, host ?? ''),
  since: from.getTime(),
  until: to.getTime(),
  parent: principal,
});

/** Everything that an event says of who acted, spelled as aliases are. Addresses of IPv4 stand plain. */
const spellings = [
  ...actorColumns.map((column) => `lowerUTF8(${column})`),
  "concat('ip:', replaceRegexpOne(lower(src_ip), '^::ffff:', ''))",
  "concat('session:', lowerUTF8(actor_session_uid))",
];

/**
 * The aliases as a table. They come as one text, and `materialize` keeps the engine from taking them for a constant:
 * it handles a constant list of ten thousand names a hundred times slower.
 */
const aliasTable = `(
  SELECT a.1 AS value, a.2 AS scope, a.3 AS since, a.4 AS until, a.5 AS parent
  FROM (SELECT arrayJoin(JSONExtract(materialize({aliases:String}), 'Array(Tuple(String, String, Int64, Int64, String))')) AS a))`;

export function aliasParameters(aliases: readonly Alias[]): Parameters {
  if (aliases.length > limits.descendantPrincipalsMax)
    throw new FirebreakError(
      'limit_exceeded',
      `${count(aliases.length)} names to follow at once; at most ${count(limits.descendantPrincipalsMax)} are`,
    );
  const rows = aliases.map(({ value, scope, since, until, parent }) => [value, scope, since, until, parent]);
  return { aliases: JSON.stringify(rows) };
}

/** What a statement reads of events. A step may use what those before it named, and is not computed again for it. */
export interface Reading {
  /** Expressions over an event, each list over what the lists before it named. */
  steps?: readonly string[];
  columns: string;
  where?: string;
}

/** The events of the aliases, each once, with `parents` (whose they are). */
export function eventsOf({ steps = [], columns, where = '1' }: Reading): string {
  const named = `SELECT *, arrayDistinct(arrayFilter(k -> k NOT IN ('', 'ip:', 'session:'), [${spellings.join(', ')}])) AS keys
    FROM events WHERE arrayExists(k -> k IN (SELECT value FROM ${aliasTable}), keys)`;
  const stepped = steps.reduce((inner, step) => `SELECT *, ${step} FROM (${inner})`, named);
  return `
  SELECT * EXCEPT (keys, realm_scope, source_scope), arrayDistinct(groupArray(parent)) AS parents FROM (
    SELECT m.*, p.parent AS parent FROM (
      SELECT ${columns}, ${ms} AS moment, keys, ${realmScope} AS realm_scope, ${sourceScope} AS source_scope
      FROM (${stepped}) WHERE ${where}
    ) AS m ARRAY JOIN keys AS key
    JOIN ${aliasTable} AS p ON p.value = key
    WHERE (p.scope = '' OR p.scope = m.realm_scope OR p.scope = m.source_scope) AND moment >= p.since AND moment <= p.until)
  GROUP BY ALL`;
}
