/** What Sigma rules found: rule, level, technique, time, who, from where, and the line of the log that shows it. */
import type { RuleProblem, SigmaCheckResult, SigmaResult } from '../../api/contract.ts';
import { plural } from '../../kernel/text.ts';
import { moment, number } from '../format.ts';
import { bad, bold, dim, good, type Paper, type Toned, warn } from '../paper.ts';
import { left, placeOf, printCoverage, printOutstanding, proofOf } from './hunt.ts';

const shownMax = 40;

const level = (severity: string): Toned | string =>
  severity === 'critical' || severity === 'high'
    ? bad(severity)
    : severity === 'medium'
      ? warn(severity)
      : severity;

export function printSigma(paper: Paper, result: SigmaResult, all: boolean): void {
  const matched = result.results.filter(({ events }) => events > 0);
  paper.line(
    bold(`${number(matched.length)} of ${plural(result.results.length, 'rule')} matched`),
    `; ${plural(result.tally.found, 'finding')}, ${number(result.tally.added)} new`,
  );
  if (matched.length > 0) printMatched(paper, matched, result);
  if (all) {
    const silent = result.results.filter(({ events }) => events === 0);
    if (silent.length > 0) paper.heading('Looked for, and nothing matched');
    for (const { title, severity } of silent) paper.line(`  ${title}`, dim(` (${severity})`));
  }
  printProblems(paper, `${plural(result.notCompiled.length, 'rule')} not compiled`, result.notCompiled, all);
  printProblems(
    paper,
    `${plural(result.noSource.length, 'rule')} without a source or a value`,
    result.noSource,
    all,
  );
  printCoverage(paper, result);
  // What the coverage leaves open has just been said.
  const said = new Set(result.doubts);
  printOutstanding(
    paper,
    result.outstanding.filter(({ why }) => !said.has(why)),
  );
}

function printMatched(paper: Paper, matched: SigmaResult['results'], { matches }: SigmaResult): void {
  paper.heading('Matched');
  const rows = matched.map((one) => [
    level(one.severity),
    bold(one.title),
    one.techniques.join(' ') || '-',
    one.events,
    one.bySource.map(({ source, events }) => `${source} ${number(events)}`).join(', '),
  ]);
  const columns = [
    ...left('level', 'rule', 'technique'),
    { title: 'matches', align: 'right' as const },
    ...left('where'),
  ];
  paper.table(columns, rows, '  ');
  paper.heading('First matches');
  paper.table(
    left('when', 'level', 'rule', 'technique', 'who', 'from', 'event', 'source', 'proof'),
    matches
      .slice(0, shownMax)
      .map(({ event, severity, title, techniques }) => [
        moment(event.at),
        level(severity),
        title,
        techniques.join(' ') || '-',
        event.actor || '-',
        event.address || '-',
        event.code || '-',
        placeOf(event),
        dim(proofOf(event)),
      ]),
    '  ',
  );
  if (matches.length > shownMax) paper.line(dim('  the others: firebreak hunt findings --kind sigma'));
}

function printProblems(paper: Paper, title: string, problems: readonly RuleProblem[], all: boolean): void {
  if (problems.length === 0) return;
  paper.heading(title);
  const shown = all ? problems : problems.slice(0, 10);
  for (const { title: rule, file, line, reason } of shown)
    paper.line('  ', warn(rule || 'a document'), ` ${file}:${line}: ${reason}`);
  if (shown.length < problems.length)
    paper.line(dim(`  and ${number(problems.length - shown.length)} more: --all`));
}

export function printSigmaCheck(paper: Paper, result: SigmaCheckResult): void {
  const { rules, correlations, noSource, notCompiled } = result;
  paper.line(
    bold(`${plural(rules, 'rule')} and ${plural(correlations, 'correlation')} read`),
    notCompiled.length === 0
      ? good('; all of them compile')
      : bad(`; ${number(notCompiled.length)} do not compile`),
  );
  printProblems(paper, 'Not compiled', notCompiled, true);
  printProblems(paper, 'Without a source or a value', noSource, false);
}
