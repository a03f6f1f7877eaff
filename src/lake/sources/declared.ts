/**
 * NDJSON that no folder knows, as a source: a mapping of paths to columns, from firebreak.yaml, becomes the same
 * SELECT that a folder has as map.sql. Names and values of a mapping stand in it as quoted texts and nothing else.
 */
import { badInput } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { classes, type MappedColumn, mappedColumns } from '../events.ts';
import type { SigmaView, Source } from './contract.ts';
import { jsonObject } from './json-record.ts';
import { fieldText, quoteText, type RecordPath, TupleReader, valueAt } from './record-path.ts';

/** How a time is written; `iso` is text, as ISO 8601 or RFC 3339 have it, in UTC where it names no zone. */
export const timeFormats = ['iso', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const;
export type TimeFormat = (typeof timeFormats)[number];

/** Where a column's value comes from; `values` says what the record's words mean. */
export type ColumnSource =
  | { path: RecordPath; values?: Readonly<Record<string, string>> | undefined }
  | { const: string };

export interface DeclaredMapping {
  title: string;
  time: { path: RecordPath; format: TimeFormat };
  classUid: number;
  activityId: number;
  columns: { readonly [Column in DeclaredColumn]?: ColumnSource | undefined };
  /** Records of this source, and no others, have these texts at these paths. */
  recognise: readonly { path: RecordPath; value: string }[];
  /** Fields of a root object that may hold the list of records. */
  records: readonly string[];
  sigma: Pick<SigmaView, 'product' | 'category' | 'service'>;
}

const fixed = ['time', 'time_text', 'class_uid', 'fields'] as const satisfies readonly MappedColumn[];
export type DeclaredColumn = Exclude<MappedColumn, (typeof fixed)[number]>;

/** The columns that a mapping may fill. */
export const declaredColumns = Object.keys(mappedColumns).filter(
  (name) => !(fixed as readonly string[]).includes(name),
) as DeclaredColumn[];

/** The classes by the names that a mapping calls them. */
export const classNames = Object.keys(classes) as (keyof typeof classes)[];

/** A mapping as a source. */
export function declareSource(id: string, mapping: DeclaredMapping): Source {
  return {
    id,
    title: mapping.title,
    docs: 'docs/howto/describe-your-systems.md',
    framing: 'json',
    recordsFields: mapping.records,
    recognise(record) {
      const object = jsonObject(record);
      if (object === undefined || valueAt(object, mapping.time.path) === undefined) return false;
      return mapping.recognise.every(({ path, value }) => fieldText(valueAt(object, path)) === value);
    },
    sigma: [{ ...mapping.sigma, fields: { kind: 'json', aliases: {} } }],
    map: mapSql(mapping),
  };
}

/** The sources that have folders, and those that are declared. Throws bad_input when a name is taken. */
export function withDeclared(
  sources: readonly Source[],
  mappings: Readonly<Record<string, DeclaredMapping>>,
): Source[] {
  const taken = Object.keys(mappings).filter((name) => sources.some(({ id }) => id === name));
  if (taken.length > 0)
    throw badInput(
      'firebreak.yaml names a log mapping as a log source is named',
      taken.map((name) => ({ field: `logs.mappings.${name}`, expected: 'another name', got: name })),
    );
  return [...sources, ...Object.entries(mappings).map(([name, mapping]) => declareSource(name, mapping))];
}

function mapSql(mapping: DeclaredMapping): string {
  const tuple = new TupleReader();
  const time = tuple.text(mapping.time.path);
  const known = mapping.recognise.map(({ path, value }) => `${tuple.text(path)} = ${quoteText(value)}`);
  const columns = Object.entries(mapping.columns)
    .filter(([name]) => name !== 'host')
    .map(
      ([name, source]) => `    ${columnSql(tuple, name as MappedColumn, source as ColumnSource)} AS ${name}`,
    );
  const { host } = mapping.columns;
  const hostText = host === undefined ? "''" : textSql(tuple, host);
  return `WITH read AS
(
    SELECT number, line, isValidJSON(line) AS is_json, startsWith(trimLeft(line), '{') AS is_object, ${tuple.sql('line')} AS t
    FROM {records}
),
timed AS
(
    SELECT *, ${time} AS time_read, ${timeSql('time_read', mapping.time.format)} AS time_or_null, ${hostText} AS host_read,
        ${known.join(' AND ') || '1'} AS is_known
    FROM read
)
SELECT
    number,
    line,
    multiIf(
        NOT is_json, 'not valid JSON',
        NOT is_object, 'not a JSON object',
        NOT is_known, 'not what the mapping recognises',
        time_read = '', 'no time',
        time_or_null IS NULL, 'the time is not a time',
        '') AS reject,
    ifNull(time_or_null, toDateTime64(0, 3, 'UTC')) AS time,
    time_read AS time_text,
    if(host_read != '', host_read, {host:String}) AS host,
    toUInt32(${Math.trunc(mapping.classUid)}) AS class_uid${columns.map((column) => `,\n${column.trimStart()}`).join('')}${
      'activity_id' in mapping.columns ? '' : `,\ntoUInt8(${Math.trunc(mapping.activityId)}) AS activity_id`
    }
FROM timed`;
}

function timeSql(text: string, format: TimeFormat): string {
  if (format === 'iso')
    return `if(match(${text}, '^\\\\d{4}-\\\\d\\\\d-\\\\d\\\\d[T ](?:[01]\\\\d|2[0-3]):'), parseDateTime64BestEffortOrNull(${text}, 3, 'UTC'), NULL)`;
  const perMs = { seconds: 0.001, milliseconds: 1, microseconds: 1_000, nanoseconds: 1_000_000 }[format];
  const ms = `ifNull(round(toFloat64OrNull(${text}) / ${perMs}), 0)`;
  return `if(${ms} BETWEEN 1 AND ${limits.lakeTimeMsMax}, fromUnixTimestamp64Milli(toInt64(if(${ms} BETWEEN 1 AND ${limits.lakeTimeMsMax}, ${ms}, 0)), 'UTC'), NULL)`;
}

function textSql(tuple: TupleReader, source: ColumnSource): string {
  if ('const' in source) return quoteText(source.const);
  const text = tuple.text(source.path);
  if (source.values === undefined) return text;
  const list = (texts: readonly string[]) => `[${texts.map(quoteText).join(', ')}]`;
  return `transform(${text}, ${list(Object.keys(source.values))}, ${list(Object.values(source.values))}, '')`;
}

function columnSql(tuple: TupleReader, name: MappedColumn, source: ColumnSource): string {
  const { type } = mappedColumns[name];
  if (type.startsWith('Array'))
    return 'const' in source ? `[${quoteText(source.const)}]` : tuple.list(source.path);
  const text = textSql(tuple, source);
  const number = /^UInt(?:8|16|32|64)$/.exec(type)?.[0];
  if (number !== undefined) return `to${number}OrZero(${text})`;
  if (name === 'logged_time') return timeSql(text, 'iso');
  return text;
}
