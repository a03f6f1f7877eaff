/** `firebreak rotate`: plan, approve, apply, watch, prove. */
import type { Command } from 'commander';
import type { CampaignView } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
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
import { followCampaign } from '../follow.ts';
import { percent } from '../format.ts';
import type { Io } from '../io.ts';
import { bold, dim } from '../paper.ts';
import { addApprove, addControl, onPlan, type PlanNoun, planOf } from '../plan-verbs.ts';
import { isDone, printCampaign, printPlan, printProof, toneOf } from '../views/rotation.ts';
import { waitFor } from '../wait-for.ts';
import type { Outcome } from '../world.ts';

async function plan(io: Io, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const made = await waitFor(io, 'Planning', () =>
    unwrap(client.v1.incidents[':incident'].rotations.$post(incidentParam(options))),
  );
  return {
    json: made,
    print: (paper) => {
      printPlan(paper, made);
      paper
        .space()
        .line(
          'Nothing was changed at any system. Next: ',
          bold(`firebreak rotate approve ${made.id} --approver NAME`),
        );
    },
    exitCode: made.unplannable.total > 0 ? 1 : 0,
  };
}

const rotations: PlanNoun<CampaignView> = {
  noun: 'rotate',
  example: 'cmp_7m2k9q4x1c8d',
  newest: async (client, options) => {
    const { campaigns } = await unwrap(
      client.v1.incidents[':incident'].rotations.$get(incidentParam(options)),
    );
    return campaigns.at(-1)?.planId;
  },
  follow: followCampaign,
  outcomeOf,
  words: {
    work: 'the campaign',
    rests: 'after the batches that are under way',
    leaves: 'what is not done',
    retries: 'run failed and unproven members',
    retried: 'only those that are in trouble',
  },
};

/** 0 only when every member of the plan is proven dead. */
function outcomeOf(campaign: CampaignView): Outcome {
  return {
    json: campaign,
    print: (paper) => printCampaign(paper, campaign),
    exitCode: isDone(campaign.progress) ? 0 : 1,
  };
}

interface ShowOption extends PageOption, IncidentOption {
  members?: boolean;
}

async function show(io: Io, named: string | undefined, options: ShowOption): Promise<Outcome> {
  const client = await io.client();
  const id = await planOf(io, rotations, named, options);
  const param = { plan: id };
  const found = await unwrap(client.v1.rotations[':plan'].$get({ param }));
  const page = options.members
    ? await unwrap(client.v1.rotations[':plan'].members.$get({ param, query: pageOf(options) }))
    : null;
  return {
    json: { ...found, ...(page ?? {}) },
    print: (paper) => {
      printPlan(paper, found.plan);
      paper.space().fields([
        ['status', toneOf(found.progress.status)],
        ['approved by', found.approvals.map(({ approver }) => approver).join(', ') || 'nobody yet'],
        ['plan digest', dim(found.planDigest)],
      ]);
      if (!page) {
        paper.line(dim('its numbered steps: --members'));
        return;
      }
      const rows = page.members.map((one) => [
        one.ordinal,
        one.wave,
        one.batch,
        bold(one.ref),
        one.stage,
        one.status,
      ]);
      const right = (title: string) => ({ title, align: 'right' as const });
      paper.heading('Steps');
      paper.table(
        [
          right('step'),
          right('wave'),
          right('batch'),
          { title: 'ref' },
          { title: 'stage' },
          { title: 'status' },
        ],
        rows,
      );
      if (page.next !== null) paper.line(dim(`more: --after ${page.next}`));
    },
  };
}

async function status(io: Io, id: string | undefined, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  if (id !== undefined)
    return outcomeOf(await unwrap(client.v1.rotations[':plan'].$get({ param: { plan: id } })));
  const { campaigns } = await unwrap(client.v1.incidents[':incident'].rotations.$get(incidentParam(options)));
  const right = (title: string) => ({ title, align: 'right' as const });
  const rows = campaigns.map((one) => [
    bold(one.planId),
    toneOf(one.status),
    one.total,
    one.done,
    one.failed + one.indeterminate,
    percent(one.steps.reached, one.steps.total),
    one.statusReason ?? '',
  ]);
  const columns = [
    { title: 'plan' },
    { title: 'status' },
    right('credentials'),
    right('proven dead'),
    right('in trouble'),
    right('stages'),
    { title: '' },
  ];
  return {
    json: { campaigns },
    print: (paper) =>
      campaigns.length === 0 ? paper.line('No plan yet: firebreak rotate plan') : paper.table(columns, rows),
    exitCode: campaigns.every(isDone) ? 0 : 1,
  };
}

async function prove(io: Io, ref: string, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const proof = await unwrap(
    client.v1.incidents[':incident'].proof.$get({ ...incidentParam(options), query: { ref } }),
  );
  return {
    json: proof,
    print: (paper) => printProof(paper, proof),
    exitCode: proof.signatureValid && proof.included ? 0 : 1,
  };
}

export const addRotateCommands: AddCommands = (program, bind) => {
  const group = program
    .command('rotate')
    .description('replace exposed credentials and prove the old ones dead');
  examples(group, [
    ['firebreak rotate plan', 'what would be done, in which order'],
    ['firebreak rotate apply PLAN', 'do it'],
    ['firebreak rotate prove core-db/password/billing', 'see the proof'],
  ]);
  addPlanning(group, bind);
  addActing(group, bind);
  examples(
    withIncident(
      group
        .command('prove')
        .argument('<ref>')
        .description('the proof that a credential is dead, checked anew'),
    ).action(bind(prove)),
    [
      ['firebreak rotate prove core-db/password/billing', 'what was tried, and what the system said'],
      [
        'firebreak rotate prove core-db/password/billing --json',
        'the in-toto statement and its DSSE envelope',
      ],
    ],
  );
};

function addPlanning(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group
        .command('plan')
        .description('plan the rotation of all that is outstanding; changes nothing at any system'),
    ).action(bind(plan)),
    [['firebreak rotate plan', 'planning is its own dry run: only "apply" acts']],
  );
  const showing = onPlan(group, 'show', 'a plan: order, waves, quotas, time, approvals');
  examples(
    withPage(showing.option('--members', 'also its numbered steps, a page at a time')).action(bind(show)),
    [
      ['firebreak rotate show', 'the newest plan'],
      ['firebreak rotate show cmp_7m2k9q4x1c8d --members', 'each credential in its order'],
    ],
  );
  addApprove(group, bind, rotations);
}

function addActing(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group
        .command('status')
        .argument('[plan]')
        .description('how far a campaign is; without a plan, all of the incident'),
    ).action(bind(status)),
    [
      ['firebreak rotate status', 'all plans of the incident'],
      ['firebreak rotate status cmp_7m2k9q4x1c8d', 'one, with the members in trouble and why'],
    ],
  );
  addControl(group, bind, rotations);
}
