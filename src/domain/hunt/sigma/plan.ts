/** Which rules are looked for in which sources, and why the others are not. */
import { Columns } from './columns.ts';
import { fieldsOf, pathOf } from './fields.ts';
import { type Answer, answersOf, describeLogSource, type SigmaSource } from './logsource.ts';
import { simplify } from './simplify.ts';
import type { DetectionRule, Expr, Problem } from './types.ts';

/** One rule on one view of one source. */
export interface Target {
  rule: DetectionRule;
  answer: Answer;
  /** What is left of the rule there. */
  expr: Expr;
}

export interface Plan {
  targets: Target[];
  /** Rules that no source answers, or none that the lake has events of. */
  noSource: Problem[];
  /** Rules that can match no event of any source that answers them. */
  notCompiled: Problem[];
  /** Fields that a source does not have, by rule: tests of them never hold there. */
  absent: { rule: DetectionRule; source: string; fields: string[] }[];
}

/** `present`: sources that the lake has events of; undefined counts all as present. */
export function planRules(
  rules: readonly DetectionRule[],
  sources: readonly SigmaSource[],
  present?: ReadonlySet<string>,
): Plan {
  const plan: Plan = { targets: [], noSource: [], notCompiled: [], absent: [] };
  for (const rule of rules) planRule(plan, rule, sources, present);
  return plan;
}

function planRule(
  plan: Plan,
  rule: DetectionRule,
  sources: readonly SigmaSource[],
  present: ReadonlySet<string> | undefined,
): void {
  const refuse = (list: Problem[], reason: string): void => {
    list.push({ rule: rule.id, title: rule.title, ...rule.place, reason });
  };
  const answers = answersOf(rule.logsource, sources);
  const [first] = answers;
  if (first === undefined) {
    refuse(plan.noSource, `no source has ${describeLogSource(rule.logsource)}`);
    return;
  }
  const here = answers.filter(({ source }) => present === undefined || present.has(source));
  const names = [...new Set(answers.map(({ source }) => source))].join(', ');
  if (here.length === 0) {
    refuse(plan.noSource, `${names} would answer, and no events of it were ingested`);
    return;
  }
  const missing = new Map<string, string[]>();
  const possible = here.filter((answer) => {
    const absent = new Set<string>();
    const expr = simplify(rule.expr, fieldTest(answer), absent);
    if (absent.size > 0) missing.set(answer.source, [...absent]);
    if (expr.kind === 'always' && !expr.value) return false;
    plan.targets.push({ rule, answer, expr });
    return true;
  });
  // Where nothing is exposed, or nothing dead yet, there is nothing to look for: that is an answer.
  if (possible.length === 0 && missing.size === 0)
    refuse(plan.noSource, 'nothing to look for: its placeholders stand for no value');
  else if (possible.length === 0) refuse(plan.notCompiled, impossible(missing));
  else for (const [source, fields] of missing) plan.absent.push({ rule, source, fields });
}

function impossible(missing: ReadonlyMap<string, readonly string[]>): string {
  const each = [...missing].map(([source, fields]) => `${source} does not have ${fields.join(', ')}`);
  return `it can match nothing: ${each.join('; ')}`;
}

function fieldTest({ view }: Answer): (field: string) => boolean {
  const { fields } = view;
  if (fields.kind === 'json')
    return (field) =>
      pathOf(fields, field)
        .split('.')
        .every((step) => step !== '');
  const made = fieldsOf(view, new Columns(''));
  return (field) => made.get(field) !== undefined;
}
