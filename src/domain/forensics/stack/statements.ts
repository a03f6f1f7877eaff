/**
 * Stacking as SQL. One pass groups the facts of a role by (artifact, key, value) and counts the hosts that have each;
 * a second gives the hosts of what is rare or marked. Only the first few of them are then read whole. Facts that are
 * the same have the same 64-bit number, so the passes read no texts.
 *
 * Points are shares from 0 to 1. Rarity is the information in "k of n have it" (ten bits are all of it), less where
 * many peers have something rare of the same artifact, and nothing where each peer has a value of its own.
 */
import { limits } from '../../../kernel/limits.ts';
import type { LakeParameters } from '../../../lake/index.ts';
import { countedOnly } from '../lake-facts.ts';
import type { Leftover } from '../store-hosts.ts';
import type { SoughtFact, StackInput } from './types.ts';

export interface Scope {
  sql: string;
  parameters: LakeParameters;
}

/** The rows that are compared. Markers of artifacts have no artifact. */
export function scopeOf(input: StackInput, leftovers: readonly Leftover[]): Scope {
  const counted = countedOnly(leftovers);
  const parameters: Record<string, LakeParameters[string]> = {
    collection: input.collectionId,
    ...counted.parameters,
  };
  let sql = `collection_id = {collection:String}${counted.sql}`;
  if (input.role !== undefined) {
    sql += ' AND role = {role:String}';
    parameters.role = input.role;
  }
  return { sql, parameters };
}

const artifactOf = ({ artifact }: StackInput): Scope =>
  artifact === undefined
    ? { sql: " AND artifact != ''", parameters: {} }
    : { sql: ' AND artifact = {artifact:String}', parameters: { artifact } };

/** What the lake gives of an outlier before it is read whole. */
export interface RankedRow {
  role: string;
  artifact: string;
  thing: string;
  fact: string;
  host: string;
  have: number;
  peers: number;
  fleetWide: number;
  rare: number;
  recent: number;
  owned: number;
  sought: number;
  found: number;
  total: number;
  all: number;
}

/** Peers that gave an artifact: those of the role, and of all roles. */
const peersSql = (scope: string) => `
  SELECT role, key AS given, count() AS role_peers, sum(count()) OVER (PARTITION BY key) AS all_peers
  FROM facts WHERE ${scope} AND artifact = '' GROUP BY role, key`;

export interface Marks {
  suspects: readonly string[];
  /** The numbers of facts that an indicator matches, and their points. */
  matches: ReadonlyMap<string, number>;
}

