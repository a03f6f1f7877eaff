/** `firebreak reboot`: restart every host in safe waves, and prove it of each. */

import type { Command } from 'commander';
import type { RebootView } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import {
  type AddCommands,
  type Bind,
  examples,
  type IncidentOption,
  incidentParam,
  type PageOption,
  pageOf,
  withIncident,
  withPage,
} from '../command.ts';
import { type ExceptOption, exceptHosts } from '../except-hosts.ts';
import { followReboot, patiently } from '../follow.ts';
import { number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, good, warn } from '../paper.ts';
import {
  isDone,
  printReboot,
  printRebootMembers,
  printRebootPlan,
  printRebootStatus,
} from '../views/reboot.ts';
import { waitFor } from '../wait-for.ts';
import type { Outcome } from '../world.ts';

interface PlanOption extends IncidentOption {
  hosts?: string[];
  role?: string[];
  site?: string[];
  environment?: string[];
}

async function plan(io: Io, options: PlanOption): Promise<Outcome> {
  const client = await io.client();
  const { hosts = [], role = [], site = [], environment = [] } = options;
  const json = { hosts, roles: role, sites: site, environments: environment };
  const made = await waitFor(io, 'Planning', () =>
    unwrap(client.v1.incidents[':incident'].reboots.$post({ ...incidentParam(options), json })),
  );
  const rejected = made.lists.reduce((sum, one) => sum + one.rejected, 0);
  return {
    json: made,
    print: (paper) => {
      printRebootPlan(paper, made.plan);
      if (rejected > 0)
        paper.line(bad(`${plural(rejected, 'record')} of the lists of hosts could not be read`));
      paper
        .space()
        .line(
          'Nothing was asked of any host. Next: ',
          bold(`firebreak reboot approve ${made.plan.id} --approver NAME`),
        );
    },
    exitCode: made.plan.unplannable.total + rejected > 0 ? 1 : 0,
  };
}

/** The plan that was named, or the newest of the incident. Throws not_found when there is none. */
async function planId(io: Io, id: string | undefined, options: IncidentOption): Promise<string> {
  if (id !== undefined) return id;
  const client = await io.client();
  const { plans } = await unwrap(client.v1.incidents[':incident'].reboots.$get(incidentParam(options)));
  const newest = plans.at(-1)?.planId;
  if (newest === undefined)
    throw new FirebreakError('not_found', 'the incident has no reboot plan yet: firebreak reboot plan');
  return newest;
}

async function approve(
  io: Io,
  named: string | undefined,
  options: IncidentOption & { approver: string },
): Promise<Outcome> {
  const client = await io.client();
  const id = await planId(io, named, options);
  const { approver } = options;
  const count = await unwrap(
    client.v1.reboots[':plan'].approvals.$post({ param: { plan: id }, json: { approver } }),
  );
  const missing = Math.max(0, count.needed - count.approvals);
  return {
    json: { plan: id, approver, ...count, missing },
    print: (paper) => {
      paper.line(good('approved'), `  ${id} by ${approver}: ${count.approvals} of ${count.needed}`);
      if (missing > 0) paper.line(warn(`${missing} more needed before it can be applied`));
      else paper.line('Next: ', bold(`firebreak reboot apply ${id}`));
    },
  };
}

type Waiting = IncidentOption & { wait: boolean };

/** 0 only when every host of the plan is proven and none was left out of it. */
function outcomeOf(view: RebootView): Outcome {
  return { json: view, print: (paper) => printReboot(paper, view), exitCode: isDone(view) ? 0 : 1 };
}

async function apply(io: Io, named: string | undefined, options: Waiting): Promise<Outcome> {
  const client = await io.client();
  const id = await planId(io, named, options);
  const progress = await patiently(() =>
    unwrap(client.v1.reboots[':plan'].apply.$post({ param: { plan: id } })),
  );
  if (options.wait) return outcomeOf(await followReboot(io, id));
  const served = io.servedAt();
  return {
    json: progress,
    print: (paper) => {
      paper.line(good('started'), `  ${id}`);
      if (served === undefined)
        paper.line(
          warn(
            'This process ends now, and it was the one at work: firebreak serve or firebreak worker goes on.',
          ),
        );
      paper.line('Watch it: ', bold(`firebreak reboot status ${id}`));
    },
    exitCode: 1,
  };
}

async function retry(io: Io, named: string | undefined, options: Waiting): Promise<Outcome> {
  const client = await io.client();
  const id = await planId(io, named, options);
  const { reopened, progress } = await unwrap(
    client.v1.reboots[':plan'].retry.$post({ param: { plan: id } }),
  );
  io.say(`${number(reopened)} of ${number(progress.total)} go on from where each stands`);
  if (options.wait) return outcomeOf(await followReboot(io, id));
  return {
    json: { reopened, progress },
    print: (paper) => paper.line('Watch it: ', bold(`firebreak reboot status ${id}`)),
    exitCode: 1,
  };
}

async function status(io: Io, id: string | undefined, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  if (id !== undefined)
    return outcomeOf(await unwrap(client.v1.reboots[':plan'].$get({ param: { plan: id } })));
  const all = await unwrap(client.v1.incidents[':incident'].reboots.$get(incidentParam(options)));
  return {
    json: all,
    print: (paper) => printRebootStatus(paper, all),
    exitCode: all.census.outstanding === 0 ? 0 : 1,
  };
}

const except = (io: Io, hosts: string[], options: ExceptOption): Promise<Outcome> =>
  exceptHosts(io, hosts, options, (client, json) =>
    unwrap(client.v1.incidents[':incident'].reboots.exceptions.$post({ ...incidentParam(options), json })),
  );

