/** Processes that Sigma rules describe, as something that facts are compared with. */
import { limits } from '../../../kernel/limits.ts';
import { plural } from '../../../kernel/text.ts';
import type { Lake } from '../../../lake/index.ts';
import { compileProcessRules, type Severity } from '../../hunt/index.ts';
import type { MatchRow, Scope } from './statements.ts';
import type { SoughtFact } from './types.ts';

const pointsOf: Record<Severity, number> = {
  informational: 10,
  low: 30,
  medium: 60,
  high: 85,
  critical: 95,
};

/** Sigma's fields of a process, as facts have them. */
const expressions = {
  image: "detail['exe']",
  originalfilename: "detail['name']",
  commandline: "detail['command']",
  currentdirectory: "detail['cwd']",
  parentcommandline: "replaceRegexpOne(detail['parent'], '^[0-9]+ ', '')",
  user: 'owner',
  logonid: "''",
};

export async function matchProcessRules(
  lake: Lake,
  scope: Scope,
  paths: readonly string[],
): Promise<{ sought: SoughtFact[]; rows: MatchRow[]; notes: string[] }> {
  if (paths.length === 0) return { sought: [], rows: [], notes: [] };
  const { rules, select, notCompiled, others } = await compileProcessRules(paths, expressions);
  const notes = [
    ...notCompiled.slice(0, 20).map((one) => `Sigma rule not used: ${one}`),
    ...(notCompiled.length > 20 ? [`and ${plural(notCompiled.length - 20, 'more rule')} not used`] : []),
    ...(others > 0
      ? [`${plural(others, 'Sigma rule is', 'Sigma rules are')} not about processes of Linux`]
      : []),
  ];
  if (rules.length === 0) return { sought: [], rows: [], notes };
  const scan = `SELECT fact, detail, owner, concat(key, ' ', value) AS raw FROM facts WHERE ${scope.sql} AND artifact = 'processes'`;
  const rows = await lake.rows<MatchRow>(
    `SELECT toString(fact) AS fact, groupUniqArrayArray(hit) AS hits FROM (${select(scan)})
     WHERE notEmpty(hit) GROUP BY fact ORDER BY fact LIMIT {matchMax:UInt32}`,
    { ...scope.parameters, matchMax: limits.stackOutliersMax },
  );
  const sought = rules.map(({ id, title, level }) => ({
    id,
    title: `Sigma rule ${title} (${level})`,
    points: pointsOf[level],
  }));
  return { sought, rows, notes };
}
