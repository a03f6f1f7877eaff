/**
 * Reads results of osquery (lines of its results log, snapshot or differential; a list of rows of osqueryi) and of
 * Velociraptor (rows as JSON lines or a list). The format is told by what the records hold, never by their name.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Fault } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import { JsonSplitter, LineSplitter } from '../../inventory/index.ts';
import { momentOf } from './tables.ts';
import type { CollectionFormat, ForeignReading, ForeignRow } from './types.ts';

type Values = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the first records look like; undefined for nothing that is known. */
export function recogniseForeign(
  records: readonly unknown[],
): Exclude<CollectionFormat, 'firebreak'> | undefined {
  const objects = records.filter(isObject);
  if (objects.length === 0) return undefined;
  const has = (...names: string[]) => objects.some((one) => names.every((name) => name in one));
  if (has('hostIdentifier') || has('columns', 'action') || has('snapshot', 'action')) return 'osquery';
  if (has('_Source') || has('ClientId') || has('FlowId') || has('_ts', 'Fqdn')) return 'velociraptor';
  // osqueryi --json: rows whose names are all lower case and whose values are all texts.
  const isPlain = objects.every((one) =>
    Object.entries(one).every(([name, value]) => /^[a-z0-9_]+$/.test(name) && typeof value === 'string'),
  );
  if (isPlain) return 'osquery';
  // Rows of one Velociraptor artifact, exported without their origin.
  return objects.every((one) => Object.keys(one).some((name) => /^[A-Z]/.test(name)))
    ? 'velociraptor'
    : undefined;
}

interface ForeignOptions {
  file: string;
  /** Whose rows they are, where the file does not say. */
  host?: string;
  /** The table or artifact, where the file does not say. */
  table?: string;
}

const hostFault = {
  field: 'host',
  expected: 'the name of the host in the record, or --host NAME',
  got: 'neither',
};

export function readOsquery(record: unknown, options: ForeignOptions): ForeignReading {
  if (!isObject(record)) return { fault: { expected: 'a JSON object' } };
  const host = nameOf(
    options.host ??
      record.hostIdentifier ??
      (isObject(record.decorations) ? record.decorations.hostname : undefined),
  );
  const table = textOf(record.name) ?? options.table ?? tableOf(options.file);
  const at = momentOf(record.unixTime ?? record.calendarTime);
  const rowOf = (values: unknown, gone = false): ForeignRow[] =>
    isObject(values) && host !== undefined ? [{ host, table, values, at, gone }] : [];
  const isResult = 'columns' in record || 'snapshot' in record || 'diffResults' in record;
  if (host === undefined) return { fault: hostFault };
  if (!isResult) return { rows: rowOf(record) };
  if (Array.isArray(record.snapshot)) return { rows: record.snapshot.flatMap((values) => rowOf(values)) };
  if (isObject(record.columns)) {
    if (record.action !== 'added' && record.action !== 'removed' && record.action !== 'snapshot')
      return {
        fault: {
          field: 'action',
          expected: 'added, removed or snapshot',
          got: printable(JSON.stringify(record.action) ?? 'nothing', 60),
        },
      };
    return { rows: rowOf(record.columns, record.action === 'removed') };
  }
  if (isObject(record.diffResults)) {
    const { added, removed } = record.diffResults;
    const list = (rows: unknown, gone: boolean) =>
      Array.isArray(rows) ? rows.flatMap((values) => rowOf(values, gone)) : [];
    return { rows: [...list(removed, true), ...list(added, false)] };
  }
  return { fault: { field: 'columns', expected: 'columns, snapshot or diffResults' } };
}

export function readVelociraptor(record: unknown, options: ForeignOptions): ForeignReading {
  if (!isObject(record)) return { fault: { expected: 'a JSON object' } };
  const { _Source, Fqdn, Hostname, ClientId, _ts, ...values } = record;
  const host = nameOf(options.host ?? Fqdn ?? Hostname ?? ClientId);
  if (host === undefined) return { fault: hostFault };
  const table = textOf(_Source) ?? options.table ?? tableOf(options.file);
  return { rows: [{ host, table, values, at: momentOf(_ts), gone: false }] };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function nameOf(value: unknown): string | undefined {
  const text = textOf(value)?.trim();
  return text === undefined || text === '' ? undefined : printable(text, 253);
}

/** `Linux.Sys.Users.json` holds what its name says. */
const tableOf = (file: string): string =>
  printable(
    basename(file)
      .replace(/\.(jsonl?|ndjson|log)$/i, '')
      .replaceAll('%2F', '/'),
    200,
  );

type ForeignRecord = { line: number; value: unknown } | { line: number; fault: Omit<Fault, 'file' | 'line'> };

/** The JSON values of a file, each with the line that it begins on: one a line, or a list of them. */
export async function* jsonRecords(file: string, isList: boolean): AsyncGenerator<ForeignRecord, void, void> {
  const bytesMax = limits.triageImportRecordBytesMax;
  // In a file of lines, a bad one costs only itself.
  const splitter = isList ? new JsonSplitter(file, bytesMax) : new LineSplitter(bytesMax);
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>)
    for (const cut of splitter.push(chunk)) yield parseRecord(cut);
  for (const cut of splitter.end()) yield parseRecord(cut);
}

function parseRecord(
  cut: { line: number; bytes: Buffer } | { line: number; fault: Omit<Fault, 'file' | 'line'> },
): ForeignRecord {
  if ('fault' in cut) return cut;
  const { line, bytes } = cut;
  try {
    return { line, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch {
    return { line, fault: { expected: 'a JSON value in UTF-8', got: printable(bytes.toString('utf8'), 60) } };
  }
}