async function show(
  io: Io,
  named: string | undefined,
  options: IncidentOption & PageOption & { outstanding?: boolean },
): Promise<Outcome> {
  const client = await io.client();
  const param = { plan: await planId(io, named, options) };
  const { plan: found } = await unwrap(client.v1.reboots[':plan'].$get({ param }));
  const query = { ...pageOf(options), ...(options.outstanding ? { outstanding: 'true' as const } : {}) };
  const page = await unwrap(client.v1.reboots[':plan'].members.$get({ param, query }));
  return {
    json: { plan: found, ...page },
    print: (paper) => {
      printRebootPlan(paper, found);
      printRebootMembers(paper, page);
    },
  };
}

async function rest(
  io: Io,
  verb: 'pause' | 'cancel',
  named: string | undefined,
  options: IncidentOption,
): Promise<Outcome> {
  const client = await io.client();
  const id = await planId(io, named, options);
  const progress = await unwrap(client.v1.reboots[':plan'][verb].$post({ param: { plan: id } }));
  const words =
    verb === 'pause'
      ? `${id} rests when the hosts that are being restarted are back. To go on: firebreak reboot apply ${id}`
      : `${id}: what is not restarted stays outstanding. To plan it again: firebreak reboot plan`;
  return {
    json: progress,
    print: (paper) => paper.line(warn(verb === 'pause' ? 'pausing' : 'cancelled'), `  ${words}`),
  };
}

/** A verb on one plan: the newest of the incident where none is named. */
const onPlan = (group: Command, verb: string, description: string): Command =>
  withIncident(group.command(verb).argument('[plan]', 'default: the newest').description(description));

export const addRebootCommands: AddCommands = (program, bind) => {
  const group = program
    .command('reboot')
    .description('restart every host in safe waves, and prove it of each');
  examples(group, [
    ['firebreak reboot plan', 'which host in which wave'],
    ['firebreak reboot apply PLAN', 'do it'],
    ['firebreak reboot status PLAN', 'who is not proven, and why'],
  ]);
  addPlanning(group, bind);
  addActing(group, bind);
};

function addPlanning(group: Command, bind: Bind): void {
  examples(
    withIncident(group.command('plan').description('plan the restart; nothing is asked of any host'))
      .option('--hosts <names...>', 'only these; * and ? stand for any text and one character')
      .option('--role <names...>', 'only hosts of these roles')
      .option('--site <names...>', 'only hosts of these sites')
      .option('--environment <names...>', 'only hosts of these environments')
      .action(bind(plan)),
    [
      ['firebreak reboot plan', 'every host of which a restart is expected'],
      ['firebreak reboot plan --environment staging', 'staging first'],
    ],
  );
  examples(
    withPage(
      onPlan(group, 'show', 'a plan and its hosts, a page at a time').option(
        '--outstanding',
        'only hosts that are not proven',
      ),
    ).action(bind(show)),
    [
      ['firebreak reboot show', 'the newest plan'],
      ['firebreak reboot show --outstanding', 'who is left, and why'],
    ],
  );
  examples(
    onPlan(group, 'approve', 'approve a plan as it stands; the approval is signed into the ledger')
      .requiredOption('--approver <name>', 'who approves')
      .action(bind(approve)),
    [['firebreak reboot approve rbt_7m2k9q4x1c8d --approver dana', 'one approval']],
  );
}

function addActing(group: Command, bind: Bind): void {
  examples(
    onPlan(group, 'apply', 'start a plan, or continue one that was paused, stopped or interrupted')
      .option('--no-wait', 'return at once')
      .action(bind(apply)),
    [['firebreak reboot apply rbt_7m2k9q4x1c8d', 'Ctrl-C pauses it; the same command goes on']],
  );
  examples(
    withIncident(
      group
        .command('status')
        .argument('[plan]')
        .description('how far a plan is; without one, every host of the incident by how it stands'),
    ).action(bind(status)),
    [
      ['firebreak reboot status', 'exit code 1, and the list, while a host is not proven'],
      ['firebreak reboot status rbt_7m2k9q4x1c8d', 'the same of one plan'],
    ],
  );
  examples(
    withIncident(
      group
        .command('except')
        .argument('<host...>')
        .description('leave hosts out of what is outstanding until a day, signed into the ledger'),
    )
      .requiredOption('--reason <text>', 'why they can not be restarted now')
      .requiredOption('--approver <name>', 'who answers for it')
      .requiredOption('--until <day>', 'when they are outstanding again')
      .action(bind(except)),
    [
      [
        'firebreak reboot except db-lis-014 --reason "its disk is at the forensic lab" --approver dana --until 2026-12-15',
        'outstanding again after that day',
      ],
    ],
  );
  examples(
    onPlan(group, 'pause', 'rest when the hosts that are being restarted are back').action(
      bind((io: Io, named: string | undefined, options: IncidentOption) => rest(io, 'pause', named, options)),
    ),
    [['firebreak reboot pause', 'go on with: firebreak reboot apply']],
  );
  examples(
    onPlan(group, 'cancel', 'end it; what is not restarted stays outstanding').action(
      bind((io: Io, named: string | undefined, options: IncidentOption) =>
        rest(io, 'cancel', named, options),
      ),
    ),
    [['firebreak reboot cancel', 'then: firebreak reboot plan']],
  );
  examples(
    onPlan(group, 'retry', 'see to failed and unproven hosts once more, from where each stands')
      .option('--no-wait', 'return at once')
      .action(bind(retry)),
    [['firebreak reboot retry', 'a host that came back late, or was installed anew by hand, is proven now']],
  );
}
