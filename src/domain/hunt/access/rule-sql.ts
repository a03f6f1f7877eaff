/** The access rules as expressions over an event: which rule it fits, and what it was done to. */
import { merelyAsked } from '../event-sql.ts';
import { accessRules, accessTexts } from './rules.ts';
import type { AccessRule } from './types.ts';

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const fits = ({ sources, where }: AccessRule): string =>
  sources.length === 0 ? `(${where})` : `source IN (${sources.map(quote).join(', ')}) AND (${where})`;

/** The number of the first rule that the event fits, or -1. */
const accessRuleNumber = `if(${merelyAsked}, -1, multiIf(${accessRules.map((rule, index) => `${fits(rule)}, ${index}`).join(', ')}, -1))`;

/** By the number of the rule; rules that pick the same share a branch. */
function choose(pick: (rule: AccessRule) => string | undefined): string {
  const branches = new Map<string, number[]>();
  for (const [index, rule] of accessRules.entries()) {
    const picked = pick(rule);
    if (picked !== undefined) branches.set(picked, [...(branches.get(picked) ?? []), index]);
  }
  return `multiIf(${[...branches].map(([picked, numbers]) => `access_rule IN (${numbers.join(', ')}), ${picked}`).join(', ')}, '')`;
}

/** Which rule an event fits, then what it was done to: `access_rule`, `access_key`, `access_title`. */
export const accessSteps = [
  accessTexts.join(', '),
  `${accessRuleNumber} AS access_rule`,
  `${choose(({ key }) => `toString(${key})`)} AS access_key, ${choose(({ title }) => (title === undefined ? undefined : `toString(${title})`))} AS access_title`,
];

/**
 * Whether it was answered. A status of the 300s is an answer only where it says that what the caller has is still
 * good; anything else sends him elsewhere, without what he asked for.
 */
export const wasAnswered =
  '(status_id != 2 AND (http_status = 0 OR (http_status >= 200 AND http_status < 300) OR http_status = 304))';
