/**
 * Loads a unit: one file, or several small ones of a source. The order makes an interruption harmless at any
 * point: rows of `ingests` first, then the records, then they are counted in the lake, then rows of `files`. What
 * was begun and has no row in `files` is erased before it is loaded again, so each record is there once.
 */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { logger } from '../../kernel/log.ts';
import { EngineDied } from '../embedded/process.ts';
import type { Lake } from '../lake.ts';
import { loadRecords } from './load-records.ts';
import { type Mapping, mappingInsert } from './mapping.ts';
import { findOlderCopies } from './older-copy.ts';
import { asMapped, isUnchanged, type PreparedFile } from './prepare.ts';
import { ChangedFile } from './scan.ts';
import type { LineCount } from './split/splitter.ts';
import {
  type Arrived,
  countArrived,
  type DoneFile,
  eraseRecords,
  forgetBegun,
  insertBegun,
  insertDone,
} from './store.ts';
import type { GrownFrom } from './types.ts';

const log = logger('ingest');

export interface UnitTools {
  lake: Lake;
  mapping: Mapping;
  host: string;
  signal: AbortSignal | undefined;
  onShare(share: number): void;
}

export interface Unit {
  files: readonly PreparedFile[];
  /** Which of them were begun before. */
  begun: ReadonlySet<string>;
}

/** `whole`: the engine reads the file; `records`: it is cut here. */
type Way = 'whole' | 'records';

/** Returns, by id, the files that turned out to be older copies: nothing of them stays but that they were read. */
export async function loadUnit(
  tools: UnitTools,
  { files, begun }: Unit,
): Promise<ReadonlyMap<string, GrownFrom>> {
  const rows = files.map(({ scan, path, source }) => ({
    file_id: scan.fileId,
    path,
    source: source.id,
    host: tools.host,
  }));
  const ids = rows.map(({ file_id }) => file_id);
  let way: Way = mayReadWhole(tools, files) ? 'whole' : 'records';
  let isDirty = ids.some((id) => begun.has(id));
  await insertBegun(tools.lake, rows);
  for (let attempt = 1; ; attempt++) {
    if (isDirty) await eraseRecords(tools.lake, ids);
    isDirty = true;
    try {
      const counts = await load(tools, files, way, attempt >= limits.ingestAttemptsMax);
      const arrived = await countArrived(tools.lake, tools.mapping.source.id, ids);
      await checkUnchanged(files);
      checkArrived(files, counts, arrived);
      const copies = await findOlderCopies(tools.lake, files, arrived);
      if (copies.size > 0) await eraseRecords(tools.lake, [...copies.keys()]);
      await insertDone(
        tools.lake,
        files.map((file, index) =>
          doneRow(file, tools.host, counts[index], arrived, copies.get(file.scan.fileId)),
        ),
      );
      return copies;
    } catch (error) {
      tools.signal?.throwIfAborted();
      const next = wayAfter(error, way, attempt);
      log.debug({ error, way, next, path: files[0]?.path }, 'the load did not come to its end');
      if (next === undefined) {
        await eraseRecords(tools.lake, ids);
        if (error instanceof ChangedFile) await forgetBegun(tools.lake, ids);
        throw error;
      }
      way = next;
    }
  }
}

/** What to try after a failure, or nothing. */
function wayAfter(error: unknown, way: Way, attempt: number): Way | undefined {
  if (!(error instanceof FirebreakError) || error instanceof ChangedFile) return undefined;
  if (error.code === 'unavailable') {
    if (attempt >= limits.ingestAttemptsMax) return undefined;
    // An engine that ends again and again may end because of a record.
    const isLast = attempt + 1 >= limits.ingestAttemptsMax && error.cause instanceof EngineDied;
    return isLast ? 'records' : way;
  }
  return way === 'whole' ? 'records' : undefined;
}

/** The engine may read a file itself where each line is a record, and none is so long that a block of them is too large. */
function mayReadWhole({ lake, mapping }: UnitTools, files: readonly PreparedFile[]): boolean {
  const [file] = files;
  if (!lake.readsFiles || !file || files.length > 1) return false;
  const { framing } = mapping.source;
  const { scan } = file;
  return (
    scan.grown === undefined &&
    scan.short &&
    !scan.marked &&
    scan.contentBytes > limits.ingestGroupBytes / 4 &&
    (framing === 'lines' || (framing === 'json' && scan.objects))
  );
}

async function load(
  tools: UnitTools,
  files: readonly PreparedFile[],
  way: Way,
  outlivesDeath: boolean,
): Promise<LineCount[]> {
  const [file] = files;
  if (way === 'records' || !file) return loadRecords({ ...tools, outlivesDeath }, files);
  await loadWhole(tools, file);
  return [file.scan.lines];
}

async function loadWhole(
  { lake, mapping, host, signal, onShare }: UnitTools,
  file: PreparedFile,
): Promise<void> {
  const { path, compression, scan } = file;
  const { records, blank } = scan.lines;
  const line = scan.returns
    ? "if(endsWith(line, '\\r'), substring(line, 1, length(line) - 1), line)"
    : 'line';
  const some = blank > 0 ? " WHERE line NOT IN ('', '\\r')" : '';
  const from = `SELECT _row_number + 1 AS number, ${line} AS line FROM {input}${some}`;
  const { sql, parameters } = mappingInsert(mapping, from, { host, files: [asMapped(file)] });
  await lake.insert(
    sql,
    { format: 'LineAsString', structure: 'line String', path, compression },
    parameters,
    {
      ...(signal && { signal }),
      onRows: (rows) => onShare(rows / Math.max(1, records + blank)),
    },
  );
}

async function checkUnchanged(files: readonly PreparedFile[]): Promise<void> {
  for (const file of files) if (!(await isUnchanged(file))) throw new ChangedFile();
}

/** Counted in the lake itself: every record is there, as an event or a reject, and none twice. */
function checkArrived(
  files: readonly PreparedFile[],
  counts: readonly LineCount[],
  arrived: ReadonlyMap<string, Arrived>,
): void {
  for (const [index, { scan, path }] of files.entries()) {
    const [count, there] = [counts[index], arrived.get(scan.fileId)];
    if (count && there && there.events + there.rejects === count.records && there.numbers === count.numbers)
      continue;
    throw new FirebreakError(
      'corrupt',
      `${path}: ${count?.records} records were read, and the lake has ${there?.events} events and ${there?.rejects} rejects of them`,
    );
  }
}

function doneRow(
  { path, source, scan, head }: PreparedFile,
  host: string,
  count: LineCount | undefined,
  arrived: ReadonlyMap<string, Arrived>,
  copy: GrownFrom | undefined,
): DoneFile {
  const there = copy === undefined ? arrived.get(scan.fileId) : undefined;
  const { events = 0, rejects = 0, first = null, last = null } = there ?? {};
  return {
    file_id: scan.fileId,
    path,
    source: source.id,
    host,
    bytes: scan.bytes,
    content: scan.content,
    content_bytes: scan.contentBytes,
    head,
    grew_from: copy?.fileId ?? scan.grown?.from.fileId ?? '',
    records: events + rejects,
    events,
    rejects,
    blank: count?.blank ?? 0,
    first_time: events === 0 ? null : first,
    last_time: events === 0 ? null : last,
  };
}
