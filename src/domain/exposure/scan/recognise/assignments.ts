/**
 * Secrets that stand after their name: `"password": "..."` in JSON and programs, also inside strings of JSON
 * (`\"password\":\"...\"`), `PASSWORD=...` in environments and logs, `password: ...` in YAML,
 * `?access_token=...` in URLs, `<password>...</password>` in XML, `name="password" value="..."` in HTML, and
 * whole header lines such as `Authorization: Bearer ...`.
 */
import type { CredentialClass } from '../../../../connectors/contract.ts';
import { printable } from '../../../../kernel/text.ts';
import type { Finding, HitKind } from '../types.ts';
import { headerFindings } from './headers.ts';
import { claimsOf } from './jwt.ts';
import { secretName, wordsOf } from './names.ts';
import { samlFacts, samlFields } from './saml.ts';
import { nameTails } from './separators.ts';
import { parameterFinding } from './urls.ts';
import { isBelievable, isReference } from './values.ts';

/** The end of a tag that is named like a secret. */
export const elementPattern = `>(?<=(?:${nameTails})>)`;

interface Name {
  name: string;
  /** Offset of its first character. */
  at: number;
  quoted: boolean;
}

interface Value {
  value: string;
  raw: string;
  at: number;
  quoted: boolean;
}

const valueMax = 16_384;
const leadMax = 200;

