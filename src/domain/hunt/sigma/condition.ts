/** Conditions of rules: `selection and not 1 of filter_*`. */
import { limits } from '../../../kernel/limits.ts';
import { type Expr, Unusable } from './types.ts';

/** The search identifiers of a rule, each as what it means. */
export type Searches = ReadonlyMap<string, Expr>;

const token = /\s*([()|]|[^\s()|]+)/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) tokens.push(match[1] ?? '');
  return tokens;
}

/** Reads a condition. Throws Unusable with what is wrong. */
export function readCondition(text: string, searches: Searches): Expr {
  const reader = new Reader(tokensOf(text), searches);
  const expr = reader.or(0);
  reader.end();
  return expr;
}

class Reader {
  readonly #tokens: readonly string[];
  readonly #searches: Searches;
  #at = 0;

  constructor(tokens: readonly string[], searches: Searches) {
    this.#tokens = tokens;
    this.#searches = searches;
  }

  or(depth: number): Expr {
    return this.#joined('or', () => this.#and(depth));
  }

  #and(depth: number): Expr {
    return this.#joined('and', () => this.#not(depth));
  }

  #joined(word: 'and' | 'or', next: () => Expr): Expr {
    const items = [next()];
    while (this.#takes(word)) items.push(next());
    return items.length === 1 && items[0] ? items[0] : { kind: word, items };
  }

  #not(depth: number): Expr {
    if (depth > limits.sigmaConditionNestingMax)
      throw new Unusable(
        `a condition has at most ${limits.sigmaConditionNestingMax} brackets and nots in one another`,
      );
    return this.#takes('not') ? { kind: 'not', item: this.#not(depth + 1) } : this.#primary(depth);
  }

  #primary(depth: number): Expr {
    const word = this.#tokens[this.#at++];
    if (word === undefined) throw new Unusable('the condition ends where a search is expected');
    if (word === '(') {
      const inner = this.or(depth + 1);
      if (!this.#takes(')')) throw new Unusable('the condition has a bracket that is not closed');
      return inner;
    }
    const isQuantity = /^(1|any|all)$/i.test(word) && this.#tokens[this.#at]?.toLowerCase() === 'of';
    if (isQuantity) {
      this.#at++;
      return this.#several(word.toLowerCase() === 'all' ? 'and' : 'or');
    }
    const search = this.#searches.get(word);
    if (search) return search;
    if (/^\d+$/.test(word) && this.#tokens[this.#at]?.toLowerCase() === 'of')
      throw new Unusable(`"${word} of" is not in the specification: it has 1 of and all of`);
    throw new Unusable(`the condition names ${word}, which the rule does not define`);
  }

  #several(kind: 'and' | 'or'): Expr {
    const pattern = this.#tokens[this.#at++];
    if (pattern === undefined || /^[()|]$/.test(pattern))
      throw new Unusable('the condition ends after "of": a name or them is expected');
    const names = [...this.#searches.keys()].filter(nameTest(pattern));
    const items = names.flatMap((name) => this.#searches.get(name) ?? []);
    if (items.length === 0) throw new Unusable(`the condition names ${pattern}, and the rule defines none`);
    return items.length === 1 && items[0] ? items[0] : { kind, items };
  }

  end(): void {
    const word = this.#tokens[this.#at];
    if (word === undefined) return;
    if (word === '|')
      throw new Unusable(
        'aggregations after "|" are of the old format: the specification has correlation rules',
      );
    throw new Unusable(`the condition goes on with ${word} where and, or or its end is expected`);
  }

  #takes(word: string): boolean {
    const next = this.#tokens[this.#at];
    if (next?.toLowerCase() !== word || this.#searches.has(next)) return false;
    this.#at++;
    return true;
  }
}

/** `them` is every search but those that begin with an underscore. */
function nameTest(pattern: string): (name: string) => boolean {
  if (pattern.toLowerCase() === 'them') return (name) => !name.startsWith('_');
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const regex = new RegExp(`^${parts.join('.*')}$`, 's');
  return (name) => regex.test(name);
}
