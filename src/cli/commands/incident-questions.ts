/** `firebreak incident questions` and `except`: what nobody began or could answer, and who signs for leaving it so. */
import type { Command } from 'commander';
import type { QuestionView } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { plural } from '../../kernel/text.ts';
import { type Bind, examples, type IncidentOption, incidentParam, withIncident } from '../command.ts';
import type { ExceptOption } from '../except-hosts.ts';
import { moment } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good, type Paper, warn } from '../paper.ts';
import { timeOf } from '../period.ts';
import { printExceptions } from '../views/exceptions.ts';
import type { Outcome } from '../world.ts';

async function questions(io: Io, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const found = await unwrap(client.v1.incidents[':incident'].questions.$get(incidentParam(options)));
  const open = found.questions.filter(({ state }) => state === 'open').length;
  return {
    json: found,
    print: (paper) => {
      for (const question of found.questions) printQuestion(paper, question);
      if (found.questions.length === 0) paper.line(good('None:'), ' everything was begun and answered.');
      else
        paper.line(
          `${plural(found.questions.length, 'question')} = ${found.questions.length - open} excepted + ${open} open`,
        );
      if (open > 0)
        paper.line(
          dim('sign for one: firebreak incident except ID --reason WHY --approver NAME --until YYYY-MM-DD'),
        );
    },
    exitCode: open > 0 ? 1 : 0,
  };
}

function printQuestion(paper: Paper, { id, what, why, command, state, exception }: QuestionView): void {
  paper.line(state === 'open' ? bad('open') : warn('excepted'), '  ', bold(id), `  ${what}`);
  paper.line(`  ${why}`);
  if (exception !== null)
    paper.line(
      dim(
        `  ${state === 'open' ? 'the exception ended' : 'excepted until'} ${moment(exception.until)}, approved by ${exception.approver}: ${exception.reason}`,
      ),
    );
  if (command !== undefined && state === 'open') paper.line('  $ ', bold(command));
}

async function except(
  io: Io,
  ids: string[],
  { reason, approver, until, ...options }: ExceptOption,
): Promise<Outcome> {
  const client = await io.client();
  const end = timeOf('--until', until, 'end');
  const exceptions: { question: string; what: string; until: string; ledgerSeq: number }[] = [];
  for (const question of ids)
    exceptions.push(
      await unwrap(
        client.v1.incidents[':incident'].questions.exceptions.$post({
          ...incidentParam(options),
          json: { question, reason, approver, until: end },
        }),
      ),
    );
  const granted = exceptions.map(({ question, what, ledgerSeq }) => ({
    host: `${question}  ${what}`,
    ledgerSeq,
  }));
  return {
    json: { exceptions },
    print: (paper) => printExceptions(paper, granted, { approver, until: end }),
  };
}

export function addQuestions(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group
        .command('questions')
        .description('what nobody began and what hunts could not answer; exit 1 while one is open'),
    ).action(bind(questions)),
    [['firebreak incident questions', 'each with its id, and what answers it']],
  );
  examples(
    withIncident(
      group
        .command('except')
        .argument('<id...>', 'questions, by their ids (firebreak incident questions)')
        .description('leave questions open under a name: signed, and open again when the time ends')
        .requiredOption('--reason <text>', 'why it may stay open')
        .requiredOption('--approver <name>', 'who answers for it')
        .requiredOption('--until <time>', 'when it ends, such as 2026-03-31'),
    ).action(bind(except)),
    [
      [
        'firebreak incident except restarts --reason "serverless only" --approver dana --until 2026-03-31',
        'a part that is out of scope',
      ],
    ],
  );
}
