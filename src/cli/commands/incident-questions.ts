/** `firebreak incident questions` and `except`: what nobody began or could answer, and who signs for leaving it so. */
import type { Command } from 'commander';
import type { QuestionView } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { plural } from '../../kernel/text.ts';
import { type Bind, examples, type IncidentOption, incidentParam, withIncident } from '../command.ts';
import { addExcept, type ExceptOption, exceptEach } from '../exceptions.ts';
import { moment } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good, type Paper, warn } from '../paper.ts';
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
          dim('sign for one: firebreak incident except ID --reason WHY --approver NAME --until 30d'),
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

const except = (io: Io, ids: string[], options: ExceptOption): Promise<Outcome> =>
  exceptEach(
    io,
    ids,
    options,
    (client, question, terms) =>
      unwrap(
        client.v1.incidents[':incident'].questions.exceptions.$post({
          ...incidentParam(options),
          json: { question, ...terms },
        }),
      ),
    ({ question, what }) => `${question}  ${what}`,
  );

export function addQuestions(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group
        .command('questions')
        .description('what nobody began and what hunts could not answer; exit 1 while one is open'),
    ).action(bind(questions)),
    [['firebreak incident questions', 'each with its id, and what answers it']],
  );
  addExcept(
    group,
    bind,
    {
      argument: '<id...>',
      description: 'leave questions open under a name: signed, and open again when the time ends',
      reason: 'why it may stay open',
      example: [
        'firebreak incident except restarts --reason "serverless only" --approver dana --until 30d',
        'a part that is out of scope',
      ],
    },
    except,
  );
}