/** The secrets assigned by the separator at `separator` of `text`. */
export function assignmentFindings(text: string, separator: number): Finding[] {
  const named = nameBefore(text, separator);
  // A mark of ours, such as `[redacted:jwt:...]`, reads like an assignment.
  if (!named || /\[redacted:(?:secretlint:)?$/.test(text.slice(Math.max(0, named.at - 22), named.at)))
    return [];
  if (/^(?:proxy-)?authorization$|^(?:set-)?cookie$/i.test(named.name))
    return headerLine(text, separator, named);
  if (text[separator] === '>') return elementFinding(text, separator, named);
  const values = valuesAfter(text, separator);
  if (values.length > 0) return values.flatMap((value) => quotedFinding(named, value));
  return named.quoted ? numberFinding(text, separator, named) : bareFinding(text, separator, named);
}

function nameBefore(text: string, separator: number): Name | undefined {
  let end = separator;
  while (end > 0 && separator - end < 80 && /\s/.test(text[end - 1] as string)) end--;
  const quotesEnd = end;
  while (end > 0 && quotesEnd - end < 8 && isQuote(text.charCodeAt(end - 1))) end--;
  let at = end;
  while (at > 0 && end - at < 100 && isNameCharacter(text.charCodeAt(at - 1))) at--;
  if (at === end) return undefined;
  const name = text.slice(at, end);
  if (name.toLowerCase() !== 'value') return { name, at, quoted: end < quotesEnd };
  // `"name":"password","value":` and `name="password" value=`: the name is the string before.
  const before = /([A-Za-z0-9_.$-]{1,100})[\\"']{1,8}[\s,]{1,80}[\\"']{0,8}$/.exec(
    text.slice(Math.max(0, at - 200), at),
  );
  return before?.[1] === undefined ? undefined : { name: before[1], at, quoted: true };
}

/** `"`, `'`, a backslash or a back quote. */
const isQuote = (code: number): boolean => code === 34 || code === 39 || code === 92 || code === 96;

/** A letter, a digit, or one of `$ - . _`. */
function isNameCharacter(code: number): boolean {
  const lower = code | 32;
  return (
    (lower >= 97 && lower <= 122) ||
    (code >= 48 && code <= 57) ||
    code === 36 ||
    code === 45 ||
    code === 46 ||
    code === 95
  );
}

/** The quoted value after the separator, or each value of a list. */
function valuesAfter(text: string, separator: number): Value[] {
  let at = separator + 1;
  if (text[at] === '>') at++;
  while (at - separator < 40 && (text[at] === ' ' || text[at] === '\t')) at++;
  if (text[at] !== '[') {
    const value = quotedAt(text, at);
    return value ? [value] : [];
  }
  const values: Value[] = [];
  for (at++; values.length < 100; at++) {
    while (/[\s,]/.test(text[at] ?? '')) at++;
    const value = quotedAt(text, at);
    if (!value) break;
    values.push(value);
    at = value.at + value.raw.length + (text[value.at + value.raw.length] === '\\' ? 1 : 0);
  }
  return values;
}

/** The string that opens at `at`, where the quotes may be escaped because the text is itself inside a string. */
function quotedAt(text: string, at: number): Value | undefined {
  let open = at;
  while (text[open] === '\\' && open - at < 8) open++;
  const depth = open - at;
  const quote = text[open];
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined;
  const start = open + 1;
  for (
    let end = text.indexOf(quote, start);
    end >= 0 && end - start <= valueMax;
    end = text.indexOf(quote, end + 1)
  ) {
    let escapes = 0;
    while (text[end - 1 - escapes] === '\\' && end - 1 - escapes >= start) escapes++;
    const closes = depth === 0 ? escapes % 2 === 0 : escapes <= depth;
    if (closes) return unescaped(text.slice(start, end - (depth === 0 ? 0 : escapes)), start);
  }
  return undefined;
}

function unescaped(raw: string, at: number): Value {
  let value = raw;
  for (let round = 0; round < 3 && value.includes('\\'); round++) {
    try {
      value = String(JSON.parse(`"${value}"`));
    } catch {
      break;
    }
  }
  return { value, raw, at, quoted: true };
}

function quotedFinding(named: Name, value: Value): Finding[] {
  const kind: HitKind = named.quoted ? 'json-field' : 'assignment';
  const saml = samlFields.test(named.name) ? samlFacts(value.value) : undefined;
  if (saml) return [{ ...finding('saml-assertion', 'session', named, value), ...saml }];
  const secretClass = secretName(named.name);
  if (secretClass === undefined || !isBelievable(value.value, secretClass)) return [];
  if (wordsOf(value.value) === wordsOf(named.name)) return [];
  return [finding(kind, secretClass, named, value)];
}

function finding(
  kind: HitKind,
  secretClass: CredentialClass,
  named: Name,
  { value, raw, at }: Value,
): Finding {
  const carrier = raw === value ? undefined : raw;
  return {
    kind,
    class: secretClass,
    name: printable(named.name, 80),
    value,
    carrier,
    start: at,
    end: at + raw.length,
    ...claimsOf(value),
  };
}

/** A password of digits is sometimes a JSON number. */
function numberFinding(text: string, separator: number, named: Name): Finding[] {
  if (secretName(named.name) !== 'password') return [];
  const match = /^\s{0,20}(\d{4,20})(?=[\s,}\]])/.exec(text.slice(separator + 1, separator + 64));
  const value = match?.[1];
  if (!match || value === undefined) return [];
  const at = separator + 1 + match[0].indexOf(value);
  return [finding('json-field', 'password', named, { value, raw: value, at, quoted: false })];
}

