/** The timeline in the formats that other tools read. Text of a log is data in all of them: nothing of it is a formula. */
import { printable } from '../../../kernel/text.ts';
import type { TimelineEntry, TimelineFormat } from './types.ts';

type Writer = { head: string; tail: string; write(entry: TimelineEntry, index: number): string };

const columns = [
  'datetime',
  'time_in_source',
  'kinds',
  'message',
  'user',
  'address',
  'event',
  'severity',
  'techniques',
  'source',
  'host',
  'file_sha256',
  'line',
  'ledger_entry',
] as const;

/** The same fields in every format. */
function flat(entry: TimelineEntry): Record<(typeof columns)[number], string | number> {
  const { citation } = entry;
  const log = 'fileId' in citation ? citation : undefined;
  return {
    datetime: entry.at.toISOString(),
    time_in_source: entry.timeText,
    kinds: entry.kinds.join(' '),
    message: entry.what,
    user: entry.who,
    address: entry.address,
    event: entry.code,
    severity: entry.severity ?? '',
    techniques: entry.techniques.join(' '),
    source: log?.source ?? 'ledger',
    host: log?.host ?? '',
    file_sha256: log?.fileId ?? '',
    line: log?.line ?? '',
    ledger_entry: 'ledgerSeq' in citation ? citation.ledgerSeq : '',
  };
}

const textMax = 4_000;
const clean = (value: string | number): string => printable(String(value), textMax);

/**
 * A spreadsheet takes a cell for a formula by its first character, behind quotation marks too; an apostrophe before
 * it makes it text. https://owasp.org/www-community/attacks/CSV_Injection
 */
function cell(value: string | number): string {
  const text = clean(value);
  const safe = /^\s*[=+\-@|%\t\r]/.test(text) && typeof value !== 'number' ? `'${text}` : text;
  return /[",\r\n;]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function cleaned(entry: TimelineEntry): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(flat(entry)).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : clean(value),
    ]),
  );
}

const descriptions: Record<TimelineEntry['kinds'][number], string> = {
  finding: 'Finding',
  descendant: 'Made by a compromised principal',
  access: 'Access',
  session: 'Session',
  pause: 'Pause',
  act: 'Response',
};

/** https://timesketch.org/guides/user/import-from-json-csv/ : message, datetime, timestamp_desc. */
function timesketch(entry: TimelineEntry): string {
  const { techniques, kinds, ...rest } = cleaned(entry);
  return `${JSON.stringify({
    ...rest,
    timestamp: entry.at.getTime() * 1_000,
    timestamp_desc: entry.kinds.map((kind) => descriptions[kind]).join(', '),
    kinds,
    attack_technique: techniques,
    tag: entry.techniques,
  })}\n`;
}

function line(entry: TimelineEntry): string {
  const { citation } = entry;
  const proof =
    'fileId' in citation
      ? `${citation.source}${citation.host === '' ? '' : ` on ${citation.host}`} ${citation.fileId.slice(0, 12)}:${citation.line}`
      : `ledger entry ${citation.ledgerSeq}`;
  const who = [entry.who, entry.address].filter((part) => part !== '').join(' from ');
  const parts = [
    `${entry.at.toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    entry.kinds.join('+').padEnd(10),
    entry.what,
    ...(who === '' || entry.kinds[0] === 'session' ? [] : [`by ${who}`]),
    ...(entry.techniques.length > 0 ? [entry.techniques.join(' ')] : []),
    `[${proof}]`,
  ];
  return `${clean(parts.join('  '))}\n`;
}

const writers: Record<TimelineFormat, Writer> = {
  json: {
    head: '{"timeline":[',
    tail: '\n]}\n',
    write: (entry, index) =>
      `${index === 0 ? '\n' : ',\n'}${JSON.stringify({ ...cleaned(entry), kinds: entry.kinds, techniques: entry.techniques })}`,
  },
  csv: {
    head: `${columns.join(',')}\r\n`,
    tail: '',
    write: (entry) => {
      const fields = flat(entry);
      return `${columns.map((name) => cell(fields[name])).join(',')}\r\n`;
    },
  },
  timesketch: { head: '', tail: '', write: timesketch },
  text: { head: '', tail: '', write: line },
};

/** Pieces of text, as entries come. */
export async function* render(
  entries: AsyncIterable<TimelineEntry>,
  format: TimelineFormat,
): AsyncGenerator<string> {
  const { head, tail, write } = writers[format];
  yield head;
  let index = 0;
  for await (const entry of entries) yield write(entry, index++);
  yield tail;
}
