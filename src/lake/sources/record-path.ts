/** Paths into a JSON record: how they are written, followed in a record, and read by the engine. */
import { asObject, type JsonObject } from './json-record.ts';

/** The steps of a path: names of fields, and places in a list, from 0. */
export type RecordPath = readonly (string | number)[];

/**
 * `user.name`, `targets.0.id`; or a JSON pointer (RFC 6901), `/http.request/id`, for names with dots in them. A step
 * that is a number is a place in a list.
 */
export function parsePath(text: string): RecordPath {
  const steps = text.startsWith('/')
    ? text
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    : text.split('.');
  return steps.map((step) => (/^\d{1,6}$/.test(step) ? Number(step) : step));
}

/** What stands at a path, or nothing. */
export function valueAt(object: JsonObject, path: RecordPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof step === 'number' ? (Array.isArray(value) ? value[step] : undefined) : asObject(value)?.[step],
    object,
  );
}

/** A scalar as the text that the engine makes of it. */
export const fieldText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;

/** A text as a literal of SQL. A brace is written by its number, so that no text looks like a parameter. */
export const quoteText = (text: string): string =>
  `'${text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\0', '\\0')
    .replaceAll('{', '\\x7B')}'`;

type Node = Map<string, Node>;

/** Names that can be written as they are in a type of the engine, which keeps `null` for itself. */
const plainName = /^(?!null$)[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/**
 * Gathers the paths that a mapping reads, so that one typed tuple reads them all: it parses a record once, where a
 * function call for each path parses it for each. Paths with other names, places in lists, and paths that begin
 * another one are read by calls of their own.
 */
export class TupleReader {
  readonly #root: Node = new Map();

  /** SQL for the value at the path as text, an object or a list as JSON; '' where there is none. */
  text(path: RecordPath): string {
    if (!this.#add(path)) return textOf(path);
    return path.reduce<string>((sql, step) => `tupleElement(${sql}, ${quoteText(String(step))})`, 't');
  }

  /** SQL for a list of texts. */
  list(path: RecordPath): string {
    return `JSONExtract(line, ${steps(path)}, 'Array(String)')`;
  }

  /** SQL of the tuple, of all paths so far. */
  sql(line: string): string {
    if (this.#root.size === 0) return 'tuple()';
    return `JSONExtract(${line}, ${quoteText(typeOf(this.#root))})`;
  }

  #add(path: RecordPath): boolean {
    if (path.length === 0 || !path.every((step) => typeof step === 'string' && plainName.test(step)))
      return false;
    let node = this.#root;
    for (const [depth, step] of (path as readonly string[]).entries()) {
      const next = node.get(step);
      const last = depth === path.length - 1;
      // A field is read as a text or as an object, not as both.
      if (next !== undefined && (next.size === 0) !== last) return false;
      if (next === undefined && depth < path.length - 1 && !last) node.set(step, new Map());
      if (next === undefined && last) node.set(step, new Map());
      node = node.get(step) as Node;
    }
    return true;
  }
}

/** The value by functions of its own: a text without its quotation marks, all others as the record writes them. */
function textOf(path: RecordPath): string {
  const at = steps(path);
  return `multiIf(JSONType(line, ${at}) = 'String', JSONExtractString(line, ${at}), JSONType(line, ${at}) = 'Null', '', JSONExtractRaw(line, ${at}))`;
}

/** The steps as arguments: names as texts, places from 1. */
const steps = (path: RecordPath): string =>
  path.map((step) => (typeof step === 'number' ? String(step + 1) : quoteText(step))).join(', ');

const typeOf = (node: Node): string =>
  node.size === 0
    ? 'String'
    : `Tuple(${[...node].map(([name, child]) => `\`${name}\` ${typeOf(child)}`).join(', ')})`;
