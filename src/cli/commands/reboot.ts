/** `firebreak reboot`: restart every host in safe waves, and prove it of each. */

import type { Command } from 'commander';
import type { RebootView } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
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
import { addExcept, type ExceptOption, exceptEach } from '../exceptions.ts';
import { followReboot } from '../follow.ts';
import type { Io } from '../io.ts';
import { bad, bold } from '../paper.ts';
import { addApprove, addControl, onPlan, type PlanNoun, planOf } from '../plan-verbs.ts';
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

const reboots: PlanNoun<RebootView> = {
  noun: 'reboot',
  example: 'rbt_7m2k9q4x1c8d',
  newest: async (client, options) => {
    const { plans } = await unwrap(client.v1.incidents[':incident'].reboots.$get(incidentParam(options)));
    return plans.at(-1)?.planId;
  },
  follow: followReboot,
  outcomeOf,
  words: {
    work: 'a plan',
    rests: 'when the hosts that are being restarted are back',
    leaves: 'what is not restarted',
    retries: 'see to failed and unproven hosts',
    retried: 'a host that came back late, or was installed anew by hand, is proven now',
  },
};

/** 0 only when every host of the plan is proven and none was left out of it. */
function outcomeOf(view: RebootView): Outcome {
  return { json: view, print: (paper) => printReboot(paper, view), exitCode: isDone(view) ? 0 : 1 };
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
  exceptEach(io, hosts, options, (client, host, terms) =>
    unwrap(
      client.v1.incidents[':incident'].reboots.exceptions.$post({
        ...incidentParam(options),
        json: { host, ...terms },
      }),
    ),
  );

async function show(
  io: Io,
  named: string | undefined,
  options: IncidentOption & PageOption & { outstanding?: boolean },
): Promise<Outcome> {
  const client = await io.client();
  const param = { plan: await planOf(io, reboots, named, options) };
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
  addApprove(group, bind, reboots);
}

function addActing(group: Command, bind: Bind): void {
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
  addExcept(
    group,
    bind,
    {
      argument: '<host...>',
      description: 'leave hosts out of what is outstanding until a day, signed into the ledger',
      reason: 'why they can not be restarted now',
      example: [
        'firebreak reboot except db-lis-014 --reason "its disk is at the forensic lab" --approver dana --until 30d',
        'outstanding again after that day',
      ],
    },
    except,
  );
  addControl(group, bind, reboots);
}
