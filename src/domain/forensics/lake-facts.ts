/**
 * Facts in the lake: how they get there, and which of them count. Every row names the attempt that it came from
 * (its load); rows of an attempt that was broken off or replaced are listed in PostgreSQL before they can exist,
 * left out of every reading, and deleted afterwards. So no fact is counted twice, whatever was killed when.
 */
import type { Lake, LakeParameters } from '../../lake/index.ts';
import type { Leftover } from './store-hosts.ts';
import type { Collected, Fact, HostFinding } from './types.ts';

/** Whose facts they are. */
interface FactOrigin {
  collectionId: string;
  load: string;
  host: string;
  role: string;
  site: string;
  environment: string;
}

const columns: Readonly<Record<string, string>> = {
  collection_id: 'String',
  load: 'String',
  host: 'String',
  role: 'String',
  site: 'String',
  environment: 'String',
  artifact: 'String',
  key: 'String',
  value: 'String',
  detail: 'Map(String, String)',
  technique: 'String',
  at: 'Nullable(Int64)',
  owner: 'String',
  path: 'String',
  sha256: 'String',
  rule: 'String',
  score: 'UInt8',
  why: 'String',
};
const structure = Object.entries(columns)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');
const names = Object.keys(columns).join(', ');
const values = Object.keys(columns)
  .map((name) => (name === 'at' ? "fromUnixTimestamp64Milli(at, 'UTC')" : name))
  .join(', ');

/** A fact is one by what it is of, whose, and its value. */
const identityOf = ({ artifact, key, value }: Fact): string => `${artifact}\0${key}\0${value}`;

/**
 * The rows of one host as JSON lines: each distinct fact once, with the finding that it gave rise to, and one row
 * for each artifact that came whole or in part, so that what is missing can be told from what was not collected.
 */
export function encodeFacts(
  origin: FactOrigin,
  collected: Pick<Collected, 'facts' | 'artifacts'>,
  findings: readonly HostFinding[],
): { text: string; facts: number } {
  const found = new Map<string, HostFinding>();
  for (const finding of findings) {
    const identity = identityOf(finding.fact);
    if ((found.get(identity)?.score ?? -1) < finding.score) found.set(identity, finding);
  }
  const seen = new Set<string>();
  const lines: string[] = [];
  const head = [origin.collectionId, origin.load, origin.host, origin.role, origin.site, origin.environment];
  for (const fact of [...collected.facts, ...findings.map((finding) => finding.fact)]) {
    const identity = identityOf(fact);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const { rule = '', score = 0, why = '' } = found.get(identity) ?? {};
    const { artifact, key, value, detail, technique, at, owner, path, sha256 } = fact;
    const row = [
      ...head,
      artifact,
      key,
      value,
      detail,
      technique,
      timeOf(at),
      owner,
      path,
      sha256,
      rule,
      score,
      why,
    ];
    lines.push(`${JSON.stringify(row)}\n`);
  }
  for (const { artifact, state } of collected.artifacts)
    if (state !== 'failed')
      lines.push(`${JSON.stringify([...head, '', artifact, state, {}, '', null, '', '', '', '', 0, ''])}\n`);
  return { text: lines.join(''), facts: seen.size };
}

// What DateTime64 can hold; a host's clock may say anything.
const firstMs = Date.UTC(1970, 0, 1);
const lastMs = Date.UTC(2261, 11, 31);

function timeOf(at: Date | null): number | null {
  const ms = at?.getTime() ?? Number.NaN;
  return ms >= firstMs && ms <= lastMs ? Math.trunc(ms) : null;
}

/** Inserts rows that `encodeFacts` made, all in one statement. */
export function insertFacts(lake: Lake, texts: readonly string[]): Promise<void> {
  const bytes = texts.filter((text) => text !== '').map((text) => Buffer.from(text));
  if (bytes.length === 0) return Promise.resolve();
  const sql = `INSERT INTO facts (${names}) SELECT ${values} FROM {input}`;
  return lake.insert(sql, { format: 'JSONCompactEachRow', structure, bytes });
}

/** Deletes rows that do not count. */
export async function deleteFacts(
  lake: Lake,
  collectionId: string,
  leftovers: readonly Leftover[],
): Promise<void> {
  if (leftovers.length === 0) return;
  await lake.run(
    "DELETE FROM facts WHERE collection_id = {collection:String} AND concat(load, '/', host) IN {pairs:Array(String)}",
    { collection: collectionId, pairs: pairsOf(leftovers) },
  );
}

const pairsOf = (leftovers: readonly Leftover[]): string[] =>
  leftovers.map(({ host, load }) => `${load}/${host}`);

/** The condition that leaves out rows that do not count; nothing when there are none. */
export function countedOnly(leftovers: readonly Leftover[]): { sql: string; parameters: LakeParameters } {
  if (leftovers.length === 0) return { sql: '', parameters: {} };
  return {
    sql: " AND concat(load, '/', host) NOT IN {leftovers:Array(String)}",
    parameters: { leftovers: pairsOf(leftovers) },
  };
}

export interface FactView extends Omit<Fact, 'at' | 'detail'> {
  detail: Record<string, string>;
  at: string | null;
  rule: string;
  score: number;
}

/** Facts of one host, by artifact and key. */
export async function readFacts(
  lake: Lake,
  at: { collectionId: string; host: string; artifact?: string; limit: number },
  leftovers: readonly Leftover[],
): Promise<FactView[]> {
  const counted = countedOnly(leftovers);
  return lake.rows<FactView>(
    `SELECT artifact, key, value, detail, technique, at, owner, path, sha256, rule, score FROM facts
     WHERE collection_id = {collection:String} AND host = {host:String} AND artifact != ''
       AND ({artifact:String} = '' OR artifact = {artifact:String})${counted.sql}
     ORDER BY artifact, key, value LIMIT {limit:UInt32}`,
    {
      collection: at.collectionId,
      host: at.host,
      artifact: at.artifact ?? '',
      limit: at.limit,
      ...counted.parameters,
    },
  );
}

/** The values that these keys have on these hosts, by host, artifact and key with NUL between. */
export async function findValues(
  lake: Lake,
  at: { collectionId: string; hosts: readonly string[]; keys: readonly string[] },
  leftovers: readonly Leftover[],
): Promise<Map<string, string[]>> {
  const counted = countedOnly(leftovers);
  const rows = await lake.rows<{ host: string; artifact: string; key: string; value: string }>(
    `SELECT DISTINCT host, artifact, key, value FROM facts
     WHERE collection_id = {collection:String} AND artifact != '' AND host IN {hosts:Array(String)}
       AND key IN {keys:Array(String)}${counted.sql}
     ORDER BY host, artifact, key, value`,
    {
      collection: at.collectionId,
      hosts: [...new Set(at.hosts)],
      keys: [...new Set(at.keys)],
      ...counted.parameters,
    },
  );
  const values = new Map<string, string[]>();
  for (const { host, artifact, key, value } of rows) {
    const place = `${host}\0${artifact}\0${key}`;
    values.set(place, [...(values.get(place) ?? []), value]);
  }
  return values;
}
