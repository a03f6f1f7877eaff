/**
 * Text from rules inside of a statement. Thousands of values as parameters would cost more than the scan, so they
 * are literals: every byte that could end one, or that the engine reads in a way of its own, is escaped.
 */

const special: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text as a literal of the engine. Half a surrogate pair, which no UTF-8 has, becomes U+FFFD. */
export function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to escape.
  return `'${wellFormed(text).replace(/[\\'\u0000-\u001f\u007f]/g, escapeOne)}'`;
}

/** As UTF-8 has it. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

const escapeOne = (char: string): string =>
  special[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** The name of an element within the text of a type, such as `Tuple(NAME String)`. */
export const quoteElement = (name: string): string =>
  `\`${wellFormed(name).replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

/** A whole text within a pattern of LIKE. */
export const likeText = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** A whole text within a regular expression. */
export const regexText = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is tested.
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/** A literal in lower case, as the engine's own function makes it, so that both sides agree on every letter. */
export const quoteLower = (text: string): string =>
  isAscii(text) ? quote(text.toLowerCase()) : `lowerUTF8(${quote(text)})`;

/**
 * All of the terms, or any. Not by the engine's AND and OR: its planner would compare all their terms with each other,
 * each with the statement that its columns come from, and what is put off costs more than most terms do.
 */
export const joinBits = (terms: readonly string[], word: 'AND' | 'OR'): string => {
  const [first = word === 'AND' ? '1' : '0', ...rest] = terms;
  return rest.reduce((all, term) => `${word === 'AND' ? 'bitAnd' : 'bitOr'}(${all}, ${term})`, first);
};