/** Outliers by score; at most `limit`, with how many there are in all. */
export function rankStatement(input: StackInput, scope: Scope, marks: Marks): Scope {
  const artifact = artifactOf(input);
  const baseline = input.baseline ?? [];
  const owned = marks.suspects.length === 0 ? 'toUInt8(0)' : 'toUInt8(owner IN {suspects:Array(String)})';
  const matched =
    marks.matches.size === 0
      ? 'toFloat64(0)'
      : 'transform(toString(p.fact), {matches:Array(String)}, {matchPoints:Array(Float64)}, toFloat64(0))';
  const where = `${scope.sql}${artifact.sql}`;
  const known =
    baseline.length === 0
      ? ''
      : ` AND fact NOT IN (SELECT fact FROM facts WHERE ${where} AND host IN {baseline:Array(String)})`;
  const sql = `
WITH
  groups AS (
    SELECT role, artifact, thing, fact, count() AS n, max(score) AS top, max(${owned}) AS has_owned
    FROM facts WHERE ${where}${known} GROUP BY role, artifact, thing, fact),
  placed AS (
    SELECT *, sum(n) OVER (PARTITION BY role, thing) AS thing_hosts, count() OVER (PARTITION BY role, thing) AS thing_values,
      sum(n) OVER (PARTITION BY fact) AS all_n, sum(n) OVER (PARTITION BY thing) AS all_thing_hosts,
      uniqExact(fact) OVER (PARTITION BY thing) AS all_thing_values
    FROM groups),
  shares AS (
    SELECT p.role AS role, p.artifact AS artifact, p.thing AS thing, p.fact AS fact, p.n AS n, p.top AS top, p.has_owned AS has_owned,
      q.role_peers < {peersMin:UInt32} AS fleet_wide,
      if(fleet_wide, p.all_n, p.n) AS have, greatest(if(fleet_wide, q.all_peers, q.role_peers), have) AS peers,
      if(fleet_wide, p.all_thing_values, p.thing_values) AS values, if(fleet_wide, p.all_thing_hosts, p.thing_hosts) AS owners,
      values > 4 AND values * 2 > owners AS individual,
      ${matched} AS match,
      if(individual, 0., least(1., log2(peers / have) / 10)) AS rarity,
      have * 20 <= peers OR (have = 1 AND peers >= {peersMin:UInt32}) AS is_rare
    FROM placed AS p INNER JOIN (${peersSql(scope.sql)}) AS q ON p.role = q.role AND p.artifact = q.given),
  candidates AS (SELECT * FROM shares WHERE (is_rare AND NOT individual) OR top > 0 OR match > 0 OR (has_owned AND have * 2 <= peers AND NOT individual)),
  seen AS (
    SELECT f.host AS host, f.at AS at, f.score AS found, f.owned AS owned, f.technique AS technique,
      c.role AS role, c.artifact AS artifact, c.thing AS thing, c.fact AS fact, c.have AS have, c.peers AS peers,
      c.fleet_wide AS fleet_wide, c.match AS match, c.rarity AS rarity,
      uniqIf(f.host, c.is_rare AND NOT c.individual) OVER (PARTITION BY c.role, c.artifact) / c.peers AS quirk
    FROM (SELECT role, fact, host, at, score, technique, ${owned} AS owned FROM facts
      WHERE ${where}${known}${baseline.length === 0 ? '' : ' AND host NOT IN {baseline:Array(String)}'}) AS f
    INNER JOIN candidates AS c ON f.role = c.role AND f.fact = c.fact),
  scored AS (
    SELECT role, artifact, thing, fact, host, have, peers, fleet_wide, have / peers AS share,
      rarity * pow(1 - least(quirk, 1.), 2) * if(technique = '', 0.3, 0.6) AS rare,
      if(share <= 0.5 AND ifNull(at BETWEEN {from:DateTime64(3, 'UTC')} AND {to:DateTime64(3, 'UTC')}, 0), 0.25, 0.) AS recent,
      if(share <= 0.5 AND owned, 0.35, 0.) AS owned_points, match AS sought,
      found / 100 * greatest(0.15, 1 - if(peers < {peersMin:UInt32} OR have = 1, 0., share)) AS found_points
    FROM seen)
SELECT role, artifact, toString(thing) AS thing, toString(fact) AS fact, host, have, peers, fleet_wide AS fleetWide,
  rare, recent, owned_points AS owned, sought, found_points AS found,
  1 - (1 - rare) * (1 - recent) * (1 - owned_points) * (1 - sought) * (1 - found_points) AS total, count() OVER () AS all
FROM scored${input.host === undefined ? '' : ' WHERE host = {host:String}'}
ORDER BY total DESC, sought DESC, found DESC, host, artifact, fact LIMIT {limit:UInt32}`;
  return {
    sql,
    parameters: { ...scope.parameters, ...artifact.parameters, ...rankParameters(input, marks) },
  };
}

function rankParameters(
  input: StackInput,
  { suspects, matches }: Marks,
): Record<string, LakeParameters[string]> {
  const { baseline = [], host, window, limit } = input;
  return {
    peersMin: limits.stackPeersMin,
    from: window.from,
    to: window.to,
    limit,
    ...(suspects.length === 0 ? {} : { suspects }),
    ...(matches.size === 0
      ? {}
      : { matches: [...matches.keys()], matchPoints: [...matches.values()].map((points) => points / 100) }),
    ...(baseline.length === 0 ? {} : { baseline }),
    ...(host === undefined ? {} : { host }),
  };
}

