/** What the lake says of files: which are there, which were begun, and what of them has arrived. */
import { limits } from '../../kernel/limits.ts';
import type { Lake } from '../lake.ts';
import type { KnownContent } from './grown.ts';
import type { IngestedFile, RejectReason } from './types.ts';

/** What of a file is in the lake, counted there. */
export interface Arrived {
  events: number;
  rejects: number;
  /** The sum of the numbers of all its records, which shows one that is there twice beside one that is missing. */
  numbers: bigint;
  first: string | null;
  last: string | null;
}

const noneArrived: Arrived = { events: 0, rejects: 0, numbers: 0n, first: null, last: null };

const arrivedSql = `
  SELECT file_id AS fileId, 'event' AS kind, count() AS records, toString(sum(line)) AS numbers,
    toString(min(time)) AS first, toString(max(time)) AS last
  FROM events WHERE source = {source:String} AND file_id IN {ids:Array(String)} GROUP BY file_id
  UNION ALL
  SELECT file_id, 'reject', count(), toString(sum(line)), '', ''
  FROM rejects WHERE file_id IN {ids:Array(String)} GROUP BY file_id`;

export async function countArrived(
  lake: Lake,
  source: string,
  ids: readonly string[],
): Promise<Map<string, Arrived>> {
  const rows = await lake.rows<{
    fileId: string;
    kind: 'event' | 'reject';
    records: number;
    numbers: string;
    first: string;
    last: string;
  }>(arrivedSql, { source, ids });
  const arrived = new Map(ids.map((id) => [id, { ...noneArrived }]));
  for (const row of rows) {
    const one = arrived.get(row.fileId);
    if (!one) continue;
    one.numbers += BigInt(row.numbers);
    if (row.kind === 'reject') one.rejects = row.records;
    else Object.assign(one, { events: row.records, first: row.first, last: row.last });
  }
  return arrived;
}

/** Which of these files were begun, whatever became of them. */
export async function findBegun(lake: Lake, ids: readonly string[]): Promise<Set<string>> {
  const rows = await lake.rows<{ id: string }>(
    'SELECT DISTINCT file_id AS id FROM ingests WHERE file_id IN {ids:Array(String)}',
    { ids },
  );
  return new Set(rows.map(({ id }) => id));
}

/** Which of these files came to their end, and what the lake has of them. */
export async function findDone(lake: Lake, ids: readonly string[]): Promise<Map<string, IngestedFile>> {
  type Row = Omit<IngestedFile, 'first' | 'last' | 'state' | 'reasons' | 'grownFrom'> & {
    firstMs: number | null;
    lastMs: number | null;
  };
  const rows = await lake.rows<Row>(
    `SELECT file_id AS fileId, any(f.path) AS path, any(f.source) AS source, any(f.host) AS host,
       max(f.bytes) AS bytes, max(f.records) AS records, max(f.events) AS events, max(f.rejects) AS rejects,
       max(f.blank) AS blank, toUnixTimestamp64Milli(min(f.first_time)) AS firstMs,
       toUnixTimestamp64Milli(max(f.last_time)) AS lastMs
     FROM files AS f WHERE file_id IN {ids:Array(String)} GROUP BY file_id`,
    { ids },
  );
  const reasons = await readReasons(
    lake,
    rows.filter(({ rejects }) => rejects > 0).map(({ fileId }) => fileId),
  );
  return new Map(
    rows.map(({ firstMs, lastMs, ...row }): [string, IngestedFile] => [
      row.fileId,
      {
        ...row,
        state: 'already',
        first: firstMs === null ? null : new Date(firstMs),
        last: lastMs === null ? null : new Date(lastMs),
        reasons: reasons.get(row.fileId) ?? [],
        grownFrom: null,
      },
    ]),
  );
}

/** By head: the content of files that came to their end, of each the longest few. */
export async function findContents(
  lake: Lake,
  heads: readonly string[],
): Promise<Map<string, KnownContent[]>> {
  const rows = await lake.rows<KnownContent & { head: string }>(
    `SELECT f.head AS head, file_id AS fileId, any(f.path) AS path, any(f.source) AS source, any(f.host) AS host,
       any(f.content) AS content, max(f.content_bytes) AS contentBytes
     FROM files AS f WHERE f.head IN {heads:Array(String)} AND f.content_bytes > 0 GROUP BY f.head, file_id
     ORDER BY contentBytes DESC, fileId LIMIT ${limits.ingestKnownContentsMax} BY head`,
    { heads },
  );
  const known = new Map<string, KnownContent[]>();
  for (const { head, ...one } of rows) known.set(head, [...(known.get(head) ?? []), one]);
  return known;
}

async function readReasons(lake: Lake, ids: readonly string[]): Promise<Map<string, RejectReason[]>> {
  const found = new Map<string, RejectReason[]>();
  if (ids.length === 0) return found;
  const rows = await lake.rows<RejectReason & { fileId: string }>(
    `SELECT file_id AS fileId, reason, count() AS records, min(r.line) AS line FROM rejects AS r
     WHERE file_id IN {ids:Array(String)} GROUP BY file_id, reason
     ORDER BY file_id, records DESC, reason LIMIT ${limits.ingestReasonsMax} BY file_id`,
    { ids },
  );
  for (const { fileId, ...reason } of rows) found.set(fileId, [...(found.get(fileId) ?? []), reason]);
  return found;
}

/** A row of `ingests`, before anything of the file is loaded. */
export interface BegunFile {
  file_id: string;
  path: string;
  source: string;
  host: string;
}

export async function insertBegun(lake: Lake, files: readonly BegunFile[]): Promise<void> {
  const names = 'file_id, path, source, host';
  await lake.insert(
    `INSERT INTO ingests (${names}, begun_at) SELECT ${names}, now64(3, 'UTC') FROM {input}`,
    jsonRows(files, 'file_id String, path String, source String, host String'),
  );
}

/** A row of `files`, after all of the file has been seen in the lake. */
export interface DoneFile extends BegunFile {
  bytes: number;
  content: string;
  content_bytes: number;
  head: string;
  grew_from: string;
  records: number;
  events: number;
  rejects: number;
  blank: number;
  first_time: string | null;
  last_time: string | null;
}

export async function insertDone(lake: Lake, files: readonly DoneFile[]): Promise<void> {
  const names =
    'file_id, path, source, host, bytes, content, content_bytes, head, grew_from, records, events, rejects, blank, ' +
    'first_time, last_time';
  const structure =
    'file_id String, path String, source String, host String, bytes UInt64, content String, content_bytes UInt64, ' +
    'head String, grew_from String, records UInt64, events UInt64, ' +
    "rejects UInt64, blank UInt64, first_time Nullable(DateTime64(3, 'UTC')), last_time Nullable(DateTime64(3, 'UTC'))";
  await lake.insert(
    `INSERT INTO files (${names}, ingested_at) SELECT ${names}, now64(3, 'UTC') FROM {input}`,
    jsonRows(files, structure),
  );
}

/** Everything of these files but that they were begun. */
export async function eraseRecords(lake: Lake, ids: readonly string[]): Promise<void> {
  for (const table of ['events', 'rejects', 'files'])
    await lake.erase(table, 'file_id IN {ids:Array(String)}', { ids });
}

/** For content that there is no more: it can't be ingested again, so nothing is open. */
export const forgetBegun = (lake: Lake, ids: readonly string[]): Promise<void> =>
  lake.erase('ingests', 'file_id IN {ids:Array(String)}', { ids });

const jsonRows = (rows: readonly object[], structure: string) => ({
  format: 'JSONEachRow',
  structure,
  bytes: [Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))],
});
