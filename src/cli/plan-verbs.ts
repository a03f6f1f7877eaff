/** What every command does that works on a plan: `rotate` and `reboot` approve, apply, pause, cancel and retry alike. */
import type { Command } from 'commander';
import type { AnyPlanProgress, ApprovalCount } from '../api/contract.ts';
import { type Client, unwrap } from '../api/index.ts';
import { FirebreakError } from '../kernel/errors.ts';
import { type Action, type Bind, examples, type IncidentOption, withIncident } from './command.ts';
import { patiently } from './follow.ts';
import { number } from './format.ts';
import type { Io } from './io.ts';
import { bold, good, warn } from './paper.ts';
import type { Outcome } from './world.ts';

/** What a kind of plan adds: its noun, its words, and how its plans are found and shown. */
export interface PlanNoun<V> {
  noun: 'rotate' | 'reboot';
  /** An id, as the examples have it. */
  example: string;
  /** The newest plan of the incident. */
  newest(client: Client, options: IncidentOption): Promise<string | undefined>;
  /** Waits until the plan rests. */
  follow(io: Io, plan: string): Promise<V>;
  outcomeOf(view: V): Outcome;
  words: {
    /** What `apply` starts. */
    work: string;
    /** When a pause takes hold: `after the batches that are under way`. */
    rests: string;
    /** What a cancellation leaves: `what is not done`. */
    leaves: string;
    /** What a retry sees to, and to whom. */
    retries: string;
    retried: string;
  };
}

type Waiting = IncidentOption & { wait: boolean };
type Act<O> = (io: Io, named: string | undefined, options: O) => Promise<Outcome>;

const routesOf = (client: Client, noun: PlanNoun<unknown>['noun']) =>
  noun === 'rotate' ? client.v1.rotations[':plan'] : client.v1.reboots[':plan'];

/** The plan that was named, or the newest of the incident. Throws not_found when there is none. */
export async function planOf<V>(
  io: Io,
  { noun, newest }: PlanNoun<V>,
  named: string | undefined,
  options: IncidentOption,
): Promise<string> {
  const id = named ?? (await newest(await io.client(), options));
  if (id !== undefined) return id;
  throw new FirebreakError('not_found', `the incident has no plan yet: firebreak ${noun} plan`);
}

const approving =
  <V>(kind: PlanNoun<V>): Act<IncidentOption & { approver: string }> =>
  async (io, named, { approver, ...options }) => {
    const plan = await planOf(io, kind, named, options);
    const routes = routesOf(await io.client(), kind.noun);
    const count: ApprovalCount = await unwrap(
      routes.approvals.$post({ param: { plan }, json: { approver } }),
    );
    const missing = Math.max(0, count.needed - count.approvals);
    return {
      json: { plan, approver, ...count, missing },
      print: (paper) => {
        paper.line(good('approved'), `  ${plan} by ${approver}: ${count.approvals} of ${count.needed}`);
        if (missing > 0) paper.line(warn(`${missing} more needed before it can be applied`));
        else paper.line('Next: ', bold(`firebreak ${kind.noun} apply ${plan}`));
      },
    };
  };

const applying =
  <V>(kind: PlanNoun<V>): Act<Waiting> =>
  async (io, named, options) => {
    const plan = await planOf(io, kind, named, options);
    const routes = routesOf(await io.client(), kind.noun);
    const progress = await patiently(() => unwrap<AnyPlanProgress>(routes.apply.$post({ param: { plan } })));
    if (options.wait) return kind.outcomeOf(await kind.follow(io, plan));
    const served = io.servedAt();
    return {
      json: progress,
      print: (paper) => {
        paper.line(good('started'), `  ${plan}`);
        if (served === undefined)
          paper.line(
            warn(
              'This process ends now, and it was the one at work: firebreak serve or firebreak worker goes on.',
            ),
          );
        paper.line('Watch it: ', bold(`firebreak ${kind.noun} status ${plan}`));
      },
      exitCode: 1,
    };
  };

const retrying =
  <V>(kind: PlanNoun<V>): Act<Waiting> =>
  async (io, named, options) => {
    const plan = await planOf(io, kind, named, options);
    const routes = routesOf(await io.client(), kind.noun);
    const { reopened, progress } = await unwrap<{ reopened: number; progress: AnyPlanProgress }>(
      routes.retry.$post({ param: { plan } }),
    );
    io.say(`${number(reopened)} of ${number(progress.total)} go on from where each stands`);
    if (options.wait) return kind.outcomeOf(await kind.follow(io, plan));
    return {
      json: { reopened, progress },
      print: (paper) => paper.line('Watch it: ', bold(`firebreak ${kind.noun} status ${plan}`)),
      exitCode: 1,
    };
  };

const resting =
  <V>(kind: PlanNoun<V>, verb: 'pause' | 'cancel'): Act<IncidentOption> =>
  async (io, named, options) => {
    const plan = await planOf(io, kind, named, options);
    const { noun, words } = kind;
    const routes = routesOf(await io.client(), noun);
    const json = await unwrap<AnyPlanProgress>(routes[verb].$post({ param: { plan } }));
    const says =
      verb === 'pause'
        ? `${plan} rests ${words.rests}. To go on: firebreak ${noun} apply ${plan}`
        : `${plan}: ${words.leaves} stays outstanding. To plan it again: firebreak ${noun} plan`;
    return {
      json,
      print: (paper) => paper.line(warn(verb === 'pause' ? 'pausing' : 'cancelled'), `  ${says}`),
    };
  };

/** A verb on one plan: the newest of the incident where none is named. */
export const onPlan = (group: Command, verb: string, description: string): Command =>
  withIncident(group.command(verb).argument('[plan]', 'default: the newest').description(description));

export function addApprove<V>(group: Command, bind: Bind, kind: PlanNoun<V>): void {
  examples(
    onPlan(group, 'approve', 'approve a plan as it stands; the approval is signed into the ledger')
      .requiredOption('--approver <name>', 'who approves')
      .action(bind(approving(kind))),
    [[`firebreak ${kind.noun} approve ${kind.example} --approver dana`, 'one approval']],
  );
}

/** `apply`, `pause`, `cancel` and `retry`. */
export function addControl<V>(group: Command, bind: Bind, kind: PlanNoun<V>): void {
  const { noun, words } = kind;
  const add = <O>(
    verb: string,
    does: string,
    act: Action<[named: string | undefined, options: O]>,
    example: readonly [string, string],
    waits = false,
  ) => {
    const command = onPlan(group, verb, does);
    if (waits) command.option('--no-wait', 'return at once');
    examples(command.action(bind(act)), [example]);
  };
  const again = 'Ctrl-C pauses it; the same command goes on';
  const applies = `start ${words.work}, or continue one that was paused, stopped or interrupted`;
  add('apply', applies, applying(kind), [`firebreak ${noun} apply ${kind.example}`, again], true);
  const goOn = [`firebreak ${noun} pause`, `go on with: firebreak ${noun} apply`] as const;
  add('pause', `rest ${words.rests}`, resting(kind, 'pause'), goOn);
  const planAgain = [`firebreak ${noun} cancel`, `then: firebreak ${noun} plan`] as const;
  add('cancel', `end it; ${words.leaves} stays outstanding`, resting(kind, 'cancel'), planAgain);
  const retries = `${words.retries} once more, from where each stands`;
  add('retry', retries, retrying(kind), [`firebreak ${noun} retry`, words.retried], true);
}
