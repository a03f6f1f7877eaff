/**
 * What can be said of a protected class of data: accessed; reachable, and no access seen, with full coverage; or
 * that it can't be ruled out, and why not. Law 4: in doubt it is the last.
 */
import { limits } from '../../../kernel/limits.ts';
import { plural } from '../../../kernel/text.ts';
import type { Lake } from '../../../lake/index.ts';
import { type Alias, aliasParameters, eventsOf } from '../aliases.ts';
import { describeDoubts } from '../coverage/claim.ts';
import type { Claim } from '../coverage/types.ts';
import {
  actor,
  type EventRow,
  merelyAsked,
  type Parameters,
  toEventView,
  viewColumns,
  within,
} from '../event-sql.ts';
import type { EventView, Period } from '../types.ts';
import { wasAnswered } from './rule-sql.ts';
import type { ClassVerdict, DataClass, DataStore } from './types.ts';

/** Where the name of what was touched may stand. */
const nameColumns = ['resource_name', 'resource_uid', 'http_url', 'query_text', 'dst_hostname', 'file_path'];
const proofMax = 20;

interface StoreHits {
  answered: number;
  refused: number;
  /** Events of the store, by nobody that the log names. */
  nameless: number;
  proof: EventView[];
}

/** `doubts`: what is in the way of any negative, whatever the class. */
export async function judgeClasses(
  lake: Lake,
  classes: readonly DataClass[],
  input: { aliases: readonly Alias[]; period: Period; claims: readonly Claim[]; doubts: readonly string[] },
): Promise<ClassVerdict[]> {
  const verdicts: ClassVerdict[] = [];
  for (const { class: name, stores } of classes) {
    const hits: StoreHits[] = [];
    for (const store of stores) hits.push(await readStore(lake, store, input.aliases, input.period));
    verdicts.push(judge(name, stores, hits, input));
  }
  return verdicts;
}

function judge(
  name: string,
  stores: readonly DataStore[],
  hits: readonly StoreHits[],
  { claims, doubts }: { claims: readonly Claim[]; doubts: readonly string[] },
): ClassVerdict {
  const sum = (of: (hit: StoreHits) => number) => hits.reduce((total, hit) => total + of(hit), 0);
  const events = sum(({ answered }) => answered);
  const proof = hits
    .flatMap((hit) => hit.proof)
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .slice(0, proofMax);
  const known = { class: name, events, refused: sum(({ refused }) => refused), proof };
  if (events > 0)
    return {
      ...known,
      verdict: 'accessed',
      because: [`${plural(events, 'event')} of the attacker's in its stores`],
    };
  const because = [
    ...doubts,
    ...stores.flatMap((store, index) => [
      ...storeDoubts(store, claims),
      ...((hits[index]?.nameless ?? 0) > 0
        ? [`${store.source}: ${plural(hits[index]?.nameless ?? 0, 'event')} of the store name nobody`]
        : []),
    ]),
  ];
  if (because.length > 0) return { ...known, verdict: 'cannot-be-ruled-out', because };
  return {
    ...known,
    verdict: 'no-access-seen',
    because: stores.map((store) => `${describeStore(store)} covered in full`),
  };
}

function storeDoubts(store: DataStore, claims: readonly Claim[]): string[] {
  const claim = claims.find(({ source }) => source === store.source);
  if (!claim) return [`no log of ${describeStore(store)} was ingested`];
  const own = claim.doubts.filter(
    (doubt) =>
      store.host === undefined || !('host' in doubt) || doubt.host === null || doubt.host === store.host,
  );
  if (own.length > 0) return describeDoubts(own).map((doubt) => `${store.source}: ${doubt}`);
  if (claim.verdict === 'none') return [`${store.source} covers nothing of the period`];
  return [];
}

const describeStore = ({ source, host, match }: DataStore): string =>
  [
    source,
    ...(host === undefined ? [] : [`on ${host}`]),
    ...(match === undefined ? [] : [`matching ${match}`]),
  ].join(' ');

/** Of the store alone; its parts are parameters. */
function storeCondition({ source, host, match }: DataStore): { sql: string; parameters: Parameters } {
  const parts = ['source = {store_source:String}'];
  const parameters: Parameters = { store_source: source };
  if (host !== undefined) {
    parts.push('host = {store_host:String}');
    parameters.store_host = host;
  }
  if (match !== undefined) {
    parts.push(`(${nameColumns.map((column) => `${column} ILIKE {store_match:String}`).join(' OR ')})`);
    parameters.store_match = likeOf(match);
  }
  return { sql: parts.join(' AND '), parameters };
}

/** `customers*` as a pattern of LIKE; what is wild there is taken as it is here. */
const likeOf = (match: string): string =>
  match.replace(/[\\%_]/g, (char) => `\\${char}`).replaceAll('*', '%');

interface StoreRow {
  answered: number;
  refused: number;
  proof: [number, string, number, string, string, string, string, string, string, string][];
}

async function readStore(
  lake: Lake,
  store: DataStore,
  aliases: readonly Alias[],
  period: Period,
): Promise<StoreHits> {
  const condition = storeCondition(store);
  const span = within(period);
  const where = `${span.sql} AND ${condition.sql} AND NOT ${merelyAsked}`;
  const parameters = { ...condition.parameters, ...span.parameters };
  const [nameless] = await lake.rows<{ n: number }>(
    `SELECT count() AS n FROM events WHERE ${where} AND ${actor} = '' AND src_ip = '' AND ${wasAnswered}`,
    parameters,
  );
  if (aliases.length === 0) return { answered: 0, refused: 0, nameless: nameless?.n ?? 0, proof: [] };
  const [row] = await lake.rows<StoreRow>(
    `SELECT countIf(e.answered) AS answered, countIf(NOT e.answered) AS refused,
      groupArraySortedIf(${proofMax})((e.at, e.fileId, e.line, toString(e.source), toString(e.host), e.timeText, e.code, e.actor, e.address, e.message), e.answered) AS proof
     FROM (${eventsOf({ columns: `${viewColumns}, ${wasAnswered} AS answered`, where })}) AS e`,
    { ...parameters, ...aliasParameters(aliases) },
    { rowsMax: limits.accessReadersMax },
  );
  const proof = (row?.proof ?? []).map(
    ([at, fileId, line, source, host, timeText, code, who, address, message]): EventView => {
      const event: EventRow = {
        at,
        fileId,
        line,
        source,
        host,
        timeText,
        code,
        actor: who,
        address,
        message,
      };
      return toEventView(event);
    },
  );
  return { answered: row?.answered ?? 0, refused: row?.refused ?? 0, nameless: nameless?.n ?? 0, proof };
}
