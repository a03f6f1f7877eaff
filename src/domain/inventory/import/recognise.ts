/** Tells a file's format from its first bytes, and refuses what no format of ours can be. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { badInput, FirebreakError, messageOf } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { parseObject } from './json-values.ts';
import { JsonSplitter } from './split-json.ts';
import type { ImportFormat } from './types.ts';

export interface Shape {
  format: ImportFormat;
  /** One JSON object a line, one JSON document, or CSV. */
  layout: 'lines' | 'document' | 'csv';
  /** False when there is too little to tell one JSON format from another, as in an empty array. */
  certain: boolean;
  /** Of CSV: the one that stands most often in the first line. */
  delimiter: string;
  /** Bytes of the byte order mark to pass over. */
  skip: number;
}

/** The format that the file's content shows. Throws bad_input for a file that is empty or no text. */
export async function detectFormat(file: string): Promise<ImportFormat> {
  return (await recognise(file)).format;
}

const titles: Record<ImportFormat, string> = {
  csv: 'CSV',
  json: 'JSON',
  trufflehog: 'a TruffleHog report',
  gitleaks: 'a gitleaks report',
  kingfisher: 'a Kingfisher report',
};

/** The file's shape, refused with bad_input when it is not what `format` says. */
export async function recogniseAs(file: string, format: ImportFormat): Promise<Shape> {
  const shape = await recognise(file);
  const isJson = shape.format !== 'csv';
  const fits =
    shape.format === format ||
    (isJson && format === 'json') ||
    (isJson && format !== 'csv' && !shape.certain);
  if (fits) return shape;
  throw badInput(file, [
    { file, line: 1, expected: titles[format], got: `what looks like ${titles[shape.format]}` },
  ]);
}

async function recognise(file: string): Promise<Shape> {
  const { head, isWhole } = await readHead(file);
  const skip = head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  refuseBinary(file, head);
  const text = head.subarray(skip).toString('utf8');
  const first = text.trimStart()[0];
  if (first === undefined)
    throw badInput(file, [
      { file, line: 1, expected: 'records', got: isWhole ? 'an empty file' : 'nothing but blanks' },
    ]);
  if (first === '<')
    throw badInput(file, [{ file, line: 1, expected: 'CSV or JSON', got: 'what looks like XML or HTML' }]);
  if (first !== '[' && first !== '{')
    return { format: 'csv', layout: 'csv', certain: true, delimiter: delimiterOf(text), skip };
  return { ...describeJson(text, first), delimiter: ',', skip };
}

function delimiterOf(text: string): string {
  const bare = (text.trimStart().split('\n')[0] ?? '').replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({
    delimiter,
    count: bare.split(delimiter).length,
  }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

async function readHead(file: string): Promise<{ head: Buffer; isWhole: boolean }> {
  try {
    await using handle = await openRegular(file);
    const buffer = Buffer.alloc(limits.importSniffBytes);
    let size = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, size, buffer.length - size, size);
      if (bytesRead === 0) return { head: buffer.subarray(0, size), isWhole: true };
      size += bytesRead;
      if (size === buffer.length) return { head: buffer, isWhole: false };
    }
  } catch (cause) {
    if (cause instanceof FirebreakError) throw cause;
    throw new FirebreakError('bad_input', `can't read ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** A pipe or a device could block or never end, and can't be read twice. */
async function openRegular(file: string): Promise<FileHandle> {
  if (!(await stat(file)).isFile())
    throw new FirebreakError('bad_input', `can't read ${file}: it is not a regular file`);
  return open(file);
}

const magic: [number[], string][] = [
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
  [[0x1f, 0x8b], 'gzip data'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd data'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive or a spreadsheet'],
];

function refuseBinary(file: string, head: Buffer): void {
  const got = magic.find(([bytes]) => head.subarray(0, bytes.length).equals(Buffer.from(bytes)))?.[1];
  const nul = head.indexOf(0);
  if (got === undefined && nul < 0) return;
  const line = got ? 1 : head.subarray(0, nul).filter((byte) => byte === 10).length + 1;
  throw badInput(file, [{ file, line, expected: 'UTF-8 text', got: got ?? 'binary data or UTF-16 text' }]);
}

function describeJson(text: string, first: '[' | '{'): Omit<Shape, 'skip' | 'delimiter'> {
  const record = firstRecord(text);
  // Without a whole record the keys that stand in the text have to do.
  const has = (key: string) => (record ? Object.hasOwn(record, key) : text.includes(`"${key}"`));
  const isEnvelope = first === '{' && (/^\s*\{\s*"findings"\s*:/.test(text) || has('findings'));
  if (isEnvelope) return { format: 'kingfisher', layout: 'document', certain: true };
  const format = formatWith(has);
  const layout = first === '[' || isSpread(text) ? 'document' : 'lines';
  return { format, layout, certain: format !== 'json' || record !== undefined };
}

/** Whether an object is spread over lines: then lines can't be records. */
function isSpread(text: string): boolean {
  const second = text
    .trimStart()
    .split('\n')
    .slice(1)
    .find((line) => line.trim() !== '');
  return second !== undefined && !second.trimStart().startsWith('{') && firstLineIsOpen(text);
}

/** A first line that is an object by itself shows one object a line, whatever garbage the second one is. */
function firstLineIsOpen(text: string): boolean {
  const line = text.trimStart().split('\n')[0] ?? '';
  return parseObject(Buffer.from(line)) === undefined;
}

function firstRecord(text: string): Record<string, unknown> | undefined {
  try {
    const [record] = new JsonSplitter('', limits.importRecordBytesMax).push(Buffer.from(text));
    return record && 'bytes' in record ? parseObject(record.bytes) : undefined;
  } catch {
    return undefined;
  }
}

function formatWith(has: (key: string) => boolean): ImportFormat {
  if (has('SourceMetadata') || has('DetectorName')) return 'trufflehog';
  if (has('RuleID')) return 'gitleaks';
  if (has('rule') && has('finding')) return 'kingfisher';
  return 'json';
}
