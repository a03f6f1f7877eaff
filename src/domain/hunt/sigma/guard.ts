/**
 * What most rules of a batch ask for first, such as the name of the event: one look at it decides that nearly all
 * of them need no further look.
 */
import type { Expr } from './types.ts';

/** By field, the texts of which the field must be one for the expression to hold. */
type Required = ReadonlyMap<string, ReadonlySet<string>>;

const nothing: Required = new Map();

export function requiredBy(expr: Expr): Required {
  switch (expr.kind) {
    case 'and':
      return expr.items.map(requiredBy).reduce(narrower, nothing);
    case 'or': {
      const [first = nothing, ...rest] = expr.items.map(requiredBy);
      return rest.reduce(wider, first);
    }
    case 'text': {
      if (expr.field === null) return nothing;
      const texts = expr.patterns.map((pattern) =>
        pattern.every(({ kind }) => kind === 'text')
          ? pattern.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('')
          : undefined,
      );
      const plain = texts.filter((text) => text !== undefined);
      return plain.length === texts.length ? new Map([[expr.field, new Set(plain)]]) : nothing;
    }
    default:
      return nothing;
  }
}

/** Both hold: of two sets for one field, the smaller says more. */
function narrower(one: Required, other: Required): Required {
  const all = new Map(one);
  for (const [field, texts] of other) {
    const known = all.get(field);
    if (known === undefined || texts.size < known.size) all.set(field, texts);
  }
  return all;
}

/** One of them holds: a field that both ask for has one of the texts of either. */
function wider(one: Required, other: Required): Required {
  return new Map(
    [...one].flatMap(([field, texts]) => {
      const more = other.get(field);
      return more === undefined ? [] : [[field, new Set([...texts, ...more])] as const];
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
  texts: string[];
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
  const texts = new Set(required.flatMap((one) => [...(one.get(field) ?? [])]));
  return { field, texts: [...texts], guarded };
}
