/**
 * The part of STIX 2.1 patterns that can be asked of single events: comparisons with =, IN, LIKE and ISSUBSET,
 * joined by AND and OR, and observations joined by OR. Anything else is refused with its reason.
 * https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9
 */
import { limits } from '../../../kernel/limits.ts';
import { termsOf } from './stix-terms.ts';
import type { Term } from './types.ts';

/** Why a pattern can't be read. */
export class Unreadable extends Error {}

type Token = { kind: 'string' | 'word' | 'mark' | 'end'; text: string };

const tokenPattern =
  /\s+|'((?:[^'\\]|\\.)*)'|([A-Za-z0-9_:*+-]+(?:\.(?:'(?:[^'\\]|\\.)*'|[A-Za-z0-9_:*+-]+)|\[[0-9*]+\])*)|(!=|<>|<=|>=|[[\]()=<>,])/gy;

function tokenise(pattern: string): Token[] {
  if (pattern.length > limits.huntPatternCharsMax)
    throw new Unreadable(`the pattern has more than ${limits.huntPatternCharsMax} characters`);
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < pattern.length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(pattern);
    if (!match) throw new Unreadable(`character ${at + 1} is not part of a pattern`);
    if (match[1] !== undefined) tokens.push({ kind: 'string', text: match[1].replace(/\\(.)/gs, '$1') });
    else if (match[2] !== undefined) tokens.push({ kind: 'word', text: match[2] });
    else if (match[3] !== undefined) tokens.push({ kind: 'mark', text: match[3] });
  }
  return [...tokens, { kind: 'end', text: 'the end' }];
}

/** The alternatives of the pattern; of each, all terms hold in one event. Throws Unreadable. */
export function readPattern(pattern: string): Term[][] {
  const reader = new Reader(tokenise(pattern));
  const alternatives = reader.observations();
  reader.expectEnd();
  return alternatives;
}

class Reader {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  observations(): Term[][] {
    const found = this.#observation();
    while (this.#takeWord('OR')) found.push(...this.#observation());
    const { kind, text } = this.#peek();
    if (kind === 'word' && /^(AND|FOLLOWEDBY|WITHIN|REPEATS|START)$/i.test(text))
      throw new Unreadable(`${text.toUpperCase()} joins several events; only single events are looked at`);
    return bounded(found);
  }

  expectEnd(): void {
    if (this.#peek().kind !== 'end')
      throw new Unreadable(`${this.#peek().text} stands where the pattern should end`);
  }

  #observation(): Term[][] {
    if (this.#takeMark('(')) {
      const inner = this.#nested(() => this.observations());
      this.#expectMark(')');
      return inner;
    }
    this.#expectMark('[');
    const found = this.#anyOf();
    this.#expectMark(']');
    return found;
  }

  #anyOf(): Term[][] {
    const found = this.#allOf();
    while (this.#takeWord('OR')) found.push(...this.#allOf());
    return bounded(found);
  }

  #allOf(): Term[][] {
    let found = this.#comparison();
    while (this.#takeWord('AND')) {
      const next = this.#comparison();
      found = bounded(found.flatMap((left) => next.map((right) => [...left, ...right])));
    }
    return found;
  }

  #comparison(): Term[][] {
    if (this.#takeMark('(')) {
      const inner = this.#nested(() => this.#anyOf());
      this.#expectMark(')');
      return inner;
    }
    const path = this.#next();
    if (path.kind !== 'word' || !path.text.includes(':'))
      throw new Unreadable(`${path.text} stands where a path should`);
    const operator = this.#next().text.toUpperCase();
    if (operator === 'NOT' || operator === '!=' || operator === '<>')
      throw new Unreadable('a negation says what is harmless, which most events are');
    if (!['=', 'IN', 'LIKE', 'ISSUBSET'].includes(operator))
      throw new Unreadable(`the operator ${operator} is not read`);
    const values = operator === 'IN' ? this.#list() : [this.#value()];
    return values.flatMap((value) => {
      const terms = termsOf(path.text, operator === 'IN' ? '=' : operator, value);
      if (typeof terms === 'string') throw new Unreadable(terms);
      return terms.map((term) => [term]);
    });
  }

  #list(): string[] {
    this.#expectMark('(');
    const values = [this.#value()];
    while (this.#takeMark(',')) values.push(this.#value());
    this.#expectMark(')');
    return values;
  }

  #value(): string {
    const token = this.#next();
    if (token.kind === 'string') return token.text;
    if (token.kind === 'word' && /^[-+]?\d+$/.test(token.text)) return token.text;
    throw new Unreadable(`${token.text} stands where a text should`);
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > limits.huntPatternNestingMax)
      throw new Unreadable('brackets stand too deep in one another');
    const found = read();
    this.#depth--;
    return found;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end' };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #takeMark(text: string): boolean {
    const found = this.#peek().kind === 'mark' && this.#peek().text === text;
    if (found) this.#at++;
    return found;
  }

  #takeWord(text: string): boolean {
    const found = this.#peek().kind === 'word' && this.#peek().text.toUpperCase() === text;
    if (found) this.#at++;
    return found;
  }

  #expectMark(text: string): void {
    if (!this.#takeMark(text)) throw new Unreadable(`expected ${text}, got ${this.#peek().text}`);
  }
}

function bounded(alternatives: Term[][]): Term[][] {
  if (alternatives.length > limits.huntPatternAlternativesMax)
    throw new Unreadable(`the pattern has more than ${limits.huntPatternAlternativesMax} alternatives`);
  return alternatives;
}
