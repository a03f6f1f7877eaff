/** Which of many indicators may occur in the lake at all: their texts and ranges, looked for in one pass. */
import { limits } from '../../../kernel/limits.ts';
import type { Lake, ReadOptions } from '../../../lake/index.ts';
import type { Parameters } from '../event-sql.ts';
import { regexText } from '../sigma/sql-text.ts';
import { searchedText, type TermSql } from './term-sql.ts';

/** How many texts are one automaton. */
const needlesPerSearch = 2_000;

/** Texts of one automaton, by the name of the parameter that has them. */
interface Automaton {
  name: string;
  needles: readonly string[];
}

export const needlesOf = (terms: readonly TermSql[]): string[] => [
  ...new Set(terms.flatMap((term) => term.needles).map((needle) => needle.toLowerCase())),
];

/**
 * Needles are ASCII, so that `lower` is all that case needs. As expressions they are one automaton, which looks at a
 * byte once however many they are; the engine's search for many texts takes a hundred times as long for a hundred.
 */
export function automataOf(needles: readonly string[], parameters: Parameters): Automaton[] {
  const automata: Automaton[] = [];
  for (let from = 0; from < needles.length; from += needlesPerSearch) {
    const own = needles.slice(from, from + needlesPerSearch);
    const name = `needles_${from}`;
    parameters[name] = own.map(regexText);
    automata.push({ name, needles: own });
  }
  return automata;
}

type MatchFunction = 'multiMatchAny' | 'multiMatchAllIndices';

export const matchesOf = (automata: readonly Automaton[], matches: MatchFunction): string[] =>
  automata.flatMap(({ name }) =>
    ['raw', searchedText].map((text) => `${matches}(lower(${text}), {${name}:Array(String)})`),
  );

/** Every address that an event has; those that occur are few. */
export const addressesThere = 'SELECT DISTINCT arrayJoin([src_ip, dst_ip]) AS ip FROM events';

/** `keys`: of each indicator the terms of which one holds in every event that shows it. */
export async function findPossible(
  lake: Lake,
  keys: readonly (readonly TermSql[])[],
  pass: ReadOptions,
): Promise<boolean[]> {
  const texts = await findTexts(lake, keys.flat(), pass);
  const ranges = await findRanges(lake, keys.flat(), pass);
  const may = ({ needles, range }: TermSql): boolean =>
    needles.some((needle) => needle === '' || texts.has(needle.toLowerCase())) ||
    (range !== undefined && ranges.has(keyOf(range)));
  return keys.map((terms) => terms.some(may));
}

async function findTexts(lake: Lake, terms: readonly TermSql[], pass: ReadOptions): Promise<Set<string>> {
  const found = new Set<string>();
  const parameters: Parameters = {};
  const automata = automataOf(
    needlesOf(terms).filter((needle) => needle !== ''),
    parameters,
  );
  if (automata.length === 0) return found;
  // Which of them it is is asked of those events alone that have one.
  const columns = automata.map((automaton, index) => {
    const all = matchesOf([automaton], 'multiMatchAllIndices');
    return `groupUniqArrayArray(arrayConcat(${all.join(', ')})) AS found_${index}`;
  });
  const [row = {}] = await lake.rows<Record<string, number[]>>(
    `SELECT ${columns.join(', ')} FROM events WHERE ${matchesOf(automata, 'multiMatchAny').join(' OR ')}`,
    parameters,
    pass,
  );
  for (const [index, { needles }] of automata.entries())
    for (const place of row[`found_${index}`] ?? []) found.add(needles[place - 1] ?? '');
  return found;
}

type Range = NonNullable<TermSql['range']>;
const keyOf = ({ first, last }: Range): string => `${first}-${last}`;

async function findRanges(lake: Lake, terms: readonly TermSql[], pass: ReadOptions): Promise<Set<string>> {
  const ranges = [
    ...new Map(terms.flatMap(({ range }) => (range ? [[keyOf(range), range] as const] : []))).values(),
  ];
  const found = new Set<string>();
  for (let from = 0; from < ranges.length; from += limits.huntAddressesMax) {
    const own = ranges.slice(from, from + limits.huntAddressesMax);
    const [row] = await lake.rows<{ found: number[] }>(
      `WITH arrayMap(a -> toIPv6(a), {firsts:Array(String)}) AS firsts, arrayMap(a -> toIPv6(a), {lasts:Array(String)}) AS lasts
       SELECT groupUniqArrayArray(arrayFilter((i, first, last) -> at BETWEEN first AND last,
         arrayEnumerate(firsts), firsts, lasts)) AS found
       FROM (SELECT toIPv6OrDefault(ip) AS at FROM (${addressesThere}) WHERE ip != '')`,
      { firsts: own.map(({ first }) => first), lasts: own.map(({ last }) => last) },
      pass,
    );
    for (const place of row?.found ?? []) {
      const range = own[place - 1];
      if (range) found.add(keyOf(range));
    }
  }
  return found;
}
