/** `firebreak hunt`: indicators, descendants, findings; what else belongs to the group adds itself to it. */
import type { Command } from 'commander';
import { DescendantsResult, IocResult } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { plural } from '../../kernel/text.ts';
import {
  type AddCommands,
  type Bind,
  examples,
  given,
  type IncidentOption,
  incidentParam,
  type PageOption,
  pageOf,
  withIncident,
  withPage,
} from '../command.ts';
import { addExcept, type ExceptOption, exceptOne } from '../exceptions.ts';
import { followJob } from '../follow.ts';
import { moment, number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good, warn } from '../paper.ts';
import { type PeriodOption, periodOf, timeOf, withPeriod } from '../period.ts';
import { left, placeOf, printCoverage, printDescendants, printIoc, proofOf } from '../views/hunt.ts';
import type { Outcome } from '../world.ts';
import { addAccessCommands } from './hunt-access.ts';
import { addSigmaCommand } from './hunt-sigma.ts';

interface IocOption extends IncidentOption, PeriodOption {
  stix?: string[];
  advisory?: string[];
}

async function ioc(io: Io, { stix, advisory, ...options }: IocOption): Promise<Outcome> {
  const client = await io.client();
  const json = {
    ...periodOf(options),
    ...(stix === undefined ? {} : { stixFiles: stix.map(io.path) }),
    ...(advisory === undefined ? {} : { advisories: advisory }),
  };
  const { job } = await unwrap(
    client.v1.incidents[':incident'].hunts.ioc.$post({ ...incidentParam(options), json }),
  );
  const result = await followJob(io, job, {
    title: 'Looking for indicators',
    schema: IocResult,
    again: 'firebreak hunt ioc',
  });
  const isOpen = result.outstanding.length > 0 || result.results.some(({ verdict }) => verdict === 'seen');
  return { json: result, print: (paper) => printIoc(paper, result), exitCode: isOpen ? 1 : 0 };
}

interface DescendantsOption extends IncidentOption, PeriodOption {
  principal?: string[];
}

async function descendants(io: Io, { principal, ...options }: DescendantsOption): Promise<Outcome> {
  const client = await io.client();
  const json = { ...periodOf(options), ...(principal === undefined ? {} : { principals: principal }) };
  const { job } = await unwrap(
    client.v1.incidents[':incident'].hunts.descendants.$post({ ...incidentParam(options), json }),
  );
  const again = 'firebreak hunt descendants';
  const result = await followJob(io, job, {
    title: 'Following what was made',
    schema: DescendantsResult,
    again,
  });
  const { census } = result;
  return {
    json: result,
    print: (paper) => {
      paper.line(
        bold(plural(census.total, 'descendant')),
        ` of ${plural(result.principals, 'exposed name')}: ${number(census.outstanding)} outstanding, ${number(census.contained)} contained, ${number(census.excepted)} excepted; ${number(result.added)} new`,
      );
      if (result.exposed > 0)
        paper.line(
          warn(`${plural(result.exposed, 'credential')} among them added to the inventory and exposed`),
        );
      if (result.descendants.length > 0) printDescendants(paper.space(), result.descendants);
      if (census.outstanding > 0)
        paper.space().line('When one is contained: firebreak hunt contained ID --because "what was done"');
      printCoverage(paper, result);
    },
    exitCode: result.outstanding.length > 0 ? 1 : 0,
  };
}

interface MadeOption extends IncidentOption, PageOption {
  state?: string;
  kind?: string;
}

async function made(io: Io, options: MadeOption): Promise<Outcome> {
  const client = await io.client();
  const query = { ...given({ state: options.state, kind: options.kind }), ...pageOf(options) } as Parameters<
    (typeof client.v1.incidents)[':incident']['descendants']['$get']
  >[0]['query'];
  const page = await unwrap(
    client.v1.incidents[':incident'].descendants.$get({ ...incidentParam(options), query }),
  );
  return {
    json: page,
    print: (paper) => {
      if (page.descendants.length === 0) paper.line('None.');
      else printDescendants(paper, page.descendants);
      for (const { id, state, reason } of page.descendants)
        if (state !== 'outstanding') paper.line(dim(`${id}: ${state}: ${reason}`));
      if (page.next !== null) paper.space().line(dim(`more: --after ${page.next}`));
    },
    exitCode: page.census.outstanding > 0 ? 1 : 0,
  };
}

interface ContainedOption extends IncidentOption {
  because: string;
  at?: string;
}

async function contained(
  io: Io,
  refs: string[],
  { because, at, ...options }: ContainedOption,
): Promise<Outcome> {
  const client = await io.client();
  const when = at === undefined ? {} : { at: timeOf('--at', at, 'end') };
  const { $post } = client.v1.incidents[':incident'].descendants.contained;
  const all: { ref: string; ledgerSeq: number }[] = [];
  for (const ref of refs) {
    const done = await unwrap($post({ ...incidentParam(options), json: { ref, because, ...when } }));
    all.push({ ref, ...done });
  }
  return {
    json: { contained: all },
    print: (paper) => {
      for (const { ref, ledgerSeq } of all)
        paper.line(good('contained'), `  ${ref}`, dim(`  ledger entry ${ledgerSeq}`));
    },
  };
}

