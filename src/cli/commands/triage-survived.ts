/** `firebreak triage survived`: what stood out before a restart, and what of it is still there. */
import type { Command } from 'commander';
import { SurvivedResult } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { plural } from '../../kernel/text.ts';
import {
  type Bind,
  examples,
  given,
  type IncidentOption,
  incidentParam,
  usage,
  withIncident,
} from '../command.ts';
import { followJob } from '../follow.ts';
import { number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good, type Paper, warn } from '../paper.ts';
import type { Outcome } from '../world.ts';

interface SurvivedOption extends IncidentOption {
  before?: string;
  after?: string;
  host?: string;
  limit: string;
}

async function survived(
  io: Io,
  { before, after, host, limit, ...options }: SurvivedOption,
): Promise<Outcome> {
  const rows = Number(limit);
  if (!Number.isInteger(rows) || rows < 1) throw usage('--limit', 'a whole number', limit);
  const client = await io.client();
  const json = { ...given({ before, after, host }), limit: rows };
  const { job } = await unwrap(
    client.v1.incidents[':incident'].survived.$post({ ...incidentParam(options), json }),
  );
  const result = await followJob(io, job, {
    title: 'Comparing',
    schema: SurvivedResult,
    again: 'firebreak triage survived',
  });
  return { json: result, print: (paper) => printSurvived(paper, result) };
}

type Fate = SurvivedResult['outliers'][number]['fate'];

const words: Record<Fate, string> = {
  survived: 'SURVIVED',
  changed: 'changed',
  gone: 'gone',
  'not-known': 'not known',
};
const toneOf = { survived: bad, changed: warn, gone: good, 'not-known': warn };

function printSurvived(paper: Paper, result: SurvivedResult): void {
  const { hosts, restarted, outliers, more, before, after } = result;
  paper.line(
    `${plural(hosts, 'system')} examined before and after (${before.collectionId}, ${after.collectionId}); ${number(restarted)} ${restarted === 1 ? 'has' : 'have'} restarted in between.`,
  );
  if (outliers.length === 0) paper.line('Nothing stood out on them before.');
  for (const { fate, why, host, score, artifact, key, technique } of outliers) {
    paper.line(
      toneOf[fate](words[fate].padEnd(9)),
      dim(` ${String(score).padStart(3)}  `),
      bold(host),
      `  ${artifact}  `,
      bold(key),
      dim(technique === '' ? '' : `  ${technique}`),
    );
    if (why !== '') paper.line(dim(`                ${why}`));
  }
  if (more > 0) paper.line(dim(`and ${number(more)} of lower score, not looked at: --limit`));
  const count = (fate: Fate) => outliers.filter((one) => one.fate === fate).length;
  const rest = [
    `${number(count('gone'))} gone`,
    ...(count('changed') > 0 ? [`${number(count('changed'))} changed`] : []),
    ...(count('not-known') > 0 ? [`${number(count('not-known'))} not known`] : []),
  ].join(', ');
  paper.space();
  const all = plural(outliers.length, 'outlier');
  if (count('survived') > 0)
    paper.line(
      bad(`${number(count('survived'))} of ${all} survived the restart`),
      `, so look at each; ${rest}.`,
    );
  else if (outliers.length > 0) paper.line(`Of ${all} none survived the restart as it was: ${rest}.`);
}

export function addSurvived(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group
        .command('survived')
        .description('what stood out before a restart, and what of it is still there: persistence')
        .option('--before <id>', 'this collection (default: the one before the later)')
        .option('--after <id>', 'the later collection (default: the latest)')
        .option('--host <name>', 'only this host')
        .option('--limit <n>', 'outliers to look up', '50'),
    ).action(bind(survived)),
    [
      ['firebreak triage survived', 'after firebreak reboot apply and firebreak triage collect'],
      ['firebreak triage survived --host wiki-1', 'of one host'],
    ],
  );
}
