/** `hunt sigma`: looks for the matches of Sigma rules in all logs. */
import { sha256Hex } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import { packageFile } from '../../kernel/paths.ts';
import { count, plural } from '../../kernel/text.ts';
import { listExposedNames } from '../exposure/index.ts';
import type { Claim } from './coverage/types.ts';
import { type CoverageInput, coverageBetween, doubtsOf } from './coverage.ts';
import { recordRun } from './run.ts';
import { askLake, type SigmaOutcome } from './sigma/hunt.ts';
import type { SigmaSource } from './sigma/logsource.ts';
import { escapeValue } from './sigma/patterns.ts';
import { readPlaceholders } from './sigma/placeholders.ts';
import { planRules } from './sigma/plan.ts';
import { readRules } from './sigma/read-rules.ts';
import { checkRegexes } from './sigma/search.ts';
import type { DetectionRule, Placeholders, Problem, RuleSet } from './sigma/types.ts';
import type { FindingTally, HuntContext, Outstanding, Period, Severity, Watch } from './types.ts';
import { whileWanted } from './watch.ts';

export interface SigmaInput extends CoverageInput, Watch {
  incidentId: string;
  /** Files and folders of rules; without any, the rules that Firebreak ships. */
  rules?: readonly string[];
  /** A file with values for placeholders, beside those of the incident. */
  placeholdersFile?: string;
  sources: readonly (SigmaSource & CoverageInput['sources'][number])[];
  period: Period;
  severityMin?: Severity;
}

export interface SigmaReport extends SigmaOutcome {
  claims: Claim[];
  doubts: string[];
  outstanding: Outstanding[];
}

/** Where the rules are that Firebreak ships. */
export const shippedRules = (): string => packageFile('src', 'domain', 'hunt', 'sigma', 'rules');

/** Matches become findings. Throws bad_input for a path that has no rules. */
export async function huntSigma(
  context: HuntContext,
  input: SigmaInput,
): Promise<SigmaReport & { runId: string; tally: FindingTally }> {
  const { incidentId, period, severityMin } = input;
  const hunt = whileWanted(context, input);
  const rules = await rulesOf(context, input);
  const what = {
    rules: (input.rules ?? ['shipped']).slice(0, 100),
    count: rules.rules.length,
    digest: sha256Hex(JSON.stringify(rules.rules.map(({ place: _, ...rule }) => rule))),
    unread: rules.problems.length,
    period,
    ...(severityMin === undefined ? {} : { severityMin }),
  };
  const { runId, result, tally } = await recordRun(context, { incidentId, kind: 'sigma', what }, async () => {
    input.onProgress?.(0, null, 'what the logs cover');
    const coverage = await coverageBetween(hunt, period, input);
    const found = await askLake(await hunt.lake(), { ...input, rules });
    const claims = coverage.claims.filter(({ source }) => found.sources.includes(source));
    const doubts = doubtsOf(claims);
    const open = openOf(found);
    const outstanding = [
      ...open,
      ...doubts.map((why) => ({ what: 'more matches can not be ruled out', why })),
    ];
    const matched = found.results.filter(({ events }) => events > 0);
    return {
      result: { ...found, claims, doubts, outstanding },
      findings: found.findings,
      claims,
      keep: {
        results: matched,
        rulesAsked: found.results.length,
        noSource: found.noSource.length,
        notCompiled: found.notCompiled.slice(0, limits.faultsListedMax),
        doubts,
      },
      summary: {
        rules: found.results.length,
        matched: matched.length,
        first: matched.slice(0, 20).map(({ rule, title, events }) => ({ rule, title, events })),
        noSource: found.noSource.length,
        notCompiled: found.notCompiled.length,
      },
      outstanding,
      doubts: open,
    };
  });
  return { ...result, runId, tally };
}

/** What would be looked for, without the lake and without a run. */
export interface SigmaCheck {
  rules: number;
  correlations: number;
  noSource: Problem[];
  notCompiled: Problem[];
}

/** Compiles alone. Throws bad_input for a path that has no rules. */
export async function checkSigma(
  context: HuntContext,
  input: Pick<SigmaInput, 'incidentId' | 'rules' | 'placeholdersFile' | 'sources'>,
): Promise<SigmaCheck> {
  const { rules, problems } = await rulesOf(context, input);
  const detections = rules.filter((rule): rule is DetectionRule => rule.kind === 'detection');
  const plan = planRules(detections, input.sources);
  const refused = await checkRegexes(await context.lake(), plan.targets);
  return {
    rules: detections.length,
    correlations: rules.length - detections.length,
    noSource: plan.noSource,
    notCompiled: [...problems, ...plan.notCompiled, ...refused.values()],
  };
}

async function rulesOf(
  context: HuntContext,
  { incidentId, rules, placeholdersFile }: Pick<SigmaInput, 'incidentId' | 'rules' | 'placeholdersFile'>,
): Promise<RuleSet> {
  const given = placeholdersFile === undefined ? {} : await readPlaceholders(placeholdersFile);
  const placeholders = { ...(await placeholdersOf(context, incidentId)), ...given };
  return readRules(rules && rules.length > 0 ? rules : [shippedRules()], placeholders);
}

/** What rules of ours may name: the credentials of the incident, by the names that logs have for them. */
async function placeholdersOf(context: HuntContext, incidentId: string): Promise<Placeholders> {
  const names = await listExposedNames(context.db, incidentId);
  const of = (isDead: boolean) => [
    ...new Set(
      names.filter(({ provedAt }) => (provedAt !== null) === isDead).map(({ name }) => escapeValue(name)),
    ),
  ];
  return { exposed_credentials: of(false), dead_credentials: of(true) };
}

/** What was not looked for, and what is not kept. */
function openOf(found: SigmaOutcome): Outstanding[] {
  return [
    ...found.notCompiled.map(({ title, rule, file, line, reason }) => ({
      what: `rule ${title || rule || 'unnamed'} was not looked for`,
      why: `${file}:${line}: ${reason}`,
    })),
    ...found.shortened.map(({ title, events, kept }) => ({
      what: `${title}: ${plural(events, 'match', 'matches')}, of which ${count(kept)} are kept`,
      why: 'the first of them by time; narrow the rule or the period',
    })),
  ];
}
