/**
 * A correlation and the rules below it, down to rules of single events. Each of the latter is a question to the lake
 * of its own, which also asks for the fields that the correlations above it group and count by.
 */
import { correlate, type KeyPlaces, type Met, type Occurrence } from './correlate.ts';
import { byName } from './correlation-rule.ts';
import type { CorrelationRule, DetectionRule, Rule } from './types.ts';

export interface Leaf {
  kind: 'leaf';
  rule: DetectionRule;
  /** The fields of each match, for all correlations above. */
  keys: string[];
}

export interface Branch {
  kind: 'branch';
  rule: CorrelationRule;
  places: KeyPlaces;
  children: (Leaf | Branch)[];
}

/** What a correlation above asks for: each of its fields by the name that events of the rule have for it. */
interface Wanted {
  fieldOf(name: string): string;
  names: readonly string[];
}

/** The rules that the correlation refers to must be among `rules`. */
export function treeOf(root: CorrelationRule, rules: readonly Rule[]): Branch {
  const all = byName(rules);
  const branch = (rule: CorrelationRule, above: readonly string[]): Branch => {
    const own = [...rule.groupBy, ...rule.fields];
    const places = {
      groupBy: rule.groupBy.map((_, index) => above.length + index),
      values: rule.fields.map((_, index) => above.length + rule.groupBy.length + index),
    };
    const children = rule.rules.flatMap((name): (Leaf | Branch)[] => {
      const child = all.get(name);
      if (!child) return [];
      const wanted: Wanted = { names: own, fieldOf: (field) => aliasOf(rule, field, child, name) };
      const keys = [...above, ...wanted.names.map(wanted.fieldOf)];
      return [child.kind === 'detection' ? { kind: 'leaf', rule: child, keys } : branch(child, keys)];
    });
    return { kind: 'branch', rule, places, children };
  };
  return branch(root, []);
}

/** An alias names the rule by its name or id. */
function aliasOf(rule: CorrelationRule, field: string, child: Rule, reference: string): string {
  const alias = Object.hasOwn(rule.aliases, field) ? rule.aliases[field] : undefined;
  if (!alias) return field;
  const name = [child.name, child.id, reference].find(
    (one) => one !== undefined && Object.hasOwn(alias, one),
  );
  return name === undefined ? field : (alias[name] ?? field);
}

export function leavesOf(branch: Branch): Leaf[] {
  return branch.children.flatMap((child) => (child.kind === 'leaf' ? [child] : leavesOf(child)));
}

/** What meets the topmost correlation's condition, given what the lake answers for each leaf. */
export function correlateTree(
  branch: Branch,
  answers: ReadonlyMap<Leaf, readonly Omit<Occurrence, 'slot'>[]>,
  samplesMax: number,
): Met[] {
  const occurrences = branch.children.flatMap((child, slot) => {
    const own =
      child.kind === 'leaf' ? (answers.get(child) ?? []) : correlateTree(child, answers, samplesMax);
    return own.map(
      ({ at, fileId, line, source, keys }): Occurrence => ({ slot, at, fileId, line, source, keys }),
    );
  });
  return correlate(branch.rule, occurrences, branch.places, samplesMax);
}
