/** `firebreak triage collect|resume|retry|pause|cancel`: examines hosts, and follows it until it rests. */
import type { Command } from 'commander';
import type { HostImportView } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { describeFault } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import { type Bind, examples, type IncidentOption, incidentParam, usage, withIncident } from '../command.ts';
import { followCollection } from '../follow.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, warn } from '../paper.ts';
import { periodOf } from '../period.ts';
import { printHostCensus, printOutstanding } from '../views/triage.ts';
import type { Outcome } from '../world.ts';

interface SelectOption {
  hosts?: string[];
  role?: string[];
  site?: string[];
  environment?: string[];
}

interface CollectOption extends IncidentOption, SelectOption {
  cost: string;
  artifact?: string[];
  since?: string;
  follow: boolean;
}

const collectionParam = (options: IncidentOption, collection = 'latest') => ({
  param: { ...incidentParam(options).param, collection },
});

/** Follows the collection until it rests, and says what is left. */
async function follow(
  io: Io,
  options: IncidentOption,
  collection: string,
  lists: readonly HostImportView[] = [],
): Promise<Outcome> {
  const client = await io.client();
  const { param } = collectionParam(options, collection);
  const progress = await followCollection(io, param);
  const status = await unwrap(client.v1.incidents[':incident'].triage.$get(incidentParam(options)));
  const rejected = lists.reduce((sum, list) => sum + list.rejected, 0);
  return {
    json: { collection: progress, lists, outstanding: status.outstanding },
    print: (paper) => {
      paper.line(
        bold(progress.id),
        `  ${progress.status}${progress.statusReason === null ? '' : `: ${progress.statusReason}`}`,
      );
      printHostCensus(paper, progress.census);
      for (const fault of lists.flatMap(({ rejects }) => rejects))
        paper.line('  ', bad('no host'), `  ${describeFault(fault)}`);
      printOutstanding(paper, status.outstanding, status.systems.outstanding);
      if (progress.status === 'finished')
        paper.line(dim('what differs from its peers: firebreak triage stack'));
      else paper.line(dim(`go on: firebreak triage resume ${progress.id}`));
    },
    exitCode: progress.census.outstanding > 0 || progress.status !== 'finished' || rejected > 0 ? 1 : 0,
  };
}

async function collect(io: Io, options: CollectOption): Promise<Outcome> {
  const client = await io.client();
  const json = {
    ...lists({
      hosts: options.hosts,
      roles: options.role,
      sites: options.site,
      environments: options.environment,
    }),
    cost: costOf(options.cost),
    artifacts: options.artifact ?? [],
    ...(options.since === undefined ? {} : { since: sinceOf(options.since) }),
  };
  const begun = await unwrap(
    client.v1.incidents[':incident'].collections.$post({ ...incidentParam(options), json }),
  );
  io.say(`Collection ${begun.id}: ${plural(begun.hosts, 'system')}, each accounted for from now on.`);
  return follow(io, options, begun.id, begun.lists);
}

const lists = (options: Record<string, string[] | undefined>) =>
  Object.fromEntries(Object.entries(options).filter(([, list]) => list !== undefined && list.length > 0));

export function costOf(typed: string): 'light' | 'full' {
  if (typed === 'light' || typed === 'full') return typed;
  throw usage('--cost', 'light or full', typed);
}

export function sinceOf(typed: string): string {
  const { from } = periodOf({ from: typed });
  return from ?? '';
}

async function resume(io: Io, id: string | undefined, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const { id: collection } = await unwrap(
    client.v1.incidents[':incident'].collections[':collection'].resume.$post(collectionParam(options, id)),
  );
  return follow(io, options, collection);
}

async function retry(io: Io, id: string | undefined, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const { reopened, progress } = await unwrap(
    client.v1.incidents[':incident'].collections[':collection'].retry.$post(collectionParam(options, id)),
  );
  io.say(`${plural(reopened, 'system')} once more.`);
  return follow(io, options, progress.id);
}

async function rest(
  io: Io,
  verb: 'pause' | 'cancel',
  id: string | undefined,
  options: IncidentOption,
): Promise<Outcome> {
  const client = await io.client();
  const routes = client.v1.incidents[':incident'].collections[':collection'];
  const progress = await unwrap(routes[verb].$post(collectionParam(options, id)));
  const word = verb === 'pause' ? 'pausing' : 'ending';
  return {
    json: progress,
    print: (paper) => paper.line(warn(word), `  ${progress.id}: the hosts under way come first`),
  };
}

export function addCollecting(group: Command, bind: Bind): void {
  addCollect(group, bind);
  addControl(group, bind);
}

function addCollect(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group
        .command('collect')
        .description('examine hosts over SSH: the census is fixed first, then each host gets one verdict')
        .option('--hosts <pattern...>', 'names, with * and ?')
        .option('--role <pattern...>', 'roles, with * and ?')
        .option('--site <pattern...>', 'sites')
        .option('--environment <pattern...>', 'environments')
        .option('--cost <class>', 'light (less than a second on the host) or full', 'full')
        .option('--artifact <id...>', 'only these artifacts')
        .option('--since <time>', 'list files changed since then (default: the begin of the breach)'),
    ).action(bind(collect)),
    [
      ['firebreak triage collect', 'every host'],
      ['firebreak triage collect --role "atlassian*" --hosts "ci-??"', 'those of a role whose names fit'],
      ['firebreak triage collect --cost light', 'a first look'],
    ],
  );
}

function addControl(group: Command, bind: Bind): void {
  const verbs: [
    string,
    string,
    (io: Io, id: string | undefined, options: IncidentOption) => Promise<Outcome>,
  ][] = [
    ['resume', 'go on with a collection that was paused, stopped or interrupted', resume],
    ['retry', 'ask once more the hosts that are not examined', retry],
    ['pause', 'rest after the hosts that are under way', (io, id, options) => rest(io, 'pause', id, options)],
    [
      'cancel',
      'end; what was not attempted stays outstanding',
      (io, id, options) => rest(io, 'cancel', id, options),
    ],
  ];
  for (const [verb, what, act] of verbs)
    examples(
      withIncident(
        group.command(verb).argument('[collection]', 'its id (default: the latest)').description(what),
      ).action(bind(act)),
      [[`firebreak triage ${verb}`, 'the latest collection']],
    );
}
