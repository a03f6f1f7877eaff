/** Correlation rules as they are read, and the rules that they are about. */
import { limits } from '../../../kernel/limits.ts';
import type { CorrelationDocument } from './schema.ts';
import { type CorrelationRule, type Problem, type Rule, thresholdOps, Unusable } from './types.ts';

type Head = Omit<
  CorrelationRule,
  | 'kind'
  | 'type'
  | 'rules'
  | 'groupBy'
  | 'spanMs'
  | 'thresholds'
  | 'fields'
  | 'percentile'
  | 'aliases'
  | 'generate'
>;

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Throws Unusable with what does not fit together. */
export function readCorrelation(head: Head, document: CorrelationDocument): CorrelationRule {
  const { correlation } = document;
  const { type, rules, timespan, condition = {}, aliases = {} } = correlation;
  const { field, percentile } = condition;
  const thresholds = thresholdOps.flatMap((op) => {
    const value = condition[op];
    return value === undefined ? [] : [{ op, value }];
  });
  const fields = field === undefined ? [] : Array.isArray(field) ? field : [field];
  const path = ['correlation', 'condition'];
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  if (!isTemporal && thresholds.length === 0)
    throw new Unusable(`${type} needs a condition with gt, gte, lt, lte, eq or neq`, path);
  if (type.startsWith('value_') && fields.length === 0)
    throw new Unusable(`${type} needs the field in its condition`, path);
  if (type.startsWith('value_') && type !== 'value_count' && fields.length > 1)
    throw new Unusable(`${type} takes one field`, path);
  if (percentile !== undefined && type !== 'value_percentile')
    throw new Unusable('percentile belongs to value_percentile', path);
  if (rules.length > limits.sigmaCorrelationRulesMax)
    throw new Unusable(`a correlation has at most ${limits.sigmaCorrelationRulesMax} rules`, [
      'correlation',
      'rules',
    ]);
  const spanMs = Number(timespan.slice(0, -1)) * (unitMs[timespan.slice(-1)] ?? 0);
  if (spanMs === 0) throw new Unusable('a timespan is longer than nothing', ['correlation', 'timespan']);
  return {
    kind: 'correlation',
    ...head,
    type,
    rules: [...new Set(rules)],
    groupBy: correlation['group-by'] ?? [],
    spanMs,
    thresholds,
    fields,
    percentile,
    aliases,
    generate: correlation.generate ?? document.generate ?? false,
  };
}

/** The rules by id and by name. */
export function byName(rules: readonly Rule[]): Map<string, Rule> {
  return new Map([
    ...rules.map((rule) => [rule.id, rule] as const),
    ...rules.flatMap((rule) => (rule.name === undefined ? [] : [[rule.name, rule] as const])),
  ]);
}

/** Keeps correlations whose rules are all there and lead back to none of them; the others become problems. */
export function checkReferences(rules: readonly Rule[], problems: Problem[]): Rule[] {
  const all = byName(rules);
  const verdicts = new Map<Rule, string | undefined>();
  const judge = (rule: Rule, trail: readonly Rule[]): string | undefined => {
    if (rule.kind === 'detection') return undefined;
    if (trail.includes(rule)) return 'it correlates itself, by way of other correlations';
    if (trail.length >= limits.sigmaCorrelationNestingMax)
      return `more than ${limits.sigmaCorrelationNestingMax} correlations stand in one another`;
    if (verdicts.has(rule)) return verdicts.get(rule);
    const reason = rule.rules
      .map((name) => {
        const other = all.get(name);
        if (!other) return `it correlates ${name}, which is not among the rules that can be used`;
        const why = judge(other, [...trail, rule]);
        return why === undefined ? undefined : `${name}: ${why}`;
      })
      .find((why) => why !== undefined);
    verdicts.set(rule, reason);
    return reason;
  };
  return rules.filter((rule) => {
    const reason = judge(rule, []);
    if (reason !== undefined) problems.push({ rule: rule.id, title: rule.title, ...rule.place, reason });
    return reason === undefined;
  });
}
