/** The `detection` of a rule as one expression. */
import { readCondition, type Searches } from './condition.ts';
import { readLine } from './modifiers.ts';
import { valueText } from './patterns.ts';
import { type Expr, type Placeholders, Unusable } from './types.ts';

type Path = readonly (string | number)[];

/** `path` is where the detection stands in its document. Throws Unusable with the path that is at fault. */
export function readDetection(
  detection: Readonly<Record<string, unknown>>,
  path: Path,
  placeholders: Placeholders,
  apart: readonly string[] = [],
): Expr {
  const searches: Searches = new Map(
    Object.entries(detection)
      .filter(([name]) => name !== 'condition' && name !== 'timeframe' && !apart.includes(name))
      .map(([name, value]) => [name, readSearch(value, [...path, name], placeholders)]),
  );
  if (searches.size === 0) throw new Unusable('it defines no search', path);
  const { condition } = detection;
  const conditions = Array.isArray(condition) ? condition : [condition];
  const items = conditions.map((one) =>
    at([...path, 'condition'], () => {
      if (typeof one !== 'string') throw new Unusable('a condition is a text, or a list of texts');
      return readCondition(one, searches);
    }),
  );
  if (items.length === 0) throw new Unusable('a list of conditions has at least one', path);
  return items.length === 1 && items[0] ? items[0] : { kind: 'or', items };
}

function readSearch(value: unknown, path: Path, placeholders: Placeholders): Expr {
  if (!Array.isArray(value)) return readPart(value, path, placeholders);
  if (value.length === 0) throw new Unusable('a list has at least one entry', path);
  const words = value.filter((one) => !isMap(one));
  const maps = value.flatMap((one, index) =>
    isMap(one) ? [readPart(one, [...path, index], placeholders)] : [],
  );
  // Words are looked for together.
  const keywords = words.length > 0 ? [at(path, () => readLine('', words, placeholders))] : [];
  const items = [...keywords, ...maps];
  return items.length === 1 && items[0] ? items[0] : { kind: 'or', items };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readPart(value: unknown, path: Path, placeholders: Placeholders): Expr {
  if (!isMap(value)) return at(path, () => readLine('', valueText(value), placeholders));
  const entries = Object.entries(value);
  if (entries.length === 0) throw new Unusable('a search has at least one field', path);
  const items = entries.map(([key, one]) => at([...path, key], () => readLine(key, one, placeholders)));
  return items.length === 1 && items[0] ? items[0] : { kind: 'and', items };
}

/** Names the place of what `read` finds unusable, unless it has one already. */
function at<T>(path: Path, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unusable) || error.path.length > 0) throw error;
    throw new Unusable(error.message, path);
  }
}
