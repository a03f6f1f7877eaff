/** Sigma filters: a condition that is added, by `and`, to the rules that they name. */
import type { DetectionRule, Expr, LogSource, Place, Problem, Rule } from './types.ts';

export interface Filter {
  id: string;
  name: string | undefined;
  title: string;
  place: Place;
  logsource: LogSource;
  /** Ids or names of rules; `any` is all that its log source is of. */
  rules: readonly string[] | 'any';
  selection: Expr;
}

/** The rules with the filters in them. A filter that names a rule that is not there is a problem. */
export function addFilters(rules: readonly Rule[], filters: readonly Filter[], problems: Problem[]): Rule[] {
  for (const filter of filters) {
    const missing =
      filter.rules === 'any' ? [] : filter.rules.filter((name) => !rules.some((rule) => isNamed(rule, name)));
    if (missing.length > 0)
      problems.push({
        rule: filter.id,
        title: filter.title,
        ...filter.place,
        reason: `the filter is for rules that are not among those given: ${missing.join(', ')}`,
      });
  }
  return rules.map((rule) => (rule.kind === 'detection' ? withFilters(rule, filters) : rule));
}

function withFilters(rule: DetectionRule, filters: readonly Filter[]): DetectionRule {
  const own = filters.filter(
    (filter) =>
      (filter.rules === 'any' || filter.rules.some((name) => isNamed(rule, name))) &&
      isWithin(rule.logsource, filter.logsource),
  );
  if (own.length === 0) return rule;
  return { ...rule, expr: { kind: 'and', items: [rule.expr, ...own.map(({ selection }) => selection)] } };
}

const isNamed = (rule: Rule, name: string): boolean => rule.id === name || rule.name === name;

/** Whether a rule's log source is of those that the filter is for. */
function isWithin(rule: LogSource, filter: LogSource): boolean {
  return (['category', 'product', 'service'] as const).every(
    (part) => filter[part] === undefined || filter[part]?.toLowerCase() === rule[part]?.toLowerCase(),
  );
}
