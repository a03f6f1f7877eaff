/** What is left of an expression where some fields do not exist: a part of it may be decided before any event is seen. */
import type { Expr } from './types.ts';

/**
 * A test of a field that the source does not have never holds, but for the test that it is null. The fields that
 * were decided so are added to `absent`.
 */
export function simplify(expr: Expr, has: (field: string) => boolean, absent: Set<string>): Expr {
  switch (expr.kind) {
    case 'always':
      return expr;
    case 'not': {
      const item = simplify(expr.item, has, absent);
      return item.kind === 'always' ? { kind: 'always', value: !item.value } : { kind: 'not', item };
    }
    case 'and':
    case 'or':
      return joined(
        expr.kind,
        expr.items.map((item) => simplify(item, has, absent)),
      );
    default: {
      const named = [expr.field, ...(expr.kind === 'fieldref' ? [expr.other] : [])];
      const missing = named.filter((field): field is string => field !== null && !has(field));
      for (const field of missing) absent.add(field);
      return missing.length === 0 ? expr : { kind: 'always', value: expr.kind === 'null' };
    }
  }
}

function joined(kind: 'and' | 'or', items: readonly Expr[]): Expr {
  const decides = kind === 'or';
  if (items.some((item) => item.kind === 'always' && item.value === decides))
    return { kind: 'always', value: decides };
  const open = items.filter((item) => item.kind !== 'always');
  const [only] = open;
  if (only === undefined) return { kind: 'always', value: !decides };
  return open.length === 1 ? only : { kind, items: open };
}
