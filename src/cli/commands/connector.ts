/** `firebreak connector`: what each can do, whether it lets us in, whether it keeps the contract. */
import { unwrap } from '../../api/index.ts';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import { type AddCommands, examples } from '../command.ts';
import { duration, number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good } from '../paper.ts';
import type { Outcome } from '../world.ts';

async function list(io: Io): Promise<Outcome> {
  const client = await io.client();
  const { connectors } = await unwrap(client.v1.connectors.$get());
  return {
    json: { connectors },
    print: (paper) => {
      for (const one of connectors) {
        paper.space().line(bold(one.id), `  ${one.title}`);
        const kinds = one.kinds.map(({ kind, replacement }) => `${kind} (${replacement})`).join(', ');
        const { concurrency, perSecond } = one.quotas;
        paper.fields(
          [
            ['systems', one.systems.join(', ') || dim('none in firebreak.yaml')],
            ['kinds', kinds],
            [
              'quota',
              `${concurrency} at a time${perSecond === null ? '' : `, ${number(perSecond)} a second`}`,
            ],
            ['needs', one.privileges.join('; ')],
            ['docs', one.docs],
          ],
          '  ',
        );
      }
    },
  };
}

async function check(io: Io, system: string): Promise<Outcome> {
  const client = await io.client();
  const found = await unwrap(client.v1.systems[':system'].check.$post({ param: { system } }));
  const { failuresMax, windowMs, source } = found.lockout;
  return {
    json: found,
    print: (paper) => {
      paper.line(good('it lets us in'), `  ${found.system}  `, dim(`${found.ms} ms`));
      paper.fields(
        [
          ['connector', found.connector],
          ['as', bold(found.admin)],
          ['can', found.can.join(', ')],
          [
            'lock-out',
            failuresMax === null ? 'none' : `after ${failuresMax} failures in ${duration(windowMs / 1_000)}`,
          ],
          ['says', source],
        ],
        '  ',
      );
    },
  };
}

/** Runs the suite against the connector's real test server. */
async function conformance(io: Io, id: string): Promise<Outcome> {
  const suite = await io.world.conformance(id);
  if ('missing' in suite)
    throw new FirebreakError('unavailable', `the suite needs a server that is not here: ${suite.missing}`);
  const view = io.progress('Conformance');
  const results: { name: string; ok: boolean; message: string | null }[] = [];
  try {
    for (const { name, run } of suite.cases) {
      view.update({ done: results.length, total: suite.cases.length, unit: 'cases', at: name });
      const message = await run().then(
        () => null,
        (error: unknown) => messageOf(error),
      );
      results.push({ name, ok: message === null, message });
    }
  } finally {
    view.end();
    await suite.close();
  }
  const failed = results.filter(({ ok }) => !ok).length;
  return {
    json: { connector: id, total: results.length, failed, results },
    print: (paper) => {
      paper.line(bold(suite.title)).table(
        [{ title: '' }, { title: '' }],
        results.map(({ name, ok, message }) => [
          ok ? good('ok') : bad('FAILED'),
          message === null ? name : `${name}: ${message}`,
        ]),
        '  ',
      );
      paper
        .space()
        .line(
          `${plural(results.length, 'case')}: ${number(results.length - failed)} passed, ${number(failed)} failed.`,
        );
    },
    exitCode: failed > 0 ? 1 : 0,
  };
}

export const addConnectorCommands: AddCommands = (program, bind) => {
  const group = program.command('connector').description('the kinds of system that Firebreak can act on');
  examples(group, [['firebreak connector check core-db', 'does it let us in, and as whom']]);
  examples(group.command('list').description('connectors, what each can do and needs').action(bind(list)), [
    ['firebreak connector list', 'with the systems that use each'],
  ]);
  examples(
    group
      .command('check')
      .argument('<system>')
      .description('log in to a system of firebreak.yaml and say who we are there')
      .action(bind(check)),
    [['firebreak connector check core-db', 'changes nothing']],
  );
  examples(
    group
      .command('conformance')
      .argument('<connector>')
      .description('run the contract suite against a real test server')
      .action(bind(conformance)),
    [['firebreak connector conformance postgres', 'starts a server of its own']],
  );
};
