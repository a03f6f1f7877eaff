/**
 * Reads a file of credentials as a stream: memory depends on the longest record, not on the file. A record
 * that is at fault is rejected with its line, and the rest goes on. Secrets are wrapped as soon as a record is
 * parsed, and nothing else of the raw record is kept.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { badInput } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { FirstLines } from './first-lines.ts';
import { readGitleaks } from './gitleaks.ts';
import { parseObject } from './json-values.ts';
import { readKingfisher } from './kingfisher.ts';
import { type ImportMapping, ownNames } from './mapping.ts';
import { type CsvReader, createCsvReader, notUtf8, readJsonRecord } from './read-mapped.ts';
import { recogniseAs, type Shape } from './recognise.ts';
import { CsvSplitter } from './split-csv.ts';
import { JsonSplitter } from './split-json.ts';
import { LineSplitter } from './split-lines.ts';
import { readTruffleHog } from './trufflehog.ts';
import type { ImportEvent, ImportFormat, ImportRecord, RawRecord, Reading, RecordFault } from './types.ts';

/**
 * The records of `file`, in its order. Throws bad_input when the file as a whole can't be what `format` says:
 * empty, no UTF-8 text, another format, a header that the mapping does not fit, a JSON document that is cut
 * off. That can come after records have been given, so write them in one transaction.
 */
export async function* readImport(
  file: string,
  format: ImportFormat,
  mapping?: ImportMapping,
): AsyncGenerator<ImportEvent, void, void> {
  const shape = await recogniseAs(file, format);
  const seen = new FirstLines();
  const reject = (line: number, fault: RecordFault): ImportEvent => ({
    type: 'reject',
    fault: { file, line, ...fault },
  });
  for await (const { line, reading } of readings(file, format, shape, mapping)) {
    if ('fault' in reading) {
      yield reject(line, reading.fault);
      continue;
    }
    const record = withDefaults(reading.record, mapping?.defaults);
    const fault = missingIn(record) ?? duplicateFault(seen.earlier(record, line));
    yield fault ? reject(line, fault) : { type: 'record', line, record };
  }
}

type Numbered = { line: number; reading: Exclude<Reading, 'skip'> };

async function* readings(
  file: string,
  format: ImportFormat,
  shape: Shape,
  mapping: ImportMapping | undefined,
): AsyncGenerator<Numbered, void, void> {
  const delimiter = mapping?.delimiter ?? shape.delimiter;
  const read = format === 'csv' ? csvReading(file, delimiter, mapping) : jsonReading(file, format, mapping);
  const inside = format === 'kingfisher' ? 'findings' : mapping?.records;
  for await (const raw of rawRecords(file, shape.skip, splitterFor(file, shape, delimiter, inside))) {
    const reading = read(raw);
    if (reading !== 'skip') yield { line: raw.line, reading };
  }
}

interface Splitter {
  push(chunk: Buffer): RawRecord[];
  end(): RawRecord[];
}

function splitterFor(file: string, shape: Shape, delimiter: string, inside: string | undefined): Splitter {
  if (shape.layout === 'csv') return new CsvSplitter(delimiter, limits.importRecordBytesMax);
  if (shape.layout === 'lines') return new LineSplitter(limits.importRecordBytesMax);
  return new JsonSplitter(file, limits.importRecordBytesMax, inside);
}

async function* rawRecords(
  file: string,
  start: number,
  splitter: Splitter,
): AsyncGenerator<RawRecord, void, void> {
  const chunks: AsyncIterable<Buffer> = createReadStream(file, { start, highWaterMark: 256 * 1024 });
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

type ReadRaw = (raw: RawRecord) => Reading;

/** The first row is the header; without a good one no other row can be read. */
function csvReading(file: string, delimiter: string, mapping: ImportMapping | undefined): ReadRaw {
  let reader: CsvReader | undefined;
  return (raw) => {
    if (reader) return 'fault' in raw ? { fault: raw.fault } : reader.read(raw.bytes);
    if ('fault' in raw) throw badInput(file, [{ file, line: raw.line, ...raw.fault }]);
    reader = createCsvReader(raw, {
      file,
      delimiter,
      fields: mapping?.fields,
      ownNames,
      folder: folderOf(file),
    });
    return 'skip';
  };
}

const scanners = { trufflehog: readTruffleHog, gitleaks: readGitleaks, kingfisher: readKingfisher };

function jsonReading(
  file: string,
  format: Exclude<ImportFormat, 'csv'>,
  mapping: ImportMapping | undefined,
): ReadRaw {
  const fields = mapping?.fields ?? ownNames;
  return (raw) => {
    if ('fault' in raw) return { fault: raw.fault };
    const object = parseObject(raw.bytes);
    if (!object) return { fault: isUtf8(raw.bytes) ? { expected: 'a JSON object' } : notUtf8 };
    return format === 'json' ? readJsonRecord(object, fields, folderOf(file)) : scanners[format](object);
  };
}

const folderOf = (file: string): string => dirname(resolve(file));

function withDefaults(record: ImportRecord, defaults: ImportMapping['defaults']): ImportRecord {
  if (!defaults) return record;
  const attributes = { ...defaults.attributes, ...record.attributes };
  return { ...defaults, ...record, ...(Object.keys(attributes).length > 0 && { attributes }) };
}

/** A credential needs a name at a system, or a secret or place by which it can be known. */
function missingIn({ name, system, secret, place }: ImportRecord): RecordFault | undefined {
  if (name !== undefined && system === undefined)
    return { field: 'system', expected: 'the system that the credential belongs to', got: 'nothing' };
  if (name === undefined && secret === undefined && place === undefined)
    return { field: 'name', expected: 'a name, a secret or a place', got: 'none of them' };
  return undefined;
}

function duplicateFault(line: number | undefined): RecordFault | undefined {
  return line === undefined
    ? undefined
    : { expected: 'each credential once', got: `the one of line ${line} again` };
}
