/** Records of CSV and JSON files, whose fields a mapping names. */
import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { badInput } from '../../../kernel/errors.ts';
import { plural, printable } from '../../../kernel/text.ts';
import { checkValues, type Values } from './check-values.ts';
import { type JsonObject, valueAt } from './json-values.ts';
import { type FieldSource, type FieldSources, fieldNames } from './mapping.ts';
import type { Reading, RecordFault } from './types.ts';

export const notUtf8: RecordFault = { expected: 'UTF-8 text', got: 'a byte sequence that is not UTF-8' };

/** Reads one parsed JSON object. */
export function readJsonRecord(object: JsonObject, fields: FieldSources, folder: string): Reading {
  return checkValues(
    pick(fields, (path) => valueAt(object, path)),
    folder,
  );
}

/** The values that the mapping names, each taken by `get` from where it stands. */
function pick(fields: FieldSources, get: (source: string) => unknown): Values {
  const take = (source: FieldSource) => (typeof source === 'string' ? get(source) : source.const);
  const values: Values = {};
  for (const name of fieldNames) if (fields[name] !== undefined) values[name] = take(fields[name]);
  if (fields.secret !== undefined) values.secret = get(fields.secret);
  if (fields.attributes)
    values.attributes = Object.fromEntries(
      Object.entries(fields.attributes).map(([key, source]) => [key, take(source)]),
    );
  return values;
}

/** What reads the rows of one CSV file: knows its header. */
export interface CsvReader {
  read(bytes: Buffer): Reading;
}

/**
 * Makes the reader from the header row. Throws bad_input when a column stands there twice, when the mapping
 * names a column that is not there, or, without a mapping, when no column has the name of a field.
 */
export function createCsvReader(
  header: { line: number; bytes: Buffer },
  options: {
    file: string;
    delimiter: string;
    fields: FieldSources | undefined;
    ownNames: FieldSources;
    folder: string;
  },
): CsvReader {
  const { file, delimiter, folder } = options;
  const refuse = (faults: (RecordFault & { field?: string })[]) =>
    badInput(
      file,
      faults.map((fault) => ({ file, line: header.line, ...fault })),
    );
  const columns = isUtf8(header.bytes)
    ? parseRow(header.bytes, delimiter)?.map((name) => name.trim())
    : undefined;
  if (!columns) throw refuse([isUtf8(header.bytes) ? { expected: 'a row of column names' } : notUtf8]);
  const faults = headerFaults(columns, options.fields);
  if (faults.length > 0) throw refuse(faults);
  const fields = options.fields ?? presentOf(options.ownNames, columns);
  if (Object.keys(fields).length === 0)
    throw refuse([
      {
        expected: `a column named as a field (${fieldNames.join(', ')}), or a mapping`,
        got: listed(columns),
      },
    ]);
  const index = new Map(columns.map((name, at) => [name, at]));
  return {
    read: (bytes) => {
      if (!isUtf8(bytes)) return { fault: notUtf8 };
      const row = parseRow(bytes, delimiter);
      if (!row) return { fault: { expected: 'a CSV record' } };
      if (row.length !== columns.length)
        return { fault: { expected: plural(columns.length, 'column'), got: plural(row.length, 'column') } };
      return checkValues(
        pick(fields, (column) => row[index.get(column) ?? -1]),
        folder,
      );
    },
  };
}

function headerFaults(columns: string[], fields: FieldSources | undefined): RecordFault[] {
  const twice = columns.filter((name, at) => name !== '' && columns.indexOf(name) !== at);
  const faults: RecordFault[] = twice.map((name) => ({
    expected: 'each column once',
    got: `${printable(name)} twice`,
  }));
  const { attributes = {}, ...others } = fields ?? {};
  const named: [string, FieldSource | undefined][] = [
    ...Object.entries(others),
    ...Object.entries(attributes).map(([key, source]): [string, FieldSource] => [
      `attributes.${key}`,
      source,
    ]),
  ];
  for (const [field, source] of named)
    if (typeof source === 'string' && !columns.includes(source))
      faults.push({
        field: `fields.${field}`,
        expected: `one of the columns ${listed(columns)}`,
        got: printable(source),
      });
  return faults;
}

function presentOf(ownNames: FieldSources, columns: string[]): FieldSources {
  return Object.fromEntries(Object.entries(ownNames).filter(([name]) => columns.includes(name)));
}

const listed = (columns: string[]): string => printable(columns.slice(0, 40).join(', '), 1_000);

/** The fields of one record. The splitter has seen to its quotes; a quote inside a bare field stands for itself. */
function parseRow(bytes: Buffer, delimiter: string): string[] | undefined {
  try {
    const rows: string[][] = parse(bytes, {
      delimiter,
      // Named, because to find it out for each record takes longer than to parse it.
      record_delimiter: '\n',
      relax_quotes: true,
      relax_column_count: true,
    });
    return rows.length === 1 ? rows[0] : undefined;
  } catch {
    return undefined;
  }
}
