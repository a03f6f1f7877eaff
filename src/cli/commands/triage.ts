/** `firebreak triage`: examine every system, account for each, find the one that differs. */
import type { Command } from 'commander';
import { StackResult, TriageImportResult } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import {
  type AddCommands,
  type Bind,
  examples,
  given,
  type IncidentOption,
  incidentParam,
  type PageOption,
  pageOf,
  usage,
  withIncident,
  withPage,
} from '../command.ts';
import { addExcept, type ExceptOption, exceptEach } from '../exceptions.ts';
import { followJob } from '../follow.ts';
import { moment } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good, warn } from '../paper.ts';
import { type PeriodOption, periodOf, withPeriod } from '../period.ts';
import { printHost, printStack, printTriageImport, printTriageStatus } from '../views/triage.ts';
import type { Outcome } from '../world.ts';
import { addCollecting, costOf, sinceOf } from './triage-collect.ts';
import { addSurvived } from './triage-survived.ts';

async function status(io: Io, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const result = await unwrap(client.v1.incidents[':incident'].triage.$get(incidentParam(options)));
  const isOpen = result.systems.outstanding > 0 || result.systems.unfinished > 0;
  return { json: result, print: (paper) => printTriageStatus(paper, result), exitCode: isOpen ? 1 : 0 };
}

interface HostsOption extends IncidentOption, PageOption {
  state?: string;
}

async function hosts(io: Io, options: HostsOption): Promise<Outcome> {
  const client = await io.client();
  const query = { ...given({ state: options.state }), ...pageOf(options) } as Parameters<
    (typeof client.v1.incidents)[':incident']['hosts']['$get']
  >[0]['query'];
  const page = await unwrap(
    client.v1.incidents[':incident'].hosts.$get({ ...incidentParam(options), query }),
  );
  const rows = page.hosts.map((one) => [
    bold(one.host),
    one.role,
    one.state === 'examined' ? good(one.state) : one.state === 'excepted' ? warn(one.state) : bad(one.state),
    one.score,
    one.why ?? moment(one.at),
  ]);
  return {
    json: page,
    print: (paper) => {
      if (rows.length === 0) paper.line('None.');
      else
        paper.table(
          ['host', 'role', 'state', 'score', 'why, or when'].map((title) => ({ title })),
          rows,
        );
      if (page.next !== null) paper.space().line(dim(`more: --after '${page.next}'`));
    },
  };
}

async function show(
  io: Io,
  host: string,
  options: IncidentOption & { artifact?: string; limit: string },
): Promise<Outcome> {
  const client = await io.client();
  const query = { host, limit: options.limit, ...given({ artifact: options.artifact }) };
  const report = await unwrap(
    client.v1.incidents[':incident'].host.$get({ ...incidentParam(options), query }),
  );
  return {
    json: report,
    print: (paper) => printHost(paper, report),
    exitCode: report.host.state === 'examined' || report.host.state === 'excepted' ? 0 : 1,
  };
}

interface StackOption extends IncidentOption, PeriodOption {
  collection?: string;
  role?: string;
  artifact?: string;
  host?: string;
  baseline?: string[];
  sigma?: string[];
  limit: string;
}

async function stack(
  io: Io,
  { limit, baseline = [], sigma = [], ...options }: StackOption,
): Promise<Outcome> {
  const rows = Number(limit);
  if (!Number.isInteger(rows) || rows < 1) throw usage('--limit', 'a whole number', limit);
  const client = await io.client();
  const { collection, role, artifact, host } = options;
  const json = {
    ...given({ collection, role, artifact, host }),
    ...periodOf(options),
    baseline,
    sigma: sigma.map(io.path),
    limit: rows,
  };
  const { job } = await unwrap(
    client.v1.incidents[':incident'].stack.$post({ ...incidentParam(options), json }),
  );
  const result = await followJob(io, job, {
    title: 'Comparing',
    schema: StackResult,
    again: 'firebreak triage stack',
  });
  return { json: result, print: (paper) => printStack(paper, result) };
}

interface ImportOption extends IncidentOption {
  host?: string;
  table?: string;
  collection?: string;
  apart?: boolean;
}

async function importFile(io: Io, typed: string, options: ImportOption): Promise<Outcome> {
  const client = await io.client();
  const { host, table, collection, apart = false } = options;
  const json = { file: io.path(typed), ...given({ host, table, collection }), apart };
  const { job } = await unwrap(
    client.v1.incidents[':incident'].collections.imports.$post({ ...incidentParam(options), json }),
  );
  const again = `firebreak triage import ${typed}`;
  const result = await followJob(io, job, { title: 'Importing', schema: TriageImportResult, again });
  return {
    json: result,
    print: (paper) => printTriageImport(paper, result),
    exitCode:
      result.rejected > 0 || result.skipped.length > 0 || result.hosts.some((one) => one.state !== 'examined')
        ? 1
        : 0,
  };
}

