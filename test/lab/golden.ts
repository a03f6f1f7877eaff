/**
 * Golden pairs of a source: `__fixtures__/NAME.log` (or .json, .csv) beside `NAME.events.json`, what the
 * mapping makes of it. With FIREBREAK_UPDATE=1 the second is written anew, to be read before it is committed.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query } from 'chdb';
import { packageFile } from '../../src/kernel/paths.ts';
import { type MappedColumn, mappedColumns } from '../../src/lake/events.ts';
import type { Source } from '../../src/lake/sources/contract.ts';

export interface MappedRow {
  number: number;
  line: string;
  reject: string;
  [column: string]: unknown;
}

export interface MapOptions {
  /** ISO 8601; for formats without a year. */
  baseTime?: string;
  host?: string;
}

/**
 * Runs a source's map.sql over records, in an engine of this process, and brings its columns to the types of the
 * lake as an insert does. Columns it does not fill are absent. Records may be any bytes. As in the lake, every branch
 * of a condition is computed, so that none may fail.
 */
export async function mapRecords(
  source: Source,
  records: readonly (string | Uint8Array)[],
  { baseTime = '2023-12-01T00:00:00.000Z', host = '' }: MapOptions = {},
): Promise<MappedRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-map-'));
  try {
    const file = join(folder, 'records.bin');
    await writeFile(file, rowBinary(records));
    const map =
      source.map ?? (await readFile(packageFile('src', 'lake', 'sources', source.id, 'map.sql'), 'utf8'));
    const sql = map
      .replaceAll('{records}', `file('${file}', 'RowBinary', 'number UInt64, line String')`)
      .replaceAll("{base_time:DateTime64(3, 'UTC')}", `parseDateTime64BestEffort('${baseTime}', 3, 'UTC')`)
      .replaceAll('{host:String}', `'${host.replaceAll("'", "\\'")}'`)
      .replaceAll('{enveloped:Bool}', String(records.some((record) => isEnveloped(source, record))));
    const given = jsonRows(query(`DESCRIBE TABLE (\n${sql}\n)`, 'JSONEachRow')) as { name: string }[];
    const columns = given.map(({ name }) => typed(source, name));
    const answer = query(
      `SELECT ${columns.join(', ')} FROM (\n${sql}\n) ORDER BY number SETTINGS output_format_json_quote_64bit_integers = 0, query_plan_merge_expressions = 0, short_circuit_function_evaluation = 'disable'`,
      'JSONEachRow',
    );
    return jsonRows(answer) as MappedRow[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const isEnveloped = ({ envelope }: Source, record: string | Uint8Array): boolean =>
  envelope !== undefined && Buffer.from(record).includes(envelope);

/** A column as the lake stores it. */
function typed(source: Source, name: string): string {
  if (name === 'number' || name === 'line' || name === 'reject') return name;
  if (!(name in mappedColumns)) throw new RangeError(`map.sql of ${source.id} fills no column named ${name}`);
  const { type } = mappedColumns[name as MappedColumn];
  return `CAST(${name}, '${type.replaceAll("'", "\\'")}') AS ${name}`;
}

const jsonRows = (answer: string): unknown[] =>
  answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** Records with their numbers, in ClickHouse's format RowBinary: UInt64, then the length as LEB128, then bytes. */
function rowBinary(records: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    records.flatMap((record, index) => {
      const bytes = Buffer.from(record as Uint8Array);
      const number = Buffer.alloc(8);
      number.writeBigUInt64LE(BigInt(index + 1));
      const length: number[] = [];
      for (let left = bytes.length; ; left >>>= 7) {
        length.push(left > 0x7f ? (left & 0x7f) | 0x80 : left);
        if (left <= 0x7f) break;
      }
      return [number, Buffer.from(length), bytes];
    }),
  );
}

/** The columns of a mapped row that say something, for a golden file and for reading it. */
export function brief(row: MappedRow): Record<string, unknown> {
  const known = ['number', 'reject', ...Object.keys(mappedColumns)];
  return Object.fromEntries(
    known.filter((name) => name in row && !isEmpty(row[name])).map((name) => [name, row[name]]),
  );
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.keys(value as object).length === 0;
}

/** The golden pairs of a source: the input file, and where its events stand. */
export async function goldenPairs(source: Source): Promise<{ input: string; events: string }[]> {
  const folder = packageFile('src', 'lake', 'sources', source.id, '__fixtures__');
  const names = (await readdir(folder)).filter((name) => !name.endsWith('.events.json'));
  return names.map((name) => ({
    input: join(folder, name),
    events: join(folder, `${name.replace(/\.[^.]+$/, '')}.events.json`),
  }));
}

/** What stands in a golden file; with FIREBREAK_UPDATE=1 it is written first. */
export async function readGolden(file: string, now: unknown): Promise<unknown> {
  if (process.env.FIREBREAK_UPDATE === '1') await writeFile(file, `${JSON.stringify(now, null, 2)}\n`);
  return JSON.parse(await readFile(file, 'utf8'));
}

/** The folder of material by others, or nothing where it is absent. */
export function sharedFolder(...parts: string[]): string | undefined {
  const folder = packageFile('..', 'shared', 'data', ...parts);
  return existsSync(folder) ? folder : undefined;
}
