/** One pass over the lake for many indicators: a cheap filter over every event, exact conditions over what it lets through. */

import { limits } from '../../../kernel/limits.ts';
import { count } from '../../../kernel/text.ts';
import type { Lake, ReadOptions } from '../../../lake/index.ts';
import { type EventRow, type Parameters, toEventView, viewColumns } from '../event-sql.ts';
import type { EventView, Watch } from '../types.ts';
import { passOf } from '../watch.ts';
import { addressesThere, automataOf, findPossible, matchesOf, needlesOf } from './possible.ts';
import { type TermSql, termSql } from './term-sql.ts';
import type { Sought } from './types.ts';

export interface SoughtHits {
  sought: Sought;
  bySource: { source: string; events: number; first: Date; last: Date }[];
  sightings: { event: EventView; column: string }[];
  notes: string[];
}

/**
 * Up to `huntIndicatorsPerPass` indicators are one statement. Of more, one pass first tells which of them may occur at
 * all; the others are not seen, and need no condition of their own.
 */
export async function search(
  lake: Lake,
  sought: readonly Sought[],
  watch: Watch = {},
): Promise<SoughtHits[]> {
  const perPass = limits.huntIndicatorsPerPass;
  const keys = sought.map(keysOf);
  const first = passOf(watch, `which of ${count(sought.length)} indicators may occur`);
  const may = sought.length > perPass ? await findPossible(lake, keys, first) : keys.map(() => true);
  const possible = sought.filter((_, index) => may[index]);
  const found = new Map<Sought, SoughtHits>();
  for (let from = 0; from < possible.length; from += perPass) {
    watch.signal?.throwIfAborted();
    const some = possible.slice(from, from + perPass);
    const pass = passOf(watch, `${count(some.length)} of ${count(possible.length)} indicators in one pass`);
    for (const hits of await searchOnce(lake, some, pass)) found.set(hits.sought, hits);
  }
  return sought.map(
    (one) =>
      found.get(one) ?? { sought: one, bySource: [], sightings: [], notes: [...new Set(notesOf(one))] },
  );
}

/** For each alternative the term that lets the fewest events through. */
const keysOf = (sought: Sought): TermSql[] => compile(sought, 'k', {}).map(leading);
const notesOf = (sought: Sought): string[] =>
  compile(sought, 'k', {})
    .flat()
    .flatMap(({ notes }) => notes);

const compile = ({ alternatives }: Sought, name: string, parameters: Parameters): TermSql[][] =>
  alternatives.map((terms, a) => terms.map((term, t) => termSql(term, `${name}_${a}_${t}`, parameters)));

interface GroupRow {
  k: number;
  source: string;
  events: number;
  firstMs: number;
  lastMs: number;
  sightings: [
    at: number,
    fileId: string,
    line: number,
    host: string,
    timeText: string,
    code: string,
    actor: string,
    address: string,
    message: string,
    column: string,
  ][];
}

async function searchOnce(lake: Lake, sought: readonly Sought[], pass: ReadOptions): Promise<SoughtHits[]> {
  const { sql, parameters, notes } = statementFor(sought);
  const rows = await lake.rows<GroupRow>(sql, parameters, {
    ...pass,
    rowsMax: limits.coverageHostsMax,
  });
  return sought.map((one, index) => {
    const own = rows.filter((row) => row.k === index);
    return {
      sought: one,
      bySource: own.map((row) => ({
        source: row.source,
        events: row.events,
        first: new Date(row.firstMs),
        last: new Date(row.lastMs),
      })),
      sightings: own.flatMap((row) => row.sightings.map((tuple) => toSighting(row.source, tuple))),
      notes: [...new Set(notes[index])],
    };
  });
}

function toSighting(source: string, tuple: GroupRow['sightings'][number]) {
  const [at, fileId, line, host, timeText, code, actor, address, message, column] = tuple;
  const row: EventRow = { at, fileId, line, source, host, timeText, code, actor, address, message };
  return { event: toEventView(row), column };
}

/** The statement for these indicators, and for each what it does not look at. */
function statementFor(sought: readonly Sought[]): {
  sql: string;
  parameters: Parameters;
  notes: string[][];
} {
  const parameters: Parameters = {};
  const compiled = sought.map((one, k) => compile(one, `k${k}`, parameters));
  // Of terms that must all hold, one is enough to let an event through.
  const keys = compiled.flatMap((alternatives) => alternatives.map(leading));
  const filter = filterOf(keys, parameters);
  const hits = compiled.map((alternatives, k) => `(${k}, ${firstOf(alternatives.map(allOf))})`);
  const view = viewColumns.replace(/\s+/g, ' ');
  const sql = `
    SELECT k, source, count() AS events, min(at) AS firstMs, max(at) AS lastMs,
      groupArraySorted(${limits.huntSightingsMax})((at, fileId, line, host, timeText, code, actor, address, message, column)) AS sightings
    FROM (
      SELECT * EXCEPT (hits, hit), hit.1 AS k, hit.2 AS column FROM (
        SELECT ${view}, arrayFilter(h -> h.2 != '', [${hits.join(', ')}]) AS hits
        FROM events WHERE ${filter})
      ARRAY JOIN hits AS hit)
    GROUP BY k, source ORDER BY k, source`;
  return { sql, parameters, notes: compiled.map((one) => one.flat().flatMap((term) => term.notes)) };
}

/** The term with the longest needle: it lets the fewest events through. */
function leading(terms: readonly TermSql[]): TermSql {
  const length = (term: TermSql) => Math.min(...term.needles.map((needle) => needle.length));
  return terms.reduce((best, term) => (length(term) > length(best) ? term : best));
}

const allOf = (terms: readonly TermSql[]): string =>
  terms.length === 1
    ? (terms[0]?.column ?? "''")
    : `if(${terms.map((term) => `(${term.column}) != ''`).join(' AND ')}, ${terms[0]?.column}, '')`;

const firstOf = (alternatives: readonly string[]): string =>
  alternatives.length === 1
    ? (alternatives[0] ?? "''")
    : `arrayFirst(c -> c != '', [${alternatives.join(', ')}])`;

/** What has no text to look for in all ways of writing it is looked for in every event. */
const isAnywhere = (needles: readonly string[]): boolean => needles.includes('');

function filterOf(terms: readonly TermSql[], parameters: Parameters): string {
  const needles = needlesOf(terms);
  if (isAnywhere(needles)) return '1';
  const parts = matchesOf(automataOf(needles, parameters), 'multiMatchAny');
  const addresses = [...new Set(terms.flatMap((term) => term.addresses ?? []))];
  if (addresses.length > 0) {
    // The addresses that occur are few; each is compared with each range once, not once an event.
    const inRanges = `SELECT ip FROM (${addressesThere}) WHERE ${addresses.map((one) => `(${one})`).join(' OR ')}`;
    parts.push(`src_ip IN (${inRanges})`, `dst_ip IN (${inRanges})`);
  }
  return parts.length > 0 ? `(${parts.join(' OR ')})` : '0';
}
