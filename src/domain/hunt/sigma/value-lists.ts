/**
 * The values of JSON fields that have several, all fields in a few columns: the engine takes milliseconds to
 * understand each function that is handed to another, so there is one walk for all paths instead of one each.
 */
import type { Columns } from './columns.ts';
import { quote } from './sql-text.ts';

/** No text has it: U+FDD0 is no character, and where a log has it all the same it is replaced. */
export const separator = '\ufdd0';

/** Expressions over the columns of one field's values. */
export interface ValueList {
  /** Whether the field has several values, or may have. */
  flag: string;
  /** What stands at the path, each as JSON, where the flag is set; a list at its end counts as one. */
  present: string;
  texts: string;
  lowers: string;
  joined: string;
  joinedLower: string;
}

interface Entry {
  steps: readonly string[];
  flag: string;
  /** The list of its only value, where the flag is not set, taken from the tuple of this name. */
  one(tuple: string): string;
}

export class ValueLists {
  readonly #record: string;
  readonly #tuple: string;
  readonly #columns: Columns;
  readonly #entries = new Map<string, Entry>();

  constructor(record: string, tuple: string, columns: Columns) {
    this.#record = record;
    this.#tuple = tuple;
    this.#columns = columns;
  }

  of(steps: readonly string[], entry: Omit<Entry, 'steps'>): ValueList {
    const key = JSON.stringify(steps);
    if (!this.#entries.has(key)) this.#entries.set(key, { steps, ...entry });
    const place = [...this.#entries.keys()].indexOf(key) + 1;
    const element = (column: string) => `${this.#name(column)}[${place}]`;
    return {
      flag: entry.flag,
      present: element('present'),
      texts: element('texts'),
      lowers: element('lowers'),
      joined: element('joined'),
      joinedLower: element('joinedLower'),
    };
  }

  anyFlag(): string | undefined {
    return this.#entries.size === 0 ? undefined : this.#name('any');
  }

  #name(column: string): string {
    return `${this.#columns.prefix}${column}`;
  }

  /** What is said of the values, evaluated for the events alone that have several: within, the columns are parameters. */
  only(body: string): string {
    const columns = (['present', 'texts', 'lowers', 'joined', 'joinedLower'] as const).map((one) =>
      this.#name(one),
    );
    const lists = columns.map((column) => `if(${this.#name('any')}, [${column}], [])`);
    return `arrayMap((${columns.join(', ')}) -> ${body}, ${lists.join(', ')})[1]`;
  }

  finish(): void {
    const entries = [...this.#entries.values()];
    if (entries.length === 0) return;
    const [any, flags, present, texts] = (['any', 'flags', 'present', 'texts'] as const).map((one) =>
      this.#name(one),
    );
    const add = (stage: 6 | 7 | 8 | 9, column: string, expression: string) =>
      this.#columns.addNamed(stage, this.#name(column), expression);
    // Lists that are empty but for few events, so that nothing is done for the others.
    const few = (list: string) => `if(${any}, ${list}, [])`;
    const paths = `[${entries.map(({ steps }) => `[${steps.map(quote).join(', ')}]`).join(', ')}]`;
    const ones = `arrayMap(e -> [${entries.map(({ one }) => one('e')).join(', ')}], ${few(`[${this.#tuple}]`)})[1]`;
    const joined = (list: string) =>
      `arrayMap(x -> if(empty(x), '', concat(${quote(separator)}, arrayStringConcat(x, ${quote(separator)}), ${quote(separator)})), ${list})`;
    const anyOf = [...new Set(entries.map(({ flag }) => flag))];
    add(
      6,
      'any',
      anyOf.reduce((all, flag) => `bitOr(${all}, ${flag})`),
    );
    add(6, 'flags', `[${entries.map(({ flag }) => flag).join(', ')}]`);
    add(
      7,
      'present',
      `arrayMap((p, f) -> if(f, ${walk(this.#record)}, []), ${few(paths)}, ${few(`${flags}`)})`,
    );
    add(
      8,
      'texts',
      `arrayMap((x, f, o) -> if(f, ${valuesOf('x')}, o), ${present}, ${few(`${flags}`)}, ${few(ones)})`,
    );
    add(9, 'lowers', `arrayMap(x -> arrayMap(v -> lowerUTF8(v), x), ${texts})`);
    add(9, 'joined', joined(`${texts}`));
    add(9, 'joinedLower', `arrayMap(x -> lowerUTF8(x), ${joined(`${texts}`)})`);
  }
}

const once = (list: string): string =>
  `arrayFlatten(arrayMap(v -> if(startsWith(v, '['), JSONExtractArrayRaw(v), [v]), ${list}))`;

/** Lists are looked into, and lists in them. */
const expanded = (list: string): string => once(once(list));

/** Follows the path `p` step by step, through objects and lists of them. */
const walk = (record: string): string =>
  `arrayFold((found, step) -> arrayFilter(v -> v != '', arrayMap(v -> JSONExtractRaw(v, step), ${expanded('found')})), p, [${record}])`;

const valuesOf = (present: string): string =>
  `arrayMap(v -> replaceAll(if(startsWith(v, '"'), JSONExtractString(v), v), ${quote(separator)}, ${quote('\ufffd')}), arrayFilter(v -> v != 'null', ${once(expanded(present))}))`;
