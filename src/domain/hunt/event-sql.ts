/** Parts of statements over the lake that several verbs use. Values are always parameters, never text of a statement. */
import { limits } from '../../kernel/limits.ts';
import type { EventView, Period } from './types.ts';

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
