/**
 * What most rules of a batch ask for first, such as the name of the event: one look at it decides that nearly all
 * of them need no further look.
 */
import type { Expr, Pattern } from './types.ts';

/** By field, the patterns of which it must match one, without regard to case, for the expression to hold. */
type Required = ReadonlyMap<string, readonly Pattern[]>;

const nothing: Required = new Map();

function requiredBy(expr: Expr): Required {
  switch (expr.kind) {
    case 'and':
      return expr.items.map(requiredBy).reduce(narrower, nothing);
    case 'or': {
      const [first = nothing, ...rest] = expr.items.map(requiredBy);
      return rest.reduce(wider, first);
    }
    case 'text': {
      if (expr.field === null || !expr.patterns.every(isTelling)) return nothing;
      return new Map([[expr.field, expr.patterns]]);
    }
    default:
      return nothing;
  }
}

/** Other patterns match nearly any text, or cost more to look for than the guard spares. */
const isTelling = (pattern: Pattern): boolean =>
  pattern.every(({ kind }) => kind === 'text' || kind === 'any') &&
  (pattern.length === 0 || pattern.some(({ kind }) => kind === 'text'));

/** Both hold: of two lists for one field, the shorter says more. */
function narrower(one: Required, other: Required): Required {
  const all = new Map(one);
  for (const [field, patterns] of other) {
    const known = all.get(field);
    if (known === undefined || patterns.length < known.length) all.set(field, patterns);
  }
  return all;
}

/** One of them holds: a field that both ask for matches a pattern of either. */
function wider(one: Required, other: Required): Required {
  return new Map(
    [...one].flatMap(([field, patterns]) => {
      const more = other.get(field);
      return more === undefined ? [] : [[field, [...patterns, ...more]] as const];
    }),
  );
}

/** The fields that the expression asks for, as it spells them. */
export function fieldsIn(expr: Expr): string[] {
  switch (expr.kind) {
    case 'always':
      return [];
    case 'not':
      return fieldsIn(expr.item);
    case 'and':
    case 'or':
      return expr.items.flatMap(fieldsIn);
    case 'fieldref':
      return [expr.field, expr.other];
    default:
      return expr.field === null ? [] : [expr.field];
  }
}

export interface Guard {
  field: string;
  patterns: Pattern[];
  /** Which of the expressions it stands before, by their place. */
  guarded: ReadonlySet<number>;
}

/** The guard before the most expressions, or undefined when it would stand before few. */
export function guardOf(exprs: readonly Expr[]): Guard | undefined {
  const required = exprs.map(requiredBy);
  const counts = new Map<string, number>();
  for (const field of required.flatMap((one) => [...one.keys()]))
    counts.set(field, (counts.get(field) ?? 0) + 1);
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  if (best === undefined || best[1] < 2) return undefined;
  const [field] = best;
  const guarded = new Set(required.flatMap((one, place) => (one.has(field) ? [place] : [])));
  return { field, patterns: required.flatMap((one) => [...(one.get(field) ?? [])]), guarded };
}
