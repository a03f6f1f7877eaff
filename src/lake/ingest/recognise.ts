/** Which source a file is of, told from its first records: by all sources, so that two that claim it are both named. */
import { limits } from '../../kernel/limits.ts';
import type { Compression } from '../lake.ts';
import type { Framing, Source } from '../sources/contract.ts';
import { headOf } from './grown.ts';
import { byteOrderMark, readPieces } from './pieces.ts';
import { CsvSplitter } from './split/csv.ts';
import { JsonSplitter } from './split/json.ts';
import { LineSplitter } from './split/lines.ts';
import type { CutRecord, Splitter } from './split/splitter.ts';

/** `head` is what a file has in common with those that it may have grown from. */
export type Recognition = { source: Source; head: string } | { empty: true } | { unknown: string };
type Choice = { source: Source } | { unknown: string };

export const newSplitter = (source: Pick<Source, 'framing' | 'recordsFields'>): Splitter => {
  const made: Record<Framing, () => Splitter> = {
    lines: () => new LineSplitter(),
    csv: () => new CsvSplitter(),
    json: () => new JsonSplitter(source.recordsFields),
  };
  return made[source.framing]();
};

/** `wanted` is the id of the source that the file is said to be of. */
export async function recognise(
  path: string,
  compression: Compression,
  sources: readonly Source[],
  wanted: string | undefined,
): Promise<Recognition> {
  const { content, whole } = await readHead(path, compression);
  if (whole && content.every((byte) => byte === 10 || byte === 13 || byte === 32 || byte === 9))
    return { empty: true };
  const heads = new Map<string, string[]>();
  const recordsOf = (source: Source): string[] => {
    const key = JSON.stringify([source.framing, source.recordsFields ?? []]);
    const records = heads.get(key) ?? cutHead(source, content, whole);
    heads.set(key, records);
    return records;
  };
  const shares = sources
    .map((source) => ({ source, share: shareOf(source, recordsOf(source)) }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
  const choice = wanted === undefined ? choose(shares) : confirm(shares, sources, wanted);
  return 'source' in choice ? { ...choice, head: headOf(content) } : choice;
}

interface Share {
  source: Source;
  /** Of the records of its framing, those that are of this source. */
  share: number;
}

const [certainShare, strayShare] = [0.5, 0.2];

function choose(shares: readonly Share[]): Choice {
  const [first, second] = shares;
  if (!first)
    return { unknown: 'no known source: its first records are of none (firebreak logs sources lists them)' };
  if (!second || (first.share >= certainShare && second.share <= strayShare)) return { source: first.source };
  const names = shares.map(
    ({ source, share }) => `${source.id} (${Math.round(share * 100)} % of its records)`,
  );
  return { unknown: `it could be ${names.join(' or ')}: say which with --source` };
}

/** What looks like nothing known is taken at the word; what looks like something else is not. */
function confirm(shares: readonly Share[], sources: readonly Source[], wanted: string): Choice {
  const source = sources.find(({ id }) => id === wanted);
  if (!source) return { unknown: `no source is called ${wanted}` };
  const own = shares.find((one) => one.source.id === wanted)?.share ?? 0;
  const [first] = shares;
  if (!first || own >= first.share || own >= certainShare) return { source };
  return { unknown: `not of ${wanted}: it looks like ${first.source.id} (${first.source.title})` };
}

/** The first records, as this framing cuts them; slice by slice, so that no more is cut than is looked at. */
function cutHead(source: Source, content: Buffer, whole: boolean): string[] {
  const splitter = newSplitter(source);
  const records: string[] = [];
  const keep = (cut: readonly CutRecord[]): void => {
    for (const { bytes, fault } of cut) if (fault === '') records.push(bytes.toString('utf8'));
  };
  for (let at = 0; at < content.length && records.length < limits.ingestSniffRecordsMax; at += sliceBytes)
    keep(splitter.push(content.subarray(at, at + sliceBytes)));
  if (whole && records.length < limits.ingestSniffRecordsMax) keep(splitter.end());
  return records.slice(0, limits.ingestSniffRecordsMax);
}

const sliceBytes = 64 * 1024;

const shareOf = (source: Source, records: readonly string[]): number =>
  records.length === 0 ? 0 : records.filter((record) => isOf(source, record)).length / records.length;

function isOf(source: Source, record: string): boolean {
  try {
    return source.recognise(record);
  } catch {
    // Whatever a record holds, it is then none of this source.
    return false;
  }
}

async function readHead(
  path: string,
  compression: Compression,
): Promise<{ content: Buffer; whole: boolean }> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let whole = true;
  for await (const piece of readPieces(path, compression)) {
    pieces.push(piece);
    bytes += piece.length;
    whole = bytes <= limits.ingestSniffBytes;
    if (!whole) break;
  }
  const all = Buffer.concat(pieces).subarray(0, limits.ingestSniffBytes);
  const marked = all.subarray(0, byteOrderMark.length).equals(byteOrderMark);
  return { content: marked ? all.subarray(byteOrderMark.length) : all, whole };
}
