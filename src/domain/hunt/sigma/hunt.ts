/** The rules on the lake: what matched, what can not be said, and why. Nothing is stored here. */
import { limits } from '../../../kernel/limits.ts';
import type { Lake } from '../../../lake/index.ts';
import { viewColumns } from '../event-sql.ts';
import { type NewFinding, type Period, type Severity, severities, type Watch } from '../types.ts';
import type { Met } from './correlate.ts';
import { type Branch, correlateTree, type Leaf, leavesOf, treeOf } from './correlation-tree.ts';
import type { SigmaSource } from './logsource.ts';
import { type Plan, planRules, type Target } from './plan.ts';
import { type Answered, checkRegexes, keyOf, readEvents, searchLake } from './search.ts';
import type { CorrelationRule, DetectionRule, Problem, Rule, RuleSet } from './types.ts';

/** What one rule found. */
export interface RuleResult {
  rule: string;
  title: string;
  severity: Severity;
  techniques: string[];
  /** Matches, or for a correlation how often its condition came to be met. */
  events: number;
  bySource: { source: string; events: number }[];
  /** Fields that a source does not have; tests of them held nowhere there. */
  absent: { source: string; fields: string[] }[];
}

export interface SigmaOutcome {
  results: RuleResult[];
  findings: NewFinding[];
  noSource: Problem[];
  notCompiled: Problem[];
  /** Rules of which more was found than is kept. */
  shortened: { rule: string; title: string; events: number; kept: number }[];
  /** The sources that rules were looked for in. */
  sources: string[];
}

export interface SigmaQuestion extends Watch {
  rules: RuleSet;
  sources: readonly SigmaSource[];
  period?: Period;
  severityMin?: Severity;
}

interface Asked {
  targets: readonly Target[];
  keys?: readonly string[];
  rule: Rule;
  leaf?: Leaf;
}

const rankOf = (severity: Severity): number => severities.indexOf(severity);

/** Looks for the rules in the sources that the lake has events of. */
export async function askLake(lake: Lake, question: SigmaQuestion): Promise<SigmaOutcome> {
  const { rules, sources, period, severityMin = 'informational' } = question;
  const present = new Set(
    (await lake.rows<{ source: string }>('SELECT DISTINCT source FROM events')).map(({ source }) => source),
  );
  const chosen = choose(rules.rules, severityMin);
  const plan = planRules(chosen.detections, sources, present);
  const problems = await checkRegexes(lake, plan.targets);
  const sinks = sinksOf(chosen, plan, problems);
  const found = await searchLake(lake, sinks.asked, period, question);
  for (const { sink, reason } of found.refused) sinks.refuse(sink.rule, reason);
  const outcome: SigmaOutcome = {
    results: [],
    findings: [],
    noSource: [...plan.noSource, ...sinks.noSource],
    notCompiled: [...rules.problems, ...plan.notCompiled, ...sinks.refused.values()],
    shortened: [],
    sources: [...new Set(plan.targets.map(({ answer }) => answer.source))].sort(),
  };
  for (const asked of sinks.asked) {
    const answer = found.answers.get(asked);
    if (asked.leaf === undefined && answer && asked.rule.kind === 'detection')
      addDetection(outcome, asked.rule, answer, plan);
  }
  const answers = new Map(
    sinks.asked.flatMap((asked) => {
      const answer = found.answers.get(asked);
      return asked.leaf && answer ? [[asked.leaf, answer] as const] : [];
    }),
  );
  for (const branch of sinks.branches)
    if (!sinks.refused.has(branch.rule)) await addCorrelation(lake, outcome, branch, answers);
  outcome.results.sort((a, b) => rankOf(b.severity) - rankOf(a.severity) || a.title.localeCompare(b.title));
  keepTelling(outcome);
  return outcome;
}

interface Chosen {
  all: readonly Rule[];
  /** Rules that are reported by themselves. */
  alone: ReadonlySet<DetectionRule>;
  /** Those, and the ones that correlations are about. */
  detections: DetectionRule[];
  correlations: CorrelationRule[];
}

/** Rules that a correlation is about are reported by themselves only where it says so. */
function choose(all: readonly Rule[], severityMin: Severity): Chosen {
  const isWanted = (rule: Rule) => rankOf(rule.level) >= rankOf(severityMin);
  const owned = new Set<string>();
  for (const rule of all)
    if (rule.kind === 'correlation' && !rule.generate) for (const name of rule.rules) owned.add(name);
  const isOwned = (rule: Rule) => owned.has(rule.id) || (rule.name !== undefined && owned.has(rule.name));
  const correlations = all.filter(
    (rule): rule is CorrelationRule => rule.kind === 'correlation' && isWanted(rule) && !isOwned(rule),
  );
  const alone = new Set(
    all.filter(
      (rule): rule is DetectionRule => rule.kind === 'detection' && isWanted(rule) && !isOwned(rule),
    ),
  );
  const below = correlations.flatMap((rule) => leavesOf(treeOf(rule, all)).map((leaf) => leaf.rule));
  return { all, alone, detections: [...new Set([...alone, ...below])], correlations };
}

interface Sinks {
  asked: Asked[];
  branches: Branch[];
  noSource: Problem[];
  /** By the rule that is not looked for. */
  refused: Map<Rule, Problem>;
  refuse(rule: Rule, reason: string): void;
}

