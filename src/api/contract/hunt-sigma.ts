/** The hunt by Sigma rules. */
import { z } from 'zod';
import { severities } from '../../domain/hunt/nouns.ts';
import { limits } from '../../kernel/limits.ts';
import { ClaimLine, EventLine, OutstandingLine, PeriodRequest, PeriodView } from './hunts.ts';
import { Count, FilePath } from './parts.ts';

const rules = {
  /** Files and folders; without any, the rules that are shipped. */
  rules: z.array(FilePath).max(limits.apiPathsMax).optional(),
  /** Values of placeholders beside those of the incident. */
  placeholdersFile: FilePath.optional(),
};

export const SigmaRequest = z.strictObject({
  ...rules,
  levelMin: z.enum(severities).optional(),
  ...PeriodRequest,
});

export const SigmaCheckRequest = z.strictObject(rules);

/** A rule that is not looked for, and why. */
export const RuleProblem = z.object({
  rule: z.string(),
  title: z.string(),
  file: z.string(),
  line: Count,
  reason: z.string(),
});
export type RuleProblem = z.infer<typeof RuleProblem>;

const MatchLine = z.object({
  rule: z.string(),
  title: z.string(),
  severity: z.enum(severities),
  techniques: z.array(z.string()),
  event: EventLine,
  data: z.record(z.string(), z.unknown()),
});

export const SigmaResult = z.object({
  runId: z.string(),
  period: PeriodView,
  claims: z.array(ClaimLine),
  doubts: z.array(z.string()),
  /** Each rule that was looked for, the most severe first. */
  results: z.array(
    z.object({
      rule: z.string(),
      title: z.string(),
      severity: z.enum(severities),
      techniques: z.array(z.string()),
      events: Count,
      bySource: z.array(z.object({ source: z.string(), events: Count })),
      absent: z.array(z.object({ source: z.string(), fields: z.array(z.string()) })),
    }),
  ),
  /** The first of the matches by severity and time; all that are kept are findings. */
  matches: z.array(MatchLine),
  noSource: z.array(RuleProblem),
  notCompiled: z.array(RuleProblem),
  outstanding: z.array(OutstandingLine),
  tally: z.object({ found: Count, added: Count }),
});
export type SigmaResult = z.infer<typeof SigmaResult>;

export const SigmaCheckResult = z.object({
  rules: Count,
  correlations: Count,
  noSource: z.array(RuleProblem),
  notCompiled: z.array(RuleProblem),
});
export type SigmaCheckResult = z.infer<typeof SigmaCheckResult>;