/** A value without quotes: a parameter of a URL, or `NAME=value` and `name: value` where the line shows that it is one. */
function bareFinding(text: string, separator: number, named: Name): Finding[] {
  const before = text[named.at - 1] ?? '\n';
  if (text[separator] === '=' && (/[?&#;]/.test(before) || beginsForm(text, separator, named)))
    return parameterInText(text, separator, named);
  // curl -H 'X-Api-Key: ...'
  if (text[separator] === ':' && /["'`]/.test(before))
    return headerLine(text, separator, named).filter((item) => isBelievable(item.value, item.class));
  const secretClass = secretName(named.name);
  if (secretClass === undefined) return [];
  // A name further from its line's beginning than this is no assignment at the beginning of a line.
  const near = text.slice(Math.max(0, named.at - leadMax), named.at);
  const lead = named.at <= leadMax || near.includes('\n') ? near.slice(near.lastIndexOf('\n') + 1) : 'far';
  const anchored =
    /^[\s#*/;-]*(?:(?:export|set|setx|env|ENV|ARG|declare -x|-e|--env|local|readonly)\s+)?(?:\S*:)?$/.test(
      lead,
    ) || /--?[DP]?$/.test(lead);
  // `level=info password=hunter2` in a log.
  const inLog = text[separator] === '=' && /[\s,;|(]/.test(before) && /\S/.test(text[separator + 1] ?? ' ');
  if (!anchored && !inLog) return [];
  const rest = text.slice(separator + 1, separator + 1 + 4_096);
  const match = (
    anchored ? /^>?[ \t]{0,40}(\S+)[ \t]*(?:[ \t]#.*)?(?:\r?$|\r?\n|$)/ : /^([^\s,;&"'<>|)\]}]+)/
  ).exec(rest);
  const raw = match?.[1];
  if (
    !match ||
    raw === undefined ||
    /[,;({[]$/.test(raw) ||
    isReference(raw) ||
    !isBelievable(raw, secretClass)
  )
    return [];
  const at = separator + 1 + match[0].indexOf(raw);
  return [finding('assignment', secretClass, named, { value: raw, raw, at, quoted: false })];
}

/** Whether `text` is a form body that begins with this name. */
const beginsForm = (text: string, separator: number, named: Name): boolean =>
  named.at === 0 &&
  (samlFields.test(named.name) || /^[^\s&]{1,2000}&/.test(text.slice(separator + 1, separator + 2_002)));

function parameterInText(text: string, separator: number, named: Name): Finding[] {
  const raw = /^[^&#\s"'<>\\;,)\]}`|]{4,4096}/.exec(text.slice(separator + 1, separator + 1 + 4_096))?.[0];
  if (raw === undefined) return [];
  const around = text.slice(Math.max(0, separator - 1_000), separator + 1_000);
  const found = parameterFinding(
    'url-parameter',
    named.name,
    raw,
    /[?&#;](?:state|session_state|scope)=/.test(around),
  );
  return found ? [{ ...found, start: separator + 1, end: separator + 1 + raw.length }] : [];
}

/** `<password>value</password>` */
function elementFinding(text: string, separator: number, named: Name): Finding[] {
  if (text[named.at - 1] !== '<' && !/<[\w-]{1,40}:$/.test(text.slice(Math.max(0, named.at - 42), named.at)))
    return [];
  const raw = /^[^<>]{4,4096}(?=<)/.exec(text.slice(separator + 1, separator + 1 + 4_097))?.[0];
  const value = raw?.trim();
  const secretClass = secretName(named.name);
  if (
    raw === undefined ||
    value === undefined ||
    secretClass === undefined ||
    !isBelievable(value, secretClass)
  )
    return [];
  return [
    finding('assignment', secretClass, named, {
      value,
      raw: value,
      at: separator + 1 + raw.indexOf(value),
      quoted: false,
    }),
  ];
}

/** `Authorization: ...` and `Cookie: ...` as a line, a quoted argument or a quoted value. */
function headerLine(text: string, separator: number, named: Name): Finding[] {
  if (text[separator] === '>') return [];
  const quoted = valuesAfter(text, separator)[0];
  if (quoted) {
    const same = quoted.raw === quoted.value;
    return headerFindings(named.name, quoted.value).map((item) => ({
      ...item,
      start: quoted.at + (same ? item.start : 0),
      end: quoted.at + (same ? item.end : quoted.raw.length),
    }));
  }
  if (named.quoted || text[separator] !== ':') return [];
  const opener = text[named.at - 1] ?? '';
  const stop = opener === '"' || opener === "'" || opener === '`' ? opener : '\n';
  const line = text.slice(separator + 1, separator + 1 + valueMax);
  const end = line.search(stop === '\n' ? /\r|\n|\\[rn]/ : new RegExp(`\\r|\\n|\\\\[rn]|\\\\?${stop}`));
  const value = end < 0 ? line : line.slice(0, end);
  return headerFindings(named.name, value).map((item) => ({
    ...item,
    start: separator + 1 + item.start,
    end: separator + 1 + item.end,
  }));
}