const except = (io: Io, ref: string, options: ExceptOption): Promise<Outcome> =>
  exceptOne(io, ref, options, async (client, ref, terms) => {
    const json = { ref, ...terms };
    const routes = client.v1.incidents[':incident'].descendants;
    return {
      ...(await unwrap(routes.exceptions.$post({ ...incidentParam(options), json }))),
      until: terms.until,
    };
  });

interface FindingsOption extends IncidentOption, PageOption {
  rule?: string;
  severity?: string;
  kind?: string;
}

async function findings(io: Io, options: FindingsOption): Promise<Outcome> {
  const client = await io.client();
  const { rule, severity, kind } = options;
  const query = { ...given({ rule, severity, ruleKind: kind }), ...pageOf(options) } as Parameters<
    (typeof client.v1.incidents)[':incident']['findings']['$get']
  >[0]['query'];
  const page = await unwrap(
    client.v1.incidents[':incident'].findings.$get({ ...incidentParam(options), query }),
  );
  const rows = page.findings.map(({ event, severity: level, title, techniques }) => [
    moment(event.at),
    level === 'high' || level === 'critical' ? bad(level) : level,
    bold(title),
    event.actor || '-',
    event.address || '-',
    event.code || '-',
    techniques.join(' ') || '-',
    `${placeOf(event)} ${proofOf(event)}`,
  ]);
  return {
    json: page,
    print: (paper) => {
      if (rows.length === 0) paper.line('None.');
      else paper.table(left('when', 'level', 'what', 'who', 'from', 'event', 'technique', 'proof'), rows);
      if (page.next !== null) paper.space().line(dim(`more: --after ${page.next}`));
    },
  };
}

export const addHuntCommands: AddCommands = (program, bind) => {
  const group = program.command('hunt').description('what they did, what they made, what they read');
  examples(group, [
    ['firebreak hunt ioc', "the advisory's indicators in every log"],
    ['firebreak hunt descendants', 'what exposed principals made, transitively'],
    ['firebreak hunt access', 'what they read, and what can not be ruled out'],
    ['firebreak hunt timeline', 'all of it in one order, beside our own acts'],
  ]);
  addSearching(group, bind);
  addClosing(group, bind);
  addSigmaCommand(group, bind);
  addAccessCommands(group, bind);
};

function addSearching(group: Command, bind: Bind): void {
  const looking = group
    .command('ioc')
    .description("look for the advisory's indicators in every event of every source")
    .option('--stix <file...>', 'and for those of STIX 2.1 bundles')
    .option('--advisory <id...>', "instead of the incident's own advisory");
  examples(withPeriod(withIncident(looking)).action(bind(ioc)), [
    ['firebreak hunt ioc', 'addresses, domains, hashes, user agents, names'],
    [
      'firebreak hunt ioc --stix indicators.json --from 2023-11-14 --to 2023-11-27',
      'a bundle too; the period is what a no is said of',
    ],
  ]);
  const following = group
    .command('descendants')
    .description('find what exposed principals made, and what that made; credentials among it are exposed')
    .option('--principal <name...>', 'a user, e-mail address or key id (default: all exposed credentials)');
  examples(withPeriod(withIncident(following)).action(bind(descendants)), [
    ['firebreak hunt descendants', 'from the exposed credentials on'],
    ['firebreak hunt descendants --principal smartsheet_svc --from 2023-11-14', 'from one account on'],
  ]);
  const finding = group
    .command('findings')
    .description('what rules and indicators found, by time')
    .option('--rule <id>', 'of this rule or indicator')
    .option('--severity <level>', 'informational, low, medium, high or critical')
    .option('--kind <kind>', 'sigma or indicator');
  examples(withPage(withIncident(finding)).action(bind(findings)), [
    ['firebreak hunt findings --severity high', 'the most telling ones'],
  ]);
}

function addClosing(group: Command, bind: Bind): void {
  const listing = group
    .command('made')
    .description('what was found to be made, a page at a time')
    .option('--state <state>', 'outstanding, contained or excepted')
    .option('--kind <kind>', 'such as account or group-membership');
  examples(withPage(withIncident(listing)).action(bind(made)), [
    ['firebreak hunt made --state outstanding', 'what is not yet contained'],
  ]);
  examples(
    withIncident(
      group
        .command('contained')
        .argument('<descendant...>', 'ids, or names that only one has')
        .description('say that something that was made is contained, and what shows it')
        .requiredOption('--because <text>', 'what was done, and what shows it')
        .option('--at <time>', 'when it was done (default: now)'),
    ).action(bind(contained)),
    [
      [
        'firebreak hunt contained julian.hartwell --because "disabled, Jira audit 2023-11-23 17:23" --at 2023-11-23T17:23Z',
        'made anew after that, it is outstanding again',
      ],
    ],
  );
  addExcept(
    group,
    bind,
    {
      argument: '<descendant>',
      description: 'except something that was made: signed, with an approver and an end',
      reason: 'why it stays',
      example: [
        'firebreak hunt except dsc_0123456789abcdef --reason "a group that we need" --approver dana --until 30d',
        'one descendant',
      ],
    },
    except,
  );
}
