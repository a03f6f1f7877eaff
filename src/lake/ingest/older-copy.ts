/**
 * An older copy of a log that has been read further on: each of its records is in the lake by the longer one. Told in
 * the lake, once its own are there too: the same numbers with the same text.
 */
import { randomBytes } from 'node:crypto';
import { limits } from '../../kernel/limits.ts';
import type { Lake } from '../lake.ts';
import type { KnownContent } from './grown.ts';
import type { PreparedFile } from './prepare.ts';
import type { Arrived } from './store.ts';
import type { GrownFrom } from './types.ts';

/** By id, those of these files that are such copies, and of which file. */
export async function findOlderCopies(
  lake: Lake,
  files: readonly PreparedFile[],
  arrived: ReadonlyMap<string, Arrived>,
): Promise<Map<string, GrownFrom>> {
  const copies = new Map<string, GrownFrom>();
  for (const file of files) {
    const { fileId, grown } = file.scan;
    const from = file.longer.length > 0 ? await findLonger(lake, file) : undefined;
    if (from === undefined) continue;
    const { events = 0, rejects = 0 } = arrived.get(fileId) ?? {};
    const records = (grown?.skipped.records ?? 0) + events + rejects;
    copies.set(fileId, { fileId: from.fileId, path: from.path, records, cut: false });
  }
  return copies;
}

/** Texts are compared by a sum of hashes under a key that nobody knew when they were written; the last one by itself. */
const texts =
  "count(), sum(reinterpretAsUInt128(sipHash128Keyed(({k0:UInt64}, {k1:UInt64}), line, if(line = last, '', raw))))";

/** A last record without the end of its line may go on in the other file. */
const longerSql = `
WITH
  own AS (
    SELECT line, raw FROM events WHERE source = {source:String} AND file_id = {id:String}
    UNION ALL SELECT line, raw FROM rejects WHERE file_id = {id:String}),
  others AS (
    SELECT file_id, line, raw FROM events WHERE source = {source:String} AND file_id IN {longer:Array(String)}
    UNION ALL SELECT file_id, line, raw FROM rejects WHERE file_id IN {longer:Array(String)}),
  (SELECT min(line) FROM own) AS first,
  (SELECT max(line) FROM own) AS last,
  (SELECT any(raw) FROM own WHERE line = last) AS ending,
  (SELECT (${texts}) FROM own) AS whole
SELECT file_id AS fileId
FROM others
WHERE line BETWEEN first AND last
GROUP BY file_id
HAVING (${texts}) = whole
  AND countIf(line = last AND (raw = ending OR ({open:Bool} AND startsWith(raw, ending)))) = 1
ORDER BY file_id
LIMIT 1`;

async function findLonger(
  lake: Lake,
  { scan, source, longer }: PreparedFile,
): Promise<KnownContent | undefined> {
  const key = randomBytes(16);
  const [row] = await lake.rows<{ fileId: string }>(
    longerSql,
    {
      source: source.id,
      id: scan.fileId,
      longer: longer.map(({ fileId }) => fileId),
      open: scan.open,
      k0: String(key.readBigUInt64LE(0)),
      k1: String(key.readBigUInt64LE(8)),
    },
    { msMax: limits.lakeStreamMsMax },
  );
  return longer.find(({ fileId }) => fileId === row?.fileId);
}
