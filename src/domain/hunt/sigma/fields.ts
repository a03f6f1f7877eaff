/**
 * The fields of one source, as rules name them, as columns of a statement. A JSON record's field may have one value
 * or, by lists on the way to it, several; the typed tuple gives the one, and only where a list is in the way are
 * all of them gathered step by step.
 */
import type { Columns } from './columns.ts';
import type { JsonView, View } from './logsource.ts';
import { quote, quoteLower } from './sql-text.ts';
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

export interface Fields {
  /** Undefined for a field that the source does not have. */
  get(field: string): FieldSql | undefined;
  /** The whole record, as a person reads it: without the escapes of JSON. */
  record(): { text(): string; lower(): string };
  /** Whether any of the fields whose `several` was asked for has several values, or may have. */
  severalFlag(): string | undefined;
  /** What is said of `several`, evaluated for the events alone that have several values. */
  onlySeveral(body: string): string;
  /** Whether the field was asked for and is read by a tuple of its own, which costs another look at the record. */
  isApart(field: string): boolean;
  /** Fields that are apart are read only where this field has one of the texts, or may have several values. */
  readApartWhere(field: string, texts: readonly string[]): void;
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
  #apartWhere: string | undefined;

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
    const element = () => {
      const index = this.#tuples.add(steps);
      return this.#tuples.element(this.#tupleName(index), index, steps);
    };
    const text = () => columns.add(3, `ifNull(${element().value}, '')`);
    const missing = () => columns.add(3, `isNull(${element().value})`);
    const list = () =>
      this.#lists.of(steps, {
        flag: columns.add(4, this.#listFlag(text(), element().lists)),
        one: (tuple) => {
          const index = this.#tuples.add(steps);
          const { value } = this.#tuples.element(index > 0 ? this.#tupleName(index) : tuple, index, steps);
          return `if(isNull(${value}), [], [replaceAll(ifNull(${value}, ''), ${quote(separator)}, ${quote('\ufffd')})])`;
        },
      });
    const has = `JSONHas(${this.#record}, ${steps.map(quote).join(', ')})`;
    return {
      text,
      missing,
      lower: () => columns.add(4, `lowerUTF8(${text()})`),
      exists: () => `(NOT ${missing()} OR ${has})`,
      several: {
        texts: () => list().texts,
        lowers: () => list().lowers,
        joined: () => list().joined,
        joinedLower: () => list().joinedLower,
        exists: () => `if(${list().flag}, notEmpty(${list().present}), NOT ${missing()} OR ${has})`,
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
    // Not by OR: the engine would put off each term, which costs more than the terms.
    return [...terms, this.#oddLists()].reduce((all, term) => `bitOr(${all}, ${term})`);
  }

  /** A list that begins with null has no first element to tell of it. */
  #oddLists(): string {
    return this.#columns.add(1, `multiSearchAny(${this.#record}, ['[null', '[ null'])`);
  }

  record() {
    const text = () => this.#columns.add(3, readable);
    return { text, lower: () => this.#columns.add(4, `lowerUTF8(${text()})`) };
  }

  severalFlag(): string | undefined {
    return this.#lists.anyFlag();
  }

  onlySeveral(body: string): string {
    return this.#lists.only(body);
  }

  isApart(field: string): boolean {
    return (this.#tuples.indexOf(pathOf(this.#fields, field).split('.')) ?? 0) > 0;
  }

  readApartWhere(field: string, texts: readonly string[]): void {
    const steps = pathOf(this.#fields, field).split('.');
    if (this.#tuples.indexOf(steps) !== 0) return;
    const { value, lists } = this.#tuples.element(this.#tupleName(0), 0, steps);
    const text = `ifNull(${value}, '')`;
    const isOne = `lowerUTF8(${text}) IN (${texts.map(quoteLower).join(', ')})`;
    this.#apartWhere = `bitOr(${isOne}, ${this.#listFlag(text, lists)})`;
  }

  finish(): void {
    const where = this.#apartWhere;
    const some = where === undefined ? this.#record : `if(${where}, ${this.#record}, '')`;
    for (const [index, expression] of this.#tuples.expressions(this.#record, some).entries())
      this.#columns.addNamed(index === 0 ? 1 : 2, this.#tupleName(index), expression);
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
    const text = () => this.#columns.add(3, `toValidUTF8(ifNull(toString(${expression}), ''))`);
    const missing = () => `(${text()} = '')`;
    return {
      text,
      missing,
      lower: () => this.#columns.add(4, `lowerUTF8(${text()})`),
      exists: () => `(${text()} != '')`,
    };
  }

  #expressionOf(name: string): string | undefined {
    if (Object.hasOwn(this.#expressions, name)) return this.#expressions[name];
    return this.#expressions['*']?.replaceAll('{field}', () => quote(name));
  }

  record() {
    const text = () => this.#columns.add(3, 'toValidUTF8(raw)');
    return { text, lower: () => this.#columns.add(4, `lowerUTF8(${text()})`) };
  }

  severalFlag(): undefined {}

  onlySeveral(body: string): string {
    return body;
  }

  isApart(): boolean {
    return false;
  }

  readApartWhere(): void {}

  finish(): void {}
}
