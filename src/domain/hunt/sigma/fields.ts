/**
 * The fields of one source, as rules name them, as columns of a statement. A JSON record's field may have one value
 * or, by lists on the way to it, several; the typed tuple gives the one, and only where a list is in the way are
 * all of them gathered step by step.
 */
import type { Columns } from './columns.ts';
import type { JsonView, View } from './logsource.ts';
import { joinBits, quote } from './sql-text.ts';
import { TypedTuples } from './typed-tuple.ts';
import { separator, ValueLists } from './value-lists.ts';

/** Expressions over the columns of a statement; each column is made only when it is asked for. */
export interface FieldSql {
  /** Text; empty where there is none. */
  text(): string;
  lower(): string;
  /** Whether it is absent or null. */
  missing(): string;
  exists(): string;
  /** For a field that may have several values in one event; also valid where it has one. */
  several?: Several;
}

export interface Several {
  texts(): string;
  lowers(): string;
  /** The values as one text: `separator` stands before, between and behind them; empty without any. */
  joined(): string;
  joinedLower(): string;
  exists(): string;
}

/** A test of one field, before which the fields of those behind it need not be read. */
export interface FieldGuard {
  field: string;
  test(lower: string): string;
  behind: readonly string[];
  others: readonly string[];
}

export interface Fields {
  /** Undefined for a field that the source does not have. */
  get(field: string): FieldSql | undefined;
  /** The whole record, as a person reads it: without the escapes of JSON. */
  record(): { text(): string; lower(): string };
  /** Whether any of the fields whose `several` was asked for has several values, or may have. */
  severalFlag(): string | undefined;
  /** What is said of `several`, evaluated for the events alone that have several values. */
  onlySeveral(body: string): string;
  /**
   * To be called before any field is asked for. Gives what is 1 where the guard's field, in lower case, passes its
   * test or may have several values; fields that only those behind it ask for are read nowhere else.
   */
  keepApart(guard: FieldGuard): string;
  /** Adds what could be known only once every field had been asked for. */
  finish(): void;
}

export function fieldsOf(view: View, columns: Columns): Fields {
  return view.fields.kind === 'json'
    ? new JsonFields(view.fields, columns)
    : new ColumnFields(view.fields.expressions, columns);
}

/** The name of a record's field for a rule's spelling of it. */
export function pathOf(fields: JsonView, field: string): string {
  const spelled = field.toLowerCase();
  return Object.hasOwn(fields.aliases, spelled) ? (fields.aliases[spelled] ?? field) : field;
}

class JsonFields implements Fields {
  readonly #fields: JsonView;
  readonly #columns: Columns;
  readonly #tuples = new TypedTuples();
  readonly #record: string;
  readonly #lists: ValueLists;
  /** Paths that are read for few events, and the column that tells for which. */
  #apart: { paths: ReadonlySet<string>; where: string } | undefined;

  constructor(fields: JsonView, columns: Columns) {
    this.#fields = fields;
    this.#columns = columns;
    const record = recordOf(fields.records);
    this.#record = record === 'raw' ? record : columns.add(0, record);
    this.#lists = new ValueLists(this.#record, this.#tupleName(0), columns);
  }

  get(field: string): FieldSql {
    const steps = pathOf(this.#fields, field).split('.');
    const columns = this.#columns;
    const add = () => this.#tuples.add(steps, this.#apart?.paths.has(steps.join('.')) ?? false);
    const element = () => {
      const index = add();
      return this.#tuples.element(this.#tupleName(index), index, steps);
    };
    const text = () => columns.add(4, `ifNull(${element().value}, '')`);
    const missing = () => columns.add(4, `isNull(${element().value})`);
    const list = () =>
      this.#lists.of(steps, {
        flag: columns.add(5, this.#listFlag(text(), element().lists)),
        one: (tuple) => {
          const index = add();
          const { value } = this.#tuples.element(index > 0 ? this.#tupleName(index) : tuple, index, steps);
          return `if(isNull(${value}), [], [replaceAll(ifNull(${value}, ''), ${quote(separator)}, ${quote('\ufffd')})])`;
        },
      });
    const has = `JSONHas(${this.#record}, ${steps.map(quote).join(', ')})`;
    return {
      text,
      missing,
      lower: () => columns.add(5, `lowerUTF8(${text()})`),
      exists: () => `if(${missing()}, ${has}, 1)`,
      several: {
        texts: () => list().texts,
        lowers: () => list().lowers,
        joined: () => list().joined,
        joinedLower: () => list().joinedLower,
        exists: () => `if(${list().flag}, notEmpty(${list().present}), if(${missing()}, ${has}, 1))`,
      },
    };
  }

