/** Parts of statements over the lake that several verbs use. Values are always parameters, never text of a statement. */
import { isIP } from 'node:net';
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { rangeOf } from './indicators/addresses.ts';
import type { EventView, Period, Selector } from './types.ts';

export type Parameters = Record<string, string | number | boolean | string[] | number[]>;

/** A condition with the parameters that it names. */
export interface SqlPart {
  sql: string;
  parameters: Parameters;
}

/** Milliseconds since 1970: exact, whatever format the engine writes times in. */
export const ms = 'toUnixTimestamp64Milli(time)';

/** Who did it, as a person would name him. */
export const actor =
  "multiIf(actor_user_name != '', actor_user_name, actor_user_email != '', actor_user_email, actor_user_uid != '', actor_user_uid, actor_credential_uid)";

/** The columns that may name who acted. */
export const actorColumns = [
  'actor_user_name',
  'actor_user_uid',
  'actor_user_email',
  'actor_credential_uid',
] as const;

/** What `toEventView` reads. */
export const viewColumns = `file_id AS fileId, line, source, host, ${ms} AS at, time_text AS timeText,
  if(event_code != '', event_code, api_operation) AS code, ${actor} AS actor, src_ip AS address,
  substringUTF8(message, 1, ${limits.huntMessageCharsMax}) AS message`;

export type EventRow = Omit<EventView, 'at'> & { at: number };

export const toEventView = (row: EventRow): EventView => ({
  fileId: row.fileId,
  line: row.line,
  source: row.source,
  host: row.host,
  at: new Date(row.at),
  timeText: row.timeText,
  code: row.code,
  actor: row.actor,
  address: row.address,
  message: row.message,
});

/**
 * Events that say no more than that something was asked for. These logs have another line that says what came of it;
 * counting both would count twice, and what was refused besides.
 */
export const merelyAsked =
  "(status_id = 0 AND source IN ('bitbucket-access', 'kubernetes-audit', 'vault-audit'))";

/** The events of a period, both ends inside. */
export function within(period: Period): SqlPart {
  const parameters = { period_from: period.from.getTime(), period_to: period.to.getTime() };
  return {
    sql: `(time >= fromUnixTimestamp64Milli({period_from:Int64}, 'UTC') AND time <= fromUnixTimestamp64Milli({period_to:Int64}, 'UTC'))`,
    parameters,
  };
}

/** The events of any of the selectors. Throws bad_input for a selector that selects nothing or is none. */
export function selecting(selectors: readonly Selector[]): SqlPart {
  if (selectors.length === 0)
    throw new FirebreakError('bad_input', 'name at least one principal, session or address');
  if (selectors.length > limits.huntSelectorsMax)
    throw new FirebreakError(
      'limit_exceeded',
      `${selectors.length} principals, sessions and addresses; at most ${limits.huntSelectorsMax} are taken at once`,
    );
  const parameters: Parameters = {};
  const parts = selectors.map((selector, index) => selectOne(selector, `s${index}`, parameters));
  return { sql: `(${parts.join(' OR ')})`, parameters };
}

function selectOne(selector: Selector, name: string, parameters: Parameters): string {
  const { principal, session, address, source, host, from, to } = selector;
  if (!principal && !session && !address)
    throw new FirebreakError('bad_input', 'a selector names a principal, a session or an address');
  const parts: string[] = [];
  const bind = (suffix: string, value: string | number, type: string): string => {
    parameters[`${name}_${suffix}`] = value;
    return `{${name}_${suffix}:${type}}`;
  };
  if (source) parts.push(`source = ${bind('source', source, 'String')}`);
  if (host) parts.push(`host = ${bind('host', host, 'String')}`);
  if (from) parts.push(`${ms} >= ${bind('from', from.getTime(), 'Int64')}`);
  if (to) parts.push(`${ms} <= ${bind('to', to.getTime(), 'Int64')}`);
  if (session) parts.push(`actor_session_uid = ${bind('session', session, 'String')}`);
  if (principal) {
    const value = bind('principal', principal.toLowerCase(), 'String');
    parts.push(`(${actorColumns.map((column) => `lowerUTF8(${column}) = ${value}`).join(' OR ')})`);
  }
  if (address) parts.push(addressIn('src_ip', address, bind));
  return `(${parts.join(' AND ')})`;
}

function addressIn(
  column: string,
  address: string,
  bind: (suffix: string, value: string, type: string) => string,
): string {
  const range = rangeOf(address);
  if (!range)
    throw new FirebreakError('bad_input', `${address} is no address and no range such as 192.0.2.0/24`, {
      faults: [{ field: 'address', expected: 'an IPv4 or IPv6 address or range', got: address }],
    });
  const [first, last] = [bind('first', range.first, 'String'), bind('last', range.last, 'String')];
  // An address that does not parse becomes ::, which must not fall into a range that begins there.
  return `(toIPv6OrDefault(${column}) BETWEEN toIPv6(${first}) AND toIPv6(${last}) AND ${column} != '')`;
}

/** Whether `text` is one address, without a range. */
export const isAddress = (text: string): boolean => isIP(text) !== 0;