export interface MissingRow {
  role: string;
  artifact: string;
  thing: string;
  host: string;
  have: number;
  peers: number;
  points: number;
  all: number;
}

/** What nearly all peers have, and these hosts do not, though they gave the artifact whole. */
export function missingStatement(input: StackInput, scope: Scope): Scope {
  const artifact = artifactOf(input);
  const where = `${scope.sql}${artifact.sql}`;
  const gave = `SELECT role, key AS given, host FROM facts WHERE ${scope.sql} AND artifact = '' AND value = 'collected'`;
  const sql = `
WITH
  peers AS (SELECT role, given, count() AS n FROM (${gave}) GROUP BY role, given),
  things AS (
    SELECT role, artifact, thing, count() AS have, max(technique) AS technique FROM facts
    WHERE ${where} GROUP BY role, artifact, thing),
  candidates AS (
    SELECT o.role AS role, o.artifact AS artifact, o.thing AS thing, o.have AS have, p.n AS n, o.technique AS technique
    FROM things AS o INNER JOIN peers AS p ON o.role = p.role AND o.artifact = p.given
    WHERE p.n >= 20 AND o.have < p.n AND (p.n - o.have) * 20 <= p.n
    ORDER BY p.n - o.have, p.n DESC, o.thing LIMIT {thingsMax:UInt32}),
  lacking AS (
    SELECT c.role AS role, c.artifact AS artifact, c.thing AS thing, g.host AS host, c.have AS have, c.n AS n, c.technique AS technique
    FROM candidates AS c INNER JOIN (${gave}) AS g ON c.role = g.role AND c.artifact = g.given
    WHERE (c.thing, g.host) NOT IN (SELECT thing, host FROM facts WHERE ${where} AND thing IN (SELECT thing FROM candidates)))
SELECT role, artifact, toString(thing) AS thing, host, have, n AS peers,
  least(1., log2(peers / (peers - have)) / 10) * if(technique = '', 0.25, 0.4) *
    pow(1 - least(1., uniq(host) OVER (PARTITION BY role, artifact) / peers), 2) /
    (1 + log2(count() OVER (PARTITION BY host, artifact))) AS points, count() OVER () AS all
FROM lacking${input.host === undefined ? '' : ' WHERE host = {host:String}'}
ORDER BY points DESC, host, thing LIMIT {limit:UInt32}`;
  return {
    sql,
    parameters: {
      ...scope.parameters,
      ...artifact.parameters,
      thingsMax: 500,
      limit: input.limit,
      ...(input.host === undefined ? {} : { host: input.host }),
    },
  };
}

export interface MatchRow {
  fact: string;
  /** Positions in the list of what is sought, from 0. */
  hits: number[];
}