  #tupleName(index: number): string {
    return `${this.#columns.prefix}t${index}`;
  }

  /** A list may stand at the end of the path or on the way to it; what only looks like one is sorted out afterwards. */
  #listFlag(text: string, lists: readonly string[]): string {
    const onTheWay = lists.map((list) => `isNotNull(${list})`);
    const terms = [`startsWith(${text}, '[')`, ...onTheWay];
    if (lists.length === 0) return terms.join('');
    return joinBits([...terms, this.#oddLists()], 'OR');
  }

  /** A list that begins with null has no first element to tell of it. */
  #oddLists(): string {
    const found = ['[null', '[ null'].map((text) => `position(${this.#record}, ${quote(text)}) > 0`);
    return this.#columns.add(1, joinBits(found, 'OR'));
  }

  record() {
    const text = () => this.#columns.add(4, readable);
    return { text, lower: () => this.#columns.add(5, `lowerUTF8(${text()})`) };
  }

  severalFlag(): string | undefined {
    return this.#lists.anyFlag();
  }

  onlySeveral(body: string): string {
    return this.#lists.only(body);
  }

  keepApart({ field, test, behind, others }: FieldGuard): string {
    const steps = pathOf(this.#fields, field).split('.');
    const index = this.#tuples.add(steps, false);
    const { value, lists } = this.#tuples.element(this.#tupleName(index), index, steps);
    const text = `ifNull(${value}, '')`;
    const where = this.#columns.add(
      2,
      joinBits([test(`lowerUTF8(${text})`), this.#listFlag(text, lists)], 'OR'),
    );
    const paths = new Set(behind.map((name) => pathOf(this.#fields, name)));
    for (const name of [field, ...others]) paths.delete(pathOf(this.#fields, name));
    this.#apart = { paths, where };
    return where;
  }

  finish(): void {
    const some = this.#apart === undefined ? this.#record : `if(${this.#apart.where}, ${this.#record}, '')`;
    for (const { name, isApart, expression } of this.#tuples.expressions(this.#record, some))
      this.#columns.addNamed(isApart ? 3 : 1, this.#tupleName(name), expression);
    this.#lists.finish();
  }
}

/** Where the records of a view stand. That an event is of the view at all is asked elsewhere. */
function recordOf(records: JsonView['records']): string {
  const each = records.map(({ where, root }) => ({
    where,
    sql: root === undefined ? 'raw' : unwrapped(root.split('.')),
  }));
  const [only] = each;
  if (each.length === 1 && only) return only.sql;
  return each
    .slice(0, -1)
    .reduceRight(
      (rest, { where, sql }) => (where === undefined ? sql : `if(${where}, ${sql}, ${rest})`),
      each.at(-1)?.sql ?? "''",
    );
}

/** The object at the path where the record has one there, else the record. */
function unwrapped(steps: readonly string[]): string {
  const path = steps.map(quote).join(', ');
  const mark = quote(JSON.stringify(steps[0] ?? ''));
  return `if(position(raw, ${mark}) > 0 AND JSONType(raw, ${path}) = 'Object', JSONExtractRaw(raw, ${path}), raw)`;
}

/**
 * The record without its escapes: read as one text of JSON, its own quotation marks escaped before. A record
 * without a backslash is what it is.
 */
const readable = (() => {
  const replace = (sql: string, from: string, to: string) =>
    `replaceAll(${sql}, ${quote(from)}, ${quote(to)})`;
  let sql = `replaceRegexpAll(raw, '[\\\\n\\\\r\\\\t]', ' ')`;
  // U+0001 stands in no JSON but as an escape.
  sql = replace(sql, '\\\\', '\u0001');
  sql = replace(sql, '\\"', '"');
  sql = replace(sql, '"', '\\"');
  sql = replace(sql, '\u0001', '\\\\');
  const text = `JSONExtractString(concat('"', ${sql}, '"'))`;
  return `if(position(raw, '\\\\') = 0, raw, if(${text} = '', raw, ${text}))`;
})();

class ColumnFields implements Fields {
  readonly #expressions: Readonly<Record<string, string>>;
  readonly #columns: Columns;

  constructor(expressions: Readonly<Record<string, string>>, columns: Columns) {
    this.#expressions = expressions;
    this.#columns = columns;
  }

  get(field: string): FieldSql | undefined {
    const expression = this.#expressionOf(field.toLowerCase());
    if (expression === undefined) return undefined;
    // Text formats may hold any bytes; expressions match UTF-8 alone.
    const text = () => this.#columns.add(4, `toValidUTF8(ifNull(toString(${expression}), ''))`);
    const missing = () => `(${text()} = '')`;
    return {
      text,
      missing,
      lower: () => this.#columns.add(5, `lowerUTF8(${text()})`),
      exists: () => `(${text()} != '')`,
    };
  }

  #expressionOf(name: string): string | undefined {
    if (Object.hasOwn(this.#expressions, name)) return this.#expressions[name];
    return this.#expressions['*']?.replaceAll('{field}', () => quote(name));
  }

  record() {
    const text = () => this.#columns.add(4, 'toValidUTF8(raw)');
    return { text, lower: () => this.#columns.add(5, `lowerUTF8(${text()})`) };
  }

  severalFlag(): undefined {}

  onlySeveral(body: string): string {
    return body;
  }

  keepApart({ field, test }: FieldGuard): string {
    return test(this.get(field)?.lower() ?? "''");
  }

  finish(): void {}
}
