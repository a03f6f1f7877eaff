/** `firebreak incident`: open, what to do next, the census, close. */

import type { IncidentView } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { plural } from '../../kernel/text.ts';
import { type AddCommands, examples, type IncidentOption, incidentParam, withIncident } from '../command.ts';
import { moment } from '../format.ts';
import type { Io } from '../io.ts';
import { bold, dim, good, type Paper, type Toned, warn } from '../paper.ts';
import { type CensusPage, printCensus } from '../views/census.ts';
import { waitFor } from '../wait-for.ts';
import type { Outcome } from '../world.ts';
import { addQuestions } from './incident-questions.ts';

async function open(io: Io, options: { advisory: string; title?: string }): Promise<Outcome> {
  const client = await io.client();
  const opened = await waitFor(io, 'Opening the incident', () =>
    unwrap(client.v1.incidents.$post({ json: options })),
  );
  const { incident, matched } = opened;
  return {
    json: opened,
    print: (paper) => {
      paper.line(good('opened'), `  ${incident.id}  `, bold(incident.title));
      paper.line(
        `${plural(matched.matched, 'credential')} of ${incident.supplier}'s in the inventory ${matched.matched === 1 ? 'is' : 'are'} exposed.`,
      );
      if (matched.replaced > 0)
        paper.line(
          `${plural(matched.replaced, 'of them was', 'of them were')} replaced after the window, with evidence.`,
        );
      if (matched.claimedUnused > 0)
        paper.line(
          warn(
            `${plural(matched.claimedUnused, 'of them is', 'of them are')} said to be unused: outstanding all the same.`,
          ),
        );
      paper.line('What to do now: firebreak incident next');
    },
  };
}

async function list(io: Io): Promise<Outcome> {
  const client = await io.client();
  const { incidents } = await unwrap(client.v1.incidents.$get());
  const rows = incidents.map((one) => [
    bold(one.id),
    stateOf(one),
    one.supplier,
    moment(one.openedAt),
    one.openedBy,
    one.title,
  ]);
  const columns = ['id', 'state', 'supplier', 'opened', 'by', 'title'].map((title) => ({ title }));
  return {
    json: { incidents },
    print: (paper) =>
      incidents.length > 0
        ? paper.table(columns, rows)
        : paper.line('No incident. Open one: firebreak incident open --advisory ID'),
  };
}

const stateOf = ({ closedAt }: IncidentView): Toned => (closedAt === null ? warn('open') : good('closed'));

async function show(io: Io, id: string | undefined, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const incident = await unwrap(
    client.v1.incidents[':incident'].$get(incidentParam({ incident: id ?? options.incident })),
  );
  return {
    json: incident,
    print: (paper) =>
      paper.line(bold(incident.title)).fields([
        ['id', incident.id],
        ['state', stateOf(incident)],
        ['supplier', incident.supplier],
        ['advisory', incident.advisoryId],
        ['opened', `${moment(incident.openedAt)} by ${incident.openedBy}`],
        ['closed', incident.closedAt && `${moment(incident.closedAt)} by ${incident.closedBy}`],
      ]),
  };
}

async function next(io: Io, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const found = await unwrap(client.v1.incidents[':incident'].next.$get(incidentParam(options)));
  // What is only due later, such as closing, is nothing outstanding.
  const open = found.steps.some(({ urgency }) => urgency !== 'later');
  return { json: found, print: (paper) => printNext(paper, found), exitCode: open ? 1 : 0 };
}

type NextSteps = {
  incident: IncidentView;
  steps: { what: string; why: string; command?: string; urgency: string }[];
};

/** The steps by number, each with why and what to type. */
export function printNext(paper: Paper, { incident, steps }: NextSteps): void {
  paper
    .line(bold(incident.title))
    .line(dim(`incident ${incident.id}`))
    .space();
  if (steps.length === 0)
    paper.line(incident.closedAt === null ? 'Nothing to do.' : 'Closed: nothing is left to do.');
  for (const [index, { what, why, command, urgency }] of steps.entries()) {
    paper.line(`${index + 1}. `, bold(what), urgency === 'now' ? warn('  now') : dim(`  ${urgency}`));
    paper.line(`   ${why}`);
    if (command !== undefined) paper.line('   $ ', bold(command));
  }
}

/** How many of the claimed-unused ones are named. */
const claimsListed = '20';

/** The census with the names that it must not hide. */
export async function readCensus(io: Io, options: IncidentOption): Promise<CensusPage> {
  const client = await io.client();
  const incident = await unwrap(client.v1.incidents[':incident'].$get(incidentParam(options)));
  const param = { incident: incident.id };
  const query = { state: 'outstanding', claimedUnused: 'true', limit: claimsListed } as const;
  const [census, { exposures }] = await waitFor(io, 'Counting', () =>
    Promise.all([
      unwrap(client.v1.incidents[':incident'].census.$get({ param })),
      unwrap(client.v1.incidents[':incident'].exposures.$get({ param, query })),
    ]),
  );
  const claimedUnused = exposures.map(({ ref, claimedUnusedBy }) => ({ ref, claimedUnusedBy }));
  return { incident, census, claimedUnused };
}

async function census(io: Io, options: IncidentOption): Promise<Outcome> {
  const page = await readCensus(io, options);
  return {
    json: page,
    print: (paper) => printCensus(paper, page),
    exitCode: page.census.complete ? 0 : 1,
  };
}

async function close(io: Io, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const closed = await waitFor(io, 'Closing the incident', () =>
    unwrap(client.v1.incidents[':incident'].close.$post(incidentParam(options))),
  );
  return {
    json: closed,
    print: (paper) => {
      printCensus(paper, { ...closed, claimedUnused: [] });
      paper.space().line(good('closed'), `  ${closed.incident.id} by ${closed.incident.closedBy}`);
    },
  };
}

export const addIncidentCommands: AddCommands = (program, bind) => {
  const group = program.command('incident').description('open, what to do next, the census, close');
  examples(group, [
    ['firebreak incident open --advisory okta-2023-10', 'begin'],
    ['firebreak incident census', 'what is closed and what is not'],
  ]);
  examples(
    group
      .command('open')
      .description(
        'open an incident from an advisory; exposes at once what the inventory says the supplier held',
      )
      .requiredOption('--advisory <id>', 'advisory to open it from (firebreak advisory list)')
      .option('--title <text>', "what to call it (default: the advisory's title)")
      .action(bind(open)),
    [['firebreak incident open --advisory okta-2023-10 --title "Okta, October"', 'begin']],
  );
  examples(group.command('list').description('all incidents').action(bind(list)), [
    ['firebreak incident list', 'the latest first'],
  ]);
  examples(
    withIncident(group.command('show').argument('[id]').description('one incident')).action(bind(show)),
    [
      ['firebreak incident show', 'the only open one'],
      ['firebreak incident show inc_7m2k', 'the one whose id begins so'],
    ],
  );
  examples(withIncident(group.command('next').description('what to do now, and why')).action(bind(next)), [
    ['firebreak incident next', 'the most urgent first'],
  ]);
  examples(
    withIncident(
      group
        .command('census')
        .description('everything that must be accounted for; exit 1 while anything is outstanding'),
    ).action(bind(census)),
    [
      ['firebreak incident census', 'total = sum of the states, then what is open'],
      ['firebreak incident census --json', 'the same for programs'],
    ],
  );
  addQuestions(group, bind);
  examples(
    withIncident(
      group.command('close').description('close the incident; not while anything is outstanding'),
    ).action(bind(close)),
    [['firebreak incident close', 'exit 1 and what is outstanding, or exit 0']],
  );
};
