/**
 * Sigma in plain TypeScript over JSON, written from the specification and sharing nothing with the compiler: what
 * the compiled statements are compared with. It knows what the generated rules use.
 */
import { BlockList, isIP } from 'node:net';

type Json = unknown;
type Values = { present: boolean; values: string[] };

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Lists are looked into wherever they stand. */
function valuesAt(record: Json, path: string): Values {
  let found: Json[] = [record];
  for (const step of path.split('.'))
    found = found
      .flat(2)
      .flatMap((one) =>
        typeof one === 'object' && one !== null && !Array.isArray(one) && Object.hasOwn(one, step)
          ? [(one as Record<string, Json>)[step]]
          : [],
      );
  const values = found.flat(3).filter((one) => one !== null);
  return { present: found.length > 0, values: values.map(textOf) };
}

/** `*`, `?` and backslashes as the specification reads them, as an expression of JavaScript. */
function wildcard(value: string, windash: boolean): string {
  let out = '';
  for (let at = 0; at < value.length; at++) {
    const [char = '', next = ''] = [value[at], value[at + 1]];
    if (char === '\\' && ['*', '?', '\\'].includes(next)) {
      out += `\\u{${next.codePointAt(0)?.toString(16)}}`;
      at++;
    } else if (char === '*') out += '[^]*';
    else if (char === '?') out += '[^]';
    else if (windash && /[-/\u2013\u2014\u2015]/.test(char) && !/\w/.test(value[at - 1] ?? ' ') && /\w/.test(next))
      out += '[\\-/\\u2013\\u2014\\u2015]';
    else out += `\\u{${char.codePointAt(0)?.toString(16)}}`;
  }
  return out;
}

function textTest(value: string, modifiers: readonly string[]): (text: string) => boolean {
  const has = (name: string) => modifiers.includes(name);
  const plain = has('base64') ? [Buffer.from(value).toString('base64')] : has('base64offset') ? offsets(value) : [value];
  const tests = plain.map((one) => {
    const body = wildcard(one, has('windash'));
    const head = has('contains') || has('endswith') ? '[^]*' : '';
    const tail = has('contains') || has('startswith') ? '[^]*' : '';
    return new RegExp(`^${head}${body}${tail}$`, has('cased') ? 'u' : 'iu');
  });
  return (text) => tests.some((test) => test.test(text));
}

/** What stays the same of a text within base64, whatever stands before and behind it: found by trying. */
function offsets(value: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encode = (fill: string, tail: string) => Buffer.from(fill.repeat(shift) + value + tail).toString('base64');
    const all = ['a', '0', '\u007f'].flatMap((fill) => ['', 'zz~', '\u0001\u0002'].map((tail) => encode(fill, tail)));
    const first = all[0] ?? '';
    const same = [...first].map((char, index) => (all.every((one) => one[index] === char) ? char : ' ')).join('');
    return same.split(' ').reduce((best, part) => (part.length > best.length ? part : best), '');
  });
}

function part(text: string, name: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  if (name !== 'week') return { year, month, day, hour, minute }[name as 'year'];
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  return Math.ceil(((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7);
}

function compare(number: number | undefined, modifiers: readonly string[], value: number): boolean {
  if (number === undefined || Number.isNaN(number)) return false;
  if (modifiers.includes('gt')) return number > value;
  if (modifiers.includes('gte')) return number >= value;
  if (modifiers.includes('lt')) return number < value;
  if (modifiers.includes('lte')) return number <= value;
  return number === value;
}

function line(record: Json, key: string, value: Json): boolean {
  const [field = '', ...modifiers] = key.split('|');
  const has = (name: string) => modifiers.includes(name);
  const { present, values } = valuesAt(record, field);
  const dated = modifiers.find((name) => ['minute', 'hour', 'day', 'week', 'month', 'year'].includes(name));
  const one = (wanted: Json): boolean => {
    if (wanted === null) return values.length === 0;
    if (has('exists')) return present === wanted;
    if (has('re')) return values.some((text) => new RegExp(String(wanted), ['i', 'm', 's'].filter(has).join('')).test(text));
    if (has('cidr')) {
      const list = new BlockList();
      const [address = '', bits] = String(wanted).split('/');
      list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
      return values.some((text) => isIP(text) !== 0 && list.check(text, isIP(text) === 6 ? 'ipv6' : 'ipv4'));
    }
    if (has('fieldref')) {
      const others = valuesAt(record, String(wanted)).values.map((text) => text.toLowerCase());
      const relate = (a: string, b: string) =>
        has('startswith') ? a.startsWith(b) : has('endswith') ? a.endsWith(b) : has('contains') ? a.includes(b) : a === b;
      return values.some((a) => others.some((b) => relate(a.toLowerCase(), b)));
    }
    if (dated !== undefined) return values.some((text) => compare(part(text, dated), modifiers, Number(wanted)));
    if (['gt', 'gte', 'lt', 'lte'].some(has))
      return values.some((text) => compare(text.trim() === '' ? undefined : Number(text), modifiers, Number(wanted)));
    return values.some(textTest(String(wanted), modifiers));
  };
  const all = Array.isArray(value) ? value : [value];
  if (has('neq')) return !all.some(one);
  return has('all') ? all.every(one) : all.some(one);
}

export function search(record: Json, raw: string, value: Json): boolean {
  if (Array.isArray(value)) return value.some((one) => search(record, raw, one));
  if (typeof value !== 'object' || value === null) {
    const readable = raw.replace(/\\(u[0-9a-f]{4}|.)/gi, (escaped) => JSON.parse(`"${escaped}"`) as string);
    return textTest(String(value), ['contains'])(readable);
  }
  return Object.entries(value).every(([key, one]) => line(record, key, one));
}

/** Conditions as generated: words, `and`, `or`, `not`, brackets, `1 of x*`, `all of x*`. */
export function matches(detection: Readonly<Record<string, Json>>, raw: string): boolean {
  const record = JSON.parse(raw) as Json;
  const names = Object.keys(detection).filter((name) => name !== 'condition');
  const found = new Map(names.map((name) => [name, search(record, raw, detection[name])]));
  const script = String(detection.condition)
    .replace(/(1|all) of (\S+?)(?=\)|\s|$)/g, (_, quantity: string, pattern: string) => {
      const some = names.filter((name) =>
        pattern === 'them' ? !name.startsWith('_') : new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name),
      );
      return `(${some.map((name) => String(found.get(name))).join(quantity === '1' ? ' || ' : ' && ')})`;
    })
    .replace(/\b(and|or|not)\b/g, (word) => ({ and: '&&', or: '||', not: '!' })[word] ?? word)
    .replace(/\b(?!true\b|false\b)[a-z_]\w*\b/gi, (name) => String(found.get(name)));
  return new Function(`return (${script})`)() === true;
}
