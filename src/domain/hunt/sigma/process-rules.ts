/** Sigma rules about processes of Linux, compiled for a table that is not the log's: facts seen on hosts. */
import { Columns } from './columns.ts';
import { fieldsOf } from './fields.ts';
import type { SigmaSource } from './logsource.ts';
import { conditionOf } from './match-sql.ts';
import { planRules } from './plan.ts';
import { readRules } from './read-rules.ts';
import type { DetectionRule } from './types.ts';

export interface ProcessRules {
  rules: Pick<DetectionRule, 'id' | 'title' | 'level' | 'techniques'>[];
  /**
   * A SELECT around `scan` with a column `hit`: the places in `rules` of those that hold. The scan has a column `raw`
   * and those that the expressions name.
   */
  select(scan: string): string;
  /** Rules that could not be used, with the reason. */
  notCompiled: string[];
  /** Rules about something else than processes of Linux. */
  others: number;
}

/** `expressions`: Sigma's fields in lower case, over the columns of the scan. Throws bad_input for a path without rules. */
export async function compileProcessRules(
  paths: readonly string[],
  expressions: Readonly<Record<string, string>>,
): Promise<ProcessRules> {
  const { rules, problems } = await readRules(paths, {});
  const detections = rules.filter((rule): rule is DetectionRule => rule.kind === 'detection');
  const source: SigmaSource = {
    id: 'processes',
    sigma: [{ product: 'linux', category: 'process_creation', fields: { kind: 'columns', expressions } }],
  };
  const plan = planRules(detections, [source]);
  const columns = new Columns('c');
  const conditions: string[] = [];
  for (const { answer, expr } of plan.targets) {
    const fields = fieldsOf(answer.view, columns);
    conditions.push(conditionOf(expr, fields, 'single'));
    fields.finish();
  }
  const hits = `arrayFilter(h -> h != 0, [${conditions.map((sql, place) => `if(${sql}, ${place + 1}, 0)`).join(', ')}]::Array(UInt32))`;
  return {
    rules: plan.targets.map(({ rule: { id, title, level, techniques } }) => ({
      id,
      title,
      level,
      techniques,
    })),
    select: (scan) => `SELECT *, arrayMap(h -> toUInt32(h - 1), ${hits}) AS hit FROM (${columns.wrap(scan)})`,
    notCompiled: [...problems, ...plan.notCompiled].map(({ title, reason }) => `${title}: ${reason}`),
    others: plan.noSource.length + rules.length - detections.length,
  };
}