async function script(io: Io, options: { cost: string; since?: string }): Promise<Outcome> {
  const client = await io.client();
  const query = {
    cost: costOf(options.cost),
    ...(options.since === undefined ? {} : { since: sinceOf(options.since) }),
  };
  const result = await unwrap(client.v1.collector.$get({ query }));
  if (io.json) return { json: result, print: () => {} };
  io.say(dim(`sha256 ${result.sha256}`));
  // A script is no text for people: not one of its characters may be changed on the way.
  io.world.stdout.write(result.script);
  return { json: result, print: () => {} };
}

const except = (io: Io, hosts: string[], options: ExceptOption): Promise<Outcome> =>
  exceptEach(io, hosts, options, (client, host, terms) =>
    unwrap(
      client.v1.incidents[':incident'].hosts.exceptions.$post({
        ...incidentParam(options),
        json: { host, ...terms },
      }),
    ),
  );

export const addTriageCommands: AddCommands = (program, bind) => {
  const group = program
    .command('triage')
    .description('examine every system, account for each, find the one that differs');
  examples(group, [
    ['firebreak triage collect', 'examine every host that firebreak.yaml and the inventory name'],
    ['firebreak triage status', 'who did not answer, and why; exit 1 while somebody is outstanding'],
    ['firebreak triage stack', 'which one differs from its peers'],
  ]);
  addCollecting(group, bind);
  addLooking(group, bind);
  addByHand(group, bind);
};

function addLooking(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group.command('status').description('the census of systems, and each that is outstanding'),
    ).action(bind(status)),
    [['firebreak triage status', 'exit 1 while anything is outstanding']],
  );
  const listing = group
    .command('hosts')
    .description('hosts with the verdict on each, a page at a time')
    .option('--state <state>', 'examined, partial, refused, unreachable, not-attempted or excepted');
  examples(withPage(withIncident(listing)).action(bind(hosts)), [
    ['firebreak triage hosts --state unreachable', 'who did not answer'],
  ]);
  examples(
    withIncident(
      group
        .command('show')
        .argument('<host>')
        .description('one host: verdict, what stands out, facts, and how to check its raw output')
        .option('--artifact <id>', 'only the facts of this artifact')
        .option('--limit <n>', 'facts to list', '200'),
    ).action(bind(show)),
    [['firebreak triage show wiki-1 --artifact cron', 'its scheduled jobs']],
  );
  const stacking = group
    .command('stack')
    .description(
      'what differs from its peers: rare, missing, recent, owned by exposed principals, an indicator',
    )
    .option('--collection <id>', 'this collection (default: the latest)')
    .option('--role <role>', 'only systems of this role')
    .option('--artifact <id>', 'only this artifact')
    .option('--host <name>', 'only this host against its peers')
    .option('--baseline <host...>', 'known-good hosts: what they have is no outlier')
    .option('--sigma <path...>', 'also match processes with these Sigma rules (files or folders)')
    .option('--limit <n>', 'outliers to list', '50');
  examples(withPeriod(withIncident(stacking)).action(bind(stack)), [
    ['firebreak triage stack', 'the whole fleet'],
    ['firebreak triage stack --role web --baseline web-golden', 'less what a known-good host has'],
  ]);
  addSurvived(group, bind);
}

function addByHand(group: Command, bind: Bind): void {
  examples(
    group
      .command('script')
      .description('the collector as a script, for a host that can not be reached from here')
      .option('--cost <class>', 'light or full', 'full')
      .option('--since <time>', 'list files changed since then')
      .action(bind(script)),
    [['firebreak triage script > collect.sh', 'on the host: sh collect.sh > host.out']],
  );
  examples(
    withIncident(
      group
        .command('import')
        .argument('<file>', "our script's output, osquery results, Velociraptor rows; told by its content")
        .description('take in a collection that was made elsewhere; its custody says so')
        .option('--host <name>', 'whose it is, where the file does not say')
        .option('--table <name>', 'the table or artifact, where the file does not say')
        .option('--collection <id>', 'into this collection (default: the latest)')
        .option('--apart', 'into a collection of its own'),
    ).action(bind(importFile)),
    [
      ['firebreak triage import host.out', "our script's output"],
      ['firebreak triage import osqueryd.results.log', 'what osquery logged'],
    ],
  );
  addExcept(
    group,
    bind,
    {
      argument: '<host...>',
      description: 'leave out hosts that can not be examined: signed, with an approver and an end',
      reason: 'why it can not be examined now',
      example: [
        'firebreak triage except branch-17 --reason "site is closed" --approver dana --until 30d',
        'one host',
      ],
    },
    except,
  );
}
