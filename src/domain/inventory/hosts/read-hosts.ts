/**
 * Reads a list of hosts as a stream: CSV with a header, a JSON list, or JSON objects one after another. A record
 * that is at fault is rejected with its line, and the rest goes on.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { badInput, FirebreakError, messageOf } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { plural, printable } from '../../../kernel/text.ts';
import { parseObject } from '../import/json-values.ts';
import { notUtf8 } from '../import/read-mapped.ts';
import { CsvSplitter } from '../import/split-csv.ts';
import { JsonSplitter } from '../import/split-json.ts';
import type { RawRecord, RecordFault } from '../import/types.ts';
import { checkHost } from './check-host.ts';
import type { HostEvent } from './types.ts';

/** Throws bad_input when the file as a whole is no list of hosts, which can come after hosts were given. */
export async function* readHosts(file: string): AsyncGenerator<HostEvent, void, void> {
  const read = await readerOf(file);
  const seen = new Map<string, number>();
  const reject = (line: number, fault: RecordFault): HostEvent => ({
    type: 'reject',
    fault: { file, line, ...fault },
  });
  for await (const raw of read.records) {
    if ('fault' in raw) {
      yield reject(raw.line, raw.fault);
      continue;
    }
    const record = read.parse(raw);
    if (record === 'header') continue;
    const checked = 'fault' in record ? record : checkHost(record.values);
    if ('fault' in checked) {
      yield reject(raw.line, checked.fault);
      continue;
    }
    const { host } = checked;
    const first = seen.get(host.name);
    if (first !== undefined)
      yield reject(raw.line, {
        field: 'name',
        expected: 'each host once',
        got: `the one of line ${first} again`,
      });
    else {
      seen.set(host.name, raw.line);
      if (seen.size > limits.hostsMax)
        throw new FirebreakError('limit_exceeded', `${file}: more than ${plural(limits.hostsMax, 'host')}`);
      yield { type: 'host', line: raw.line, host };
    }
  }
}

type Parsed = { values: Record<string, unknown> } | { fault: RecordFault };

interface Reader {
  records: AsyncIterable<RawRecord>;
  parse(raw: { line: number; bytes: Buffer }): Parsed | 'header';
}

async function readerOf(file: string): Promise<Reader> {
  const head = await readHead(file);
  const skip = head.startsWith('\ufeff') ? 3 : 0;
  const first = head.replace(/^\ufeff/, '').trimStart()[0];
  if (first === undefined)
    throw badInput(file, [{ file, line: 1, expected: 'a list of hosts', got: 'an empty file' }]);
  const isJson = first === '[' || first === '{';
  const [line = ''] = head.split(/\r?\n/);
  const delimiter = [',', ';', '\t'].sort((a, b) => line.split(b).length - line.split(a).length)[0] ?? ',';
  const splitter = isJson
    ? new JsonSplitter(
        file,
        limits.importRecordBytesMax,
        /^\ufeff?\s*\{\s*"hosts"/.test(head) ? 'hosts' : undefined,
      )
    : new CsvSplitter(delimiter, limits.importRecordBytesMax);
  return { records: cut(file, skip, splitter), parse: isJson ? parseJson : csvParser(file, delimiter) };
}

async function readHead(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new FirebreakError('bad_input', `can't read ${file}: ${messageOf(cause)}`, { cause });
  }
}

async function* cut(
  file: string,
  start: number,
  splitter: { push(chunk: Buffer): RawRecord[]; end(): RawRecord[] },
): AsyncGenerator<RawRecord> {
  const chunks: AsyncIterable<Buffer> = createReadStream(file, { start, highWaterMark: 256 * 1024 });
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

function parseJson({ bytes }: { bytes: Buffer }): Parsed {
  const values = parseObject(bytes);
  if (values) return { values };
  return { fault: isUtf8(bytes) ? { expected: 'a JSON object' } : notUtf8 };
}

function csvParser(file: string, delimiter: string): Reader['parse'] {
  let columns: string[] | undefined;
  return ({ line, bytes }) => {
    if (!isUtf8(bytes)) return { fault: notUtf8 };
    const row = parseRow(bytes, delimiter);
    if (!row) return { fault: { expected: 'a CSV record' } };
    if (!columns) {
      columns = row.map((name) => name.trim());
      const named = columns.some((name) => /^(name|hostname|host|fqdn)$/i.test(name));
      if (named) return 'header';
      const got = printable(columns.slice(0, 40).join(', '), 500);
      throw badInput(file, [
        {
          file,
          line,
          field: 'name',
          expected: 'a column with the name of the host (name, hostname, host or fqdn)',
          got,
        },
      ]);
    }
    if (row.length !== columns.length)
      return { fault: { expected: plural(columns.length, 'column'), got: plural(row.length, 'column') } };
    return { values: Object.fromEntries(columns.map((name, at) => [name, row[at]])) };
  };
}

function parseRow(bytes: Buffer, delimiter: string): string[] | undefined {
  try {
    const rows: string[][] = parse(bytes, {
      delimiter,
      record_delimiter: '\n',
      relax_quotes: true,
      relax_column_count: true,
    });
    return rows.length === 1 ? rows[0] : undefined;
  } catch {
    return undefined;
  }
}