function sinksOf(chosen: Chosen, plan: Plan, problems: ReadonlyMap<DetectionRule, Problem>): Sinks {
  const refused = new Map<Rule, Problem>(problems);
  const refuse = (rule: Rule, reason: string): void => {
    refused.set(rule, problemOf(rule, reason));
  };
  const targetsOf = (rule: DetectionRule) => plan.targets.filter((target) => target.rule === rule);
  const asked: Asked[] = [...chosen.alone]
    .filter((rule) => !refused.has(rule))
    .map((rule) => ({ rule, targets: targetsOf(rule) }))
    .filter(({ targets }) => targets.length > 0);
  const branches: Branch[] = [];
  const noSource: Problem[] = [];
  for (const rule of chosen.correlations) {
    const branch = treeOf(rule, chosen.all);
    const leaves = leavesOf(branch);
    const broken = leaves.find((leaf) => refused.has(leaf.rule));
    if (broken) {
      refuse(rule, `it correlates ${broken.rule.title}: ${refused.get(broken.rule)?.reason ?? ''}`);
      continue;
    }
    const silent = leaves.find((leaf) => targetsOf(leaf.rule).length === 0);
    if (silent) {
      noSource.push(problemOf(rule, `it correlates ${silent.rule.title}, which no source answers`));
      continue;
    }
    branches.push(branch);
    asked.push(...leaves.map((leaf) => ({ rule, leaf, keys: leaf.keys, targets: targetsOf(leaf.rule) })));
  }
  return { asked, branches, noSource, refused, refuse };
}

const problemOf = (rule: Rule, reason: string): Problem => ({
  rule: rule.id,
  title: rule.title,
  ...rule.place,
  reason,
});

function addDetection(outcome: SigmaOutcome, rule: DetectionRule, answer: Answered, plan: Plan): void {
  const events = answer.bySource.reduce((sum, one) => sum + one.events, 0);
  const absent = plan.absent
    .filter((one) => one.rule === rule)
    .map(({ source, fields }) => ({ source, fields }));
  outcome.results.push({ ...headOf(rule), events, bySource: answer.bySource, absent });
  const first = [...answer.first]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .slice(0, limits.sigmaFindingsPerRuleMax);
  if (first.length < events)
    outcome.shortened.push({ rule: rule.id, title: rule.title, events, kept: first.length });
  outcome.findings.push(
    ...first.map((event) => findingOf(rule, event, { tags: rule.tags, eventsOfRule: events })),
  );
}

const headOf = (rule: Rule) => ({
  rule: rule.id,
  title: rule.title,
  severity: rule.level,
  techniques: rule.techniques,
});

const findingOf = (rule: Rule, event: NewFinding['event'], data: Record<string, unknown>): NewFinding => ({
  ...headOf(rule),
  ruleKind: 'sigma',
  event,
  data,
});

async function addCorrelation(
  lake: Lake,
  outcome: SigmaOutcome,
  branch: Branch,
  answers: ReadonlyMap<Leaf, Answered>,
): Promise<void> {
  const { rule } = branch;
  const inputs = new Map([...answers].map(([leaf, answer]) => [leaf, answer.inputs]));
  const begun = correlateTree(branch, inputs, limits.sigmaCorrelationSamplesMax).filter(
    ({ begins }) => begins,
  );
  const bySource = new Map<string, number>();
  for (const { source } of begun) bySource.set(source, (bySource.get(source) ?? 0) + 1);
  outcome.results.push({
    ...headOf(rule),
    techniques: techniquesOf(branch),
    events: begun.length,
    bySource: [...bySource].map(([source, events]) => ({ source, events })),
    absent: [],
  });
  const kept = begun.slice(0, limits.sigmaFindingsPerRuleMax);
  if (kept.length < begun.length)
    outcome.shortened.push({ rule: rule.id, title: rule.title, events: begun.length, kept: kept.length });
  const events = await readEvents(lake, kept, viewColumns);
  for (const met of kept) {
    const event = events.get(keyOf(met));
    if (event)
      outcome.findings.push({
        ...findingOf(rule, event, dataOf(rule, met)),
        techniques: techniquesOf(branch),
      });
  }
}

function dataOf(rule: CorrelationRule, met: Met): Record<string, unknown> {
  return {
    tags: rule.tags,
    correlation: rule.type,
    group: Object.fromEntries(rule.groupBy.map((name, index) => [name, met.group[index] ?? ''])),
    measured: met.measure,
    peak: met.peak,
    eventsInWindow: met.events,
    since: new Date(met.since).toISOString(),
    until: new Date(met.until).toISOString(),
    events: met.samples,
  };
}

/** Its own, or without any those of the rules that it is about. */
function techniquesOf(branch: Branch): string[] {
  const below = leavesOf(branch).flatMap(({ rule }) => rule.techniques);
  return branch.rule.techniques.length > 0 ? branch.rule.techniques : [...new Set(below)];
}

/** Of too many findings in all, the most severe are kept. */
function keepTelling(outcome: SigmaOutcome): void {
  const before = outcome.findings;
  if (before.length <= limits.huntFindingsMax) return;
  const ranked = [...before].sort((a, b) => rankOf(b.severity) - rankOf(a.severity));
  outcome.findings = ranked.slice(0, limits.huntFindingsMax);
  outcome.shortened.push({
    rule: '',
    title: 'all rules together',
    events: before.length,
    kept: outcome.findings.length,
  });
}
