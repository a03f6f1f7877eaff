/** A source's map.sql as the INSERT that the engine runs: what it fills, where its records come from, what is bound. */
import { readFile } from 'node:fs/promises';
import { FirebreakError } from '../../kernel/errors.ts';
import { packageFile } from '../../kernel/paths.ts';
import { mappedColumns } from '../events.ts';
import type { Lake, LakeParameters } from '../lake.ts';
import type { Source } from '../sources/contract.ts';

export interface Mapping {
  source: Source;
  sql: string;
  /** The mapped columns that it fills. */
  columns: readonly string[];
}

const place = '{records}';

export async function loadMapping(lake: Lake, source: Source): Promise<Mapping> {
  const file = packageFile('src', 'lake', 'sources', source.id, 'map.sql');
  const sql = (source.map ?? (await readFile(file, 'utf8'))).trim().replace(/;$/, '');
  if (sql.split(place).length !== 2)
    throw new FirebreakError('internal', `the mapping of ${source.id} must read ${place} once`);
  const none = "(SELECT toUInt64(1) AS number, '' AS line)";
  const [row = {}] = await lake.rows<Record<string, unknown>>(`SELECT * FROM (${fill(sql, none)}\n)`, {
    base_time: new Date(0),
    host: '',
    enveloped: true,
  });
  const given = Object.keys(row);
  const wrong = [
    ...['number', 'line', 'reject'].filter((name) => !given.includes(name)).map((name) => `no ${name}`),
    ...given
      .filter((name) => !['number', 'line', 'reject'].includes(name) && !(name in mappedColumns))
      .map((name) => `an unknown column ${name}`),
  ];
  if (wrong.length > 0)
    throw new FirebreakError('internal', `the mapping of ${source.id} has ${wrong.join(', ')}`);
  return {
    source,
    sql,
    columns: given.filter((name) => name in mappedColumns),
  };
}

/** What a `$` means in a replacement does not hold for SQL. */
const fill = (sql: string, records: string): string => sql.replace(place, () => records);

/** What a mapping is told of a file; sources/contract.ts says what each is. */
export interface MappedFile {
  fileId: string;
  modified: Date;
  enveloped: boolean;
}

/** The same for all files of one statement. */
export interface MappedTogether {
  host: string;
  files: readonly MappedFile[];
}

/** An INSERT and what is bound in it. */
export interface MappingInsert {
  sql: string;
  parameters: LakeParameters;
}

/**
 * `records` is a SELECT of `number` and `line`; the number's high bits say which of the files it is of, where there are
 * several. The steps of a mapping are kept apart: merged into one they are planned and run at half the speed.
 */
export function mappingInsert(
  { columns, sql, source }: Mapping,
  records: string,
  { host, files }: MappedTogether,
): MappingInsert {
  const [file] = files;
  const nth = files.length === 1 ? '1' : `bitShiftRight(number, ${fileBits}) + 1`;
  const ofEach = (of: string): string =>
    files.length === 1
      ? of
      : of.replaceAll(baseTime, `fromUnixTimestamp64Milli({base_times:Array(Int64)}[${nth}], 'UTC')`);
  return {
    sql: `INSERT INTO intake (${['file_id', 'line', 'source', 'raw', 'reject', ...columns].join(', ')})
SELECT toFixedString({file_ids:Array(String)}[${nth}], 64), bitAnd(number, ${lineMask}), {source:String}, line, reject${columns.map((name) => `, ${name}`).join('')}
FROM (
${fill(ofEach(sql), `(${records})`)}
)
SETTINGS query_plan_merge_expressions = 0`,
    parameters: {
      source: source.id,
      host,
      enveloped: files.some(({ enveloped }) => enveloped),
      base_time: file?.modified ?? new Date(0),
      base_times: files.map(({ modified }) => modified.getTime()),
      file_ids: files.map(({ fileId }) => fileId),
    },
  };
}

const baseTime = "{base_time:DateTime64(3, 'UTC')}";

/** A record's number and the place of its file in the list, as one number that a mapping hands through. */
const fileBits = 40;
const lineMask = 2n ** BigInt(fileBits) - 1n;
export const recordNumber = (file: number, line: number): bigint =>
  (BigInt(file) << BigInt(fileBits)) | BigInt(line);
export const splitNumber = (number: bigint): { file: number; line: number } => ({
  file: Number(number >> BigInt(fileBits)),
  line: Number(number & lineMask),
});
