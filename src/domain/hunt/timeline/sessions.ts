/**
 * Sessions: runs of events of one name from one address, with no longer pause between two of them than a session
 * has. Cut in the engine, over every event of the attacker's; logs seldom say when somebody left.
 */
import { limits } from '../../../kernel/limits.ts';
import { plural } from '../../../kernel/text.ts';
import type { Lake } from '../../../lake/index.ts';
import { type Alias, aliasParameters, eventsOf } from '../aliases.ts';
import { duration } from '../coverage/find-gaps.ts';
import { type EventRow, merelyAsked, toEventView, viewColumns, within } from '../event-sql.ts';
import type { EventView, Period } from '../types.ts';
import { entryOf, type TimelineEntry } from './types.ts';

export interface Session {
  /** Its first event. */
  first: EventView;
  last: Date;
  events: number;
  sources: string[];
  /** Ids of credentials and sessions that the logs name. */
  credentials: string[];
  agents: string[];
}

type SessionRow = EventRow & {
  lastMs: number;
  events: number;
  sources: string[];
  credentials: string[];
  agents: string[];
};

const listedMax = 5;
const viewNames = [
  'fileId',
  'line',
  'source',
  'host',
  'at',
  'timeText',
  'code',
  'actor',
  'address',
  'message',
];

/** By their begin. Throws limit_exceeded when there are more than the bound of limits.ts. */
export async function findSessions(
  lake: Lake,
  aliases: readonly Alias[],
  period: Period,
): Promise<Session[]> {
  if (aliases.length === 0) return [];
  const span = within(period);
  const columns = `${viewColumns}, actor_credential_uid AS credential, http_user_agent AS agent`;
  const first = viewNames
    .map((column) => `argMin(e.${column}, (e.at, e.fileId, e.line)) AS ${column}`)
    .join(', ');
  const sql = `
    SELECT ${first}, max(e.at) AS lastMs, count() AS events,
      arraySort(groupUniqArray(${listedMax})(toString(e.source))) AS sources,
      arraySort(groupUniqArrayIf(${listedMax})(e.credential, e.credential != '')) AS credentials,
      arraySort(groupUniqArrayIf(${listedMax})(e.agent, e.agent != '')) AS agents
    FROM (
      SELECT *, sum(begins) OVER (PARTITION BY actor, address ORDER BY at, fileId, line ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS number
      FROM (
        SELECT *, at - lagInFrame(at, 1, at) OVER (PARTITION BY actor, address ORDER BY at, fileId, line ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) > {gap:Int64} AS begins
        FROM (${eventsOf({ columns, where: `${span.sql} AND NOT ${merelyAsked}` })}))) AS e
    GROUP BY e.actor, e.address, e.number ORDER BY at, fileId, line`;
  const parameters = {
    ...aliasParameters(aliases),
    ...span.parameters,
    gap: limits.sessionGapSeconds * 1_000,
  };
  const rows = await lake.rows<SessionRow>(sql, parameters, {
    rowsMax: limits.timelineSessionsMax,
    msMax: limits.lakeStreamMsMax,
  });
  return rows.map(({ lastMs, events, sources, credentials, agents, ...row }) => ({
    first: toEventView(row),
    last: new Date(lastMs),
    events,
    sources,
    credentials,
    agents,
  }));
}

/** A line for each session, and one for each long pause in which the attacker was seen nowhere. */
export function* sessionEntries(sessions: readonly Session[]): Generator<TimelineEntry> {
  let lastSeen: { at: Date; event: EventView } | undefined;
  for (const session of sessions) {
    const { first, last } = session;
    if (lastSeen && first.at.getTime() - lastSeen.at.getTime() >= limits.timelinePauseSecondsMin * 1_000)
      yield pauseEntry(lastSeen, first.at);
    yield entryOf('session', first, describeSession(session));
    if (!lastSeen || last > lastSeen.at) lastSeen = { at: last, event: first };
  }
}

function describeSession({ first, last, events, sources, credentials, agents }: Session): string {
  const length = last.getTime() - first.at.getTime();
  const parts = [
    `${first.actor || 'somebody'} from ${first.address || 'an address that is not logged'}`,
    `${plural(events, 'event')} within ${length === 0 ? 'a moment' : duration(length)}, until ${last.toISOString()}`,
    `in ${sources.join(', ')}`,
    ...(credentials.length > 0 ? [`with ${credentials.join(', ')}`] : []),
    ...(agents.length > 0 ? [`by ${agents.join(' | ')}`] : []),
  ];
  return `session of ${parts.join('; ')}`;
}

/** It begins with the last thing seen before it, and cites the session in which that was. */
function pauseEntry({ at, event }: { at: Date; event: EventView }, until: Date): TimelineEntry {
  const what = `pause: seen nowhere for ${duration(until.getTime() - at.getTime())}, until ${until.toISOString()}`;
  const entry = entryOf('pause', event, what);
  return { ...entry, at, timeText: '', code: '', who: '', address: '' };
}
