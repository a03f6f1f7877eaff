/**
 * Terms as conditions over an event: exact on the columns that are made for them, and with boundaries on the raw
 * record, where `198.51.100.7` must not be found in `198.51.100.70`, nor `evil.com` in `not-evil.com`.
 */
import { limits } from '../../../kernel/limits.ts';
import type { Parameters } from '../event-sql.ts';
import { type AddressRange, rangeOf } from './addresses.ts';
import { rangeText } from './range-text.ts';
import type { Term, TermType } from './types.ts';

/** A term's condition, and texts of which one stands in every event that satisfies it. */
export interface TermSql {
  /** Gives the name of the column in which the term stands, or ''. */
  column: string;
  needles: string[];
  /** The condition on addresses that needles don't cover; over a column named `ip`. */
  addresses?: string;
  /** The same as a range. */
  range?: AddressRange;
  notes: string[];
}

/** Columns that may hold a value of this type, most telling first. */
const columnsOf: Record<Exclude<TermType, 'address'>, readonly string[]> = {
  domain: ['src_hostname', 'dst_hostname', 'http_url', 'http_referrer', 'query_text', 'process_cmd_line'],
  hash: ['file_sha256', 'resource_uid', 'process_cmd_line'],
  url: ['http_url', 'http_referrer', 'process_cmd_line'],
  'user-agent': ['http_user_agent'],
  'client-name': ['actor_app_name', 'http_user_agent'],
  'file-name': ['file_path', 'process_path', 'process_name', 'process_cmd_line', 'resource_name'],
  'oauth-client': ['actor_app_name', 'actor_credential_uid', 'made_uid', 'resource_uid'],
  email: ['actor_user_email', 'actor_user_name', 'user_email', 'user_name'],
  account: ['actor_user_name', 'actor_user_uid', 'actor_user_email', 'user_name', 'user_uid', 'user_email'],
  'command-line': ['process_cmd_line'],
  'process-name': ['process_name', 'process_path'],
};

/** All of them in one text: what is decoded in a column need not stand so in the raw record. */
export const searchedText = `concat(${[...new Set(Object.values(columnsOf).flat())].join(", '\\n', ")})`;

/** These mean the value of a column and nothing in the midst of a record. */
const columnOnly: readonly TermType[] = ['account', 'command-line', 'process-name'];

export function termSql(term: Term, name: string, parameters: Parameters): TermSql {
  const bind = (suffix: string, value: string): string => {
    parameters[`${name}_${suffix}`] = value;
    return `{${name}_${suffix}:String}`;
  };
  if (term.type === 'address') return addressSql(term, bind);
  const columns = columnsOf[term.type];
  if (term.op === 'like') {
    const pattern = bind('like', escapeLike(term.value));
    const needle = longest(term.value.split(/[%_]/).flatMap((part) => part.split(unsafe)));
    const column = pick(columns.map((column) => [`${column} ILIKE ${pattern}`, column]));
    return { column, needles: [needle], notes: ['looked for in columns, not in the raw records'] };
  }
  const needles = [longest(term.value.split(unsafe))];
  if (columnOnly.includes(term.type)) {
    const value = bind('is', term.value.toLowerCase());
    return {
      column: pick(columns.map((column) => [`lowerUTF8(${column}) = ${value}`, column])),
      needles,
      notes: [],
    };
  }
  const pattern = bind('re', boundary[term.type]?.(regexOf(term.value)) ?? `(?i)${regexOf(term.value)}`);
  const column = pick([...columns, 'raw'].map((column) => [`match(${column}, ${pattern})`, column]));
  return { column, needles, notes: [] };
}

function addressSql(term: Term, bind: (suffix: string, value: string) => string): TermSql {
  const range = rangeOf(term.op === 'like' ? '' : term.value);
  if (!range)
    return { column: "''", needles: [], notes: [`${term.value} is no address and was not looked for`] };
  const [first, last] = [bind('first', range.first), bind('last', range.last)];
  const inside = (column: string) =>
    `toIPv6OrDefault(${column}) BETWEEN toIPv6(${first}) AND toIPv6(${last}) AND ${column} != ''`;
  const branches: [string, string][] = ['src_ip', 'dst_ip'].map((column) => [inside(column), column]);
  const text =
    rangeText(range, limits.huntRangeAddressesMax) ?? (range.size === 1n ? ipv6Text(term.value) : undefined);
  if (text) branches.push([`match(raw, ${bind('re', addressPattern(text))})`, 'raw']);
  const notes = text ? [] : ['a range this wide is looked for in address columns, not in the raw records'];
  return { column: pick(branches), needles: text?.needles ?? [], addresses: inside('ip'), range, notes };
}

const ipv6Text = (value: string) => ({
  pattern: value.replaceAll('.', '\\.'),
  needles: [value],
  isIpv6: true,
});

/** No longer address, and no other number, of which this one would be a part. */
export const addressPattern = ({ pattern, isIpv6 = false }: { pattern: string; isIpv6?: boolean }): string =>
  isIpv6
    ? `(?i)(?:^|[^0-9a-f:.]|${escapes})(?:${pattern})(?:$|[^0-9a-f:])`
    : `(?:^|[^0-9.]|${escapes})(?:${pattern})(?:$|[^0-9.]|\\.(?:$|[^0-9]))`;

const pick = (branches: readonly (readonly [string, string])[]): string =>
  `multiIf(${branches.map(([condition, column]) => `${condition}, '${column}'`).join(', ')}, '')`;

/** What may stand before a value in JSON or in a URL and ends in a letter or digit: \n, \u0022, %2F. */
const escapes = '\\\\[nrtbf]|\\\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}';

const boundary: Partial<Record<TermType, (value: string) => string>> = {
  domain: (value) => `(?i)(?:^|[^a-z0-9_-]|${escapes})${value}(?:$|[^a-z0-9.-]|\\.(?:$|[^a-z0-9-]))`,
  hash: (value) => `(?i)(?:^|[^0-9a-f]|${escapes})${value}(?:$|[^0-9a-f])`,
  'file-name': (value) => `(?i)(?:^|[^a-z0-9_.-]|${escapes})${value}(?:$|[^a-z0-9_.-]|\\.(?:$|[^a-z0-9]))`,
  'oauth-client': (value) => `(?:^|[^A-Za-z0-9_.-]|${escapes})${value}(?:$|[^A-Za-z0-9_.-])`,
  email: (value) => `(?i)(?:^|[^a-z0-9_.+-]|${escapes})${value}(?:$|[^a-z0-9.-]|\\.(?:$|[^a-z0-9-]))`,
};

/** Characters that a JSON writer may escape, one way or another. */
const unsafe = /[^A-Za-z0-9 .,:;_@#$%^*()[\]{}!?|~-]/;

const longest = (parts: readonly string[]): string =>
  parts.reduce((best, part) => (part.length > best.length ? part : best), '');

/** RE2 for the text, in whichever way a JSON writer may have written it. */
function regexOf(value: string): string {
  return [...value]
    .map((char) => {
      if (/[A-Za-z0-9 _]/.test(char)) return char;
      const plain = char === '\\' ? '\\\\{1,2}' : `\\x{${(char.codePointAt(0) ?? 0).toString(16)}}`;
      if (!unsafe.test(char) || char === '\\') return plain;
      const units = Array.from(
        { length: char.length },
        (_, index) => `\\\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`,
      );
      return `(?:\\\\?${plain}|(?i:${units.join('')}))`;
    })
    .join('');
}

/** In STIX only % and _ are wild; a backslash is a character like any other. */
const escapeLike = (pattern: string): string => pattern.replaceAll('\\', '\\\\');