/** The facts that an indicator matches: a hash, a file's name, an address in a range, a text. */
export function matchStatement(scope: Scope, sought: readonly SoughtFact[]): Scope | undefined {
  if (sought.length === 0) return undefined;
  const parameters: Record<string, LakeParameters[string]> = {
    ...scope.parameters,
    matchMax: limits.stackOutliersMax,
  };
  const hits: string[] = [];
  /** The positions of what is sought in this way, as parameters; nothing when none is. */
  const pick = (name: string, value: (one: SoughtFact) => string | undefined): boolean => {
    const at = sought.flatMap((one, index) => (value(one) === undefined ? [] : [index]));
    parameters[`${name}At`] = at;
    parameters[name] = at.map((index) => (value(sought[index] as SoughtFact) ?? '').toLowerCase());
    return at.length > 0;
  };
  const byHash = pick('hashes', (one) => one.sha256);
  if (pick('files', (one) => one.fileName))
    hits.push(
      'arrayFilter((i, f) -> f IN (lower(basename(path)), lower(basename(key))), {filesAt:Array(UInt32)}, {files:Array(String)})',
    );
  if (pick('texts', (one) => one.text))
    hits.push(
      'arrayFilter((i, t) -> position(words, t) > 0, {textsAt:Array(UInt32)}, {texts:Array(String)})',
    );
  if (pick('ranges', (one) => one.range?.first) && pick('rangeLast', (one) => one.range?.last))
    hits.push(
      'arrayFilter((i, a, b) -> arrayExists(x -> x BETWEEN IPv4StringToNum(a) AND IPv4StringToNum(b), addresses), {rangesAt:Array(UInt32)}, {ranges:Array(String)}, {rangeLast:Array(String)})',
    );
  const parts: string[] = [];
  if (byHash)
    parts.push(`SELECT fact, {hashesAt:Array(UInt32)}[indexOf({hashes:Array(String)}, sha256)] AS hit FROM facts
      WHERE ${scope.sql} AND artifact != '' AND sha256 IN {hashes:Array(String)}`);
  // Each distinct fact is looked at once; in the order of the table that costs no memory.
  if (hits.length > 0)
    parts.push(`SELECT fact, arrayJoin(arrayConcat(${hits.join(', ')})) AS hit FROM (
      SELECT fact, any(key) AS key, any(value) AS value, any(path) AS path, lower(concat(key, ' ', value)) AS words,
        arrayMap(a -> IPv4StringToNumOrDefault(a), extractAll(words, '(?:^|[^0-9.])([0-9]{1,3}(?:[.][0-9]{1,3}){3})(?:$|[^0-9.]|[.]$)')) AS addresses
      FROM facts WHERE ${scope.sql} AND artifact != '' GROUP BY role, artifact, thing, fact
      SETTINGS optimize_aggregation_in_order = 1)`);
  return {
    sql: `SELECT toString(fact) AS fact, groupUniqArray(hit) AS hits FROM (${parts.join(' UNION ALL ')})
      GROUP BY fact ORDER BY fact LIMIT {matchMax:UInt32}`,
    parameters,
  };
}

export interface WholeRow {
  host: string;
  fact: string;
  thing: string;
  site: string;
  environment: string;
  key: string;
  value: string;
  technique: string;
  at: string | null;
  owner: string;
  path: string;
  sha256: string;
  rule: string;
  score: number;
  why: string;
}

/** Ranked facts with their texts; the key of the table finds them. */
export function wholeStatement(
  scope: Scope,
  rows: readonly Pick<RankedRow, 'artifact' | 'thing' | 'fact' | 'host'>[],
): Scope {
  return {
    sql: `
SELECT host, toString(fact) AS fact, toString(thing) AS thing, site, environment, key, value, technique, at, owner, path, sha256, rule, score, why
FROM facts WHERE ${scope.sql} AND thing IN (SELECT toUInt64(arrayJoin({things:Array(String)}))) AND fact IN (SELECT toUInt64(arrayJoin({facts:Array(String)}))) AND host IN {hosts:Array(String)}`,
    parameters: {
      ...scope.parameters,
      things: unique(rows.map((row) => row.thing)),
      facts: unique(rows.map((row) => row.fact)),
      hosts: unique(rows.map((row) => row.host)),
    },
  };
}

/** Of things that hosts lack: how they look on one that has them. */
export function sampleStatement(scope: Scope, rows: readonly Pick<MissingRow, 'thing'>[]): Scope {
  return {
    sql: `
SELECT toString(thing) AS thing, any(key) AS key, any(value) AS value, max(technique) AS technique, any(path) AS path
FROM facts WHERE ${scope.sql} AND thing IN (SELECT toUInt64(arrayJoin({things:Array(String)}))) GROUP BY thing`,
    parameters: { ...scope.parameters, things: unique(rows.map((row) => row.thing)) },
  };
}

/** Hosts and facts in scope, and each host's place. */
export const sizeStatement = (scope: Scope): Scope => ({
  sql: `SELECT uniqExact(host) AS hosts, countIf(artifact != '') AS facts FROM facts WHERE ${scope.sql}`,
  parameters: scope.parameters,
});

const unique = (values: readonly string[]): string[] => [...new Set(values)];
