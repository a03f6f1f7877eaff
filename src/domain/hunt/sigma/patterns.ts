/** Values of rules as patterns: wildcards and their escaping, and the modifiers that change a value into others. */
import { limits } from '../../../kernel/limits.ts';
import { type Pattern, type Piece, type Placeholders, Unusable } from './types.ts';

const any: Piece = { kind: 'any' };
const one: Piece = { kind: 'one' };
const dash: Piece = { kind: 'dash' };
const textOf = (text: string): Piece => ({ kind: 'text', text });

/** Joins texts that stand side by side, and drops empty ones and `*` after `*`. */
export function tidy(pieces: readonly Piece[]): Piece[] {
  const tidied: Piece[] = [];
  for (const piece of pieces) {
    const last = tidied.at(-1);
    if (piece.kind === 'text' && piece.text === '') continue;
    if (piece.kind === 'any' && last?.kind === 'any') continue;
    if (piece.kind === 'text' && last?.kind === 'text')
      tidied[tidied.length - 1] = textOf(last.text + piece.text);
    else tidied.push(piece);
  }
  return tidied;
}

/**
 * Reads a value: `*` and `?` are wildcards, `\*` and `\?` are not, `\\` is a backslash, and so is a backslash
 * before anything else.
 */
export function readPattern(value: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < value.length; at++) {
    const [char = '', next = ''] = [value[at], value[at + 1]];
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      pieces.push(textOf(next));
      at++;
    } else pieces.push(char === '*' ? any : char === '?' ? one : textOf(char));
  }
  return tidy(pieces);
}

/** Text in Sigma's notation that stands for itself alone. */
export const escapeValue = (text: string): string => text.replace(/[\\*?]/g, '\\$&');

/** A value of a rule as text: numbers and truth values as JSON writes them. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  throw new Unusable('a value is a text, a number, true or false');
}

/** Puts wildcards around: contains, startswith, endswith. */
export function widen(pattern: Pattern, how: 'contains' | 'startswith' | 'endswith'): Piece[] {
  return tidy([...(how === 'startswith' ? [] : [any]), ...pattern, ...(how === 'endswith' ? [] : [any])]);
}

/** A dash that begins a word, as before an option of a command. */
const flag = /(?<![\p{L}\p{N}_])[-/\u2013\u2014\u2015](?=[\p{L}\p{N}_])/gu;

/** `windash`: a dash that begins an option may be any of the five. */
export function loosenDashes(pattern: Pattern): Piece[] {
  return tidy(
    pattern.flatMap((piece): Piece[] => {
      if (piece.kind !== 'text') return [piece];
      const pieces: Piece[] = [];
      let from = 0;
      for (const match of piece.text.matchAll(flag)) {
        pieces.push(textOf(piece.text.slice(from, match.index)), dash);
        from = match.index + 1;
      }
      pieces.push(textOf(piece.text.slice(from)));
      return pieces;
    }),
  );
}

const placeholder = /(?<!\\)%(\w+)%/g;

/** `expand`: the value with each placeholder replaced by each of its values. Throws Unusable for an unknown one. */
export function expandValue(value: string, placeholders: Placeholders): string[] {
  let values = [''];
  let from = 0;
  const append = (choices: readonly string[]): void => {
    if (values.length * choices.length > limits.sigmaExpandedValuesMax)
      throw new Unusable(`its placeholders stand for more than ${limits.sigmaExpandedValuesMax} values`);
    values = values.flatMap((head) => choices.map((tail) => head + tail));
  };
  const plain = (text: string): string[] => [text.replaceAll('\\%', '%')];
  for (const match of value.matchAll(placeholder)) {
    const name = match[1] ?? '';
    const choices = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined;
    if (choices === undefined) throw new Unusable(`no values are given for the placeholder %${name}%`);
    append(plain(value.slice(from, match.index)));
    append(choices);
    from = match.index + match[0].length;
  }
  append(plain(value.slice(from)));
  return values;
}

const encodings = ['wide', 'utf16le', 'utf16be', 'utf16'] as const;
const base64s = ['base64', 'base64offset'] as const;
export const isEncoding = (name: string): boolean => [...encodings, ...base64s].includes(name as never);

/** The encodings in their order; bytes between them are bytes, and in the end there is text again. */
export function encode(pattern: Pattern, names: readonly string[]): Pattern[] {
  if (names.length === 0) return [pattern];
  if (pattern.some((piece) => piece.kind !== 'text'))
    throw new Unusable(`a value that ${names.join(' and ')} encode has no wildcards`);
  const plain = pattern.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
  let values: Buffer[] = [Buffer.from(plain, 'utf8')];
  for (const name of names) values = values.flatMap((value) => encodeOnce(value, name));
  return values.map((value) => {
    try {
      return [textOf(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value))];
    } catch {
      throw new Unusable('UTF-16 is no text in UTF-8, which logs are: encode it by base64 or base64offset');
    }
  });
}

function encodeOnce(value: Buffer, name: string): Buffer[] {
  const wide = () => Buffer.from(new TextDecoder('utf-8', { fatal: true }).decode(value), 'utf16le');
  if (name === 'wide' || name === 'utf16le') return [wide()];
  if (name === 'utf16be') return [wide().swap16()];
  if (name === 'utf16') return [Buffer.concat([Buffer.from([0xff, 0xfe]), wide()])];
  if (name === 'base64') return [Buffer.from(value.toString('base64'))];
  // Of each of the three places in a group of three bytes, the characters that no neighbour changes.
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), value]).toString('base64');
    const [head = 0, tail = 0] = [[0, 2, 3][shift], [0, 3, 2][(value.length + shift) % 3]];
    return Buffer.from(encoded.slice(head, encoded.length - tail));
  });
}
