/** Approve, apply, pause, cancel and retry a plan, whatever it acts on. Each act is in the ledger in the transaction that does it. */
import type { Engine } from '../../engine/index.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { canonicalJson, sha256Hex } from '../../kernel/hash.ts';
import { plural } from '../../kernel/text.ts';
import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import type { PlanStore } from './store.ts';
import type { PlanHead, PlanRow } from './types.ts';

/** What a kind of plan adds to the life that all share. */
export interface PlanKind<P extends PlanHead> {
  store: PlanStore<P>;
  /** The first word of its ledger entries and of its steps: `rotation`. */
  kind: string;
  /** The noun of its commands: `rotate`. */
  command: string;
  /** What its members are to people: `credential`. */
  member: string;
  workflow: string;
  /** Puts members that ended badly back to where each stood. Returns how many. */
  reopenMembers(tx: Tx, id: string, at: Date): Promise<number>;
  /** Marks what was not begun as cancelled. */
  cancelOpenMembers(tx: Tx, id: string, at: Date): Promise<void>;
}

/** The verbs of one kind of plan. */
export const lifeOf = <P extends PlanHead>(kind: PlanKind<P>) => ({
  approve: (context: Context, id: string, approver: string) => approve(context, kind, id, approver),
  apply: (context: Context, engine: Engine, id: string) => apply(context, engine, kind, id),
  retry: (context: Context, engine: Engine, id: string) => retry(context, engine, kind, id),
  pause: (context: Context, id: string) => pause(context, kind, id),
  cancel: (context: Context, id: string) => cancel(context, kind, id),
});

/** What the workflow of a plan is given. */
export interface PlanRun {
  planId: string;
  run: number;
}

/** What approvals sign: the plan, and through its digest every member in its order. */
export const planDigest = (plan: PlanHead): string => sha256Hex(canonicalJson(plan));

/** Signs the plan as it stands. Where the policy wants two people, its author is not one of them. */
async function approve<P extends PlanHead>(
  context: Context,
  { store, kind }: PlanKind<P>,
  id: string,
  approver: string,
): Promise<{ approvals: number; needed: number }> {
  const row = await store.get(context.db, id);
  const needed = row.plan.approvals;
  if (planDigest(row.plan) !== row.planDigest)
    throw new FirebreakError('corrupt', `plan ${id} no longer has the digest that it was made with`);
  if (row.approvals.some((approval) => approval.approver === approver))
    throw new FirebreakError('conflict', `${approver} has approved plan ${id} already`);
  if (needed > 1 && approver === row.createdBy)
    throw new FirebreakError('refused', `plan ${id} needs ${needed} people besides ${approver}, who made it`);
  await context.db.transaction().execute(async (tx) => {
    const data = { digest: row.planDigest, members: row.plan.members };
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      entry({ ...context, actor: approver }, `${kind}.approved`, row, data),
    ]);
    const at = context.clock.now();
    await store.insertApproval(tx, { planId: id, approver, digest: row.planDigest, at, seq });
    if (row.status === 'planned' && row.approvals.length + 1 >= needed)
      await store.setStatus(tx, id, 'approved', null, at);
  });
  return { approvals: row.approvals.length + 1, needed };
}

/**
 * Starts the plan, or continues one that was paused, stopped or interrupted by a crash. Throws refused while
 * approvals are missing. Members that ended badly wait for `retry`.
 */
async function apply<P extends PlanHead>(
  context: Context,
  engine: Engine,
  kind: PlanKind<P>,
  id: string,
): Promise<void> {
  const row = await kind.store.get(context.db, id);
  const missing = row.plan.approvals - row.approvals.length;
  if (missing > 0)
    throw new FirebreakError(
      'refused',
      `plan ${id} needs ${plural(missing, 'more approval')}: firebreak ${kind.command} approve ${id} --approver NAME`,
    );
  // A running plan's workflow is alive or waits for a worker; one that broke off is run anew.
  if (row.status === 'running' && (await start(engine, kind, id, row.run)) !== 'ended') return;
  if (row.status === 'finished' || row.status === 'cancelled')
    throw new FirebreakError(
      'conflict',
      `plan ${id} is ${row.status}: make a new one${row.status === 'finished' ? ', or retry what it left' : ''}`,
    );
  await startRun(context, engine, kind, row, 'started', async () => 0);
}

/** Sees to the members that failed or stayed unproven once more, each from where it stands. Returns how many. */
async function retry<P extends PlanHead>(
  context: Context,
  engine: Engine,
  kind: PlanKind<P>,
  id: string,
): Promise<number> {
  const row = await kind.store.get(context.db, id);
  if (row.status === 'running')
    throw new FirebreakError('conflict', `plan ${id} is still running: wait for it or pause it`);
  if (row.status === 'planned' || row.status === 'approved')
    throw new FirebreakError('conflict', `plan ${id} has not run yet: apply it`);
  if (row.status === 'cancelled')
    throw new FirebreakError('conflict', `plan ${id} is cancelled: make a new one`);
  const { failed, indeterminate } = await kind.store.readProgress(context.db, id);
  if (failed + indeterminate === 0)
    throw new FirebreakError('conflict', `plan ${id} has no ${kind.member} in trouble`);
  return startRun(context, engine, kind, row, 'retried', (tx) =>
    kind.reopenMembers(tx, id, context.clock.now()),
  );
}

/** Rests when what is under way has come to its end. `apply` continues. */
async function pause<P extends PlanHead>(context: Context, kind: PlanKind<P>, id: string): Promise<void> {
  await setControl(context, kind, id, 'pause', ['running']);
}

/** Ends when what is under way has come to its end; the rest stays outstanding. */
async function cancel<P extends PlanHead>(context: Context, kind: PlanKind<P>, id: string): Promise<void> {
  const from = ['planned', 'approved', 'running', 'paused', 'stopped'];
  const { status } = await setControl(context, kind, id, 'cancel', from);
  if (status === 'running') return;
  // No workflow is there to see it, so it is done here.
  await context.db.transaction().execute(async (tx) => {
    await kind.cancelOpenMembers(tx, id, context.clock.now());
    await kind.store.setStatus(tx, id, 'cancelled', null, context.clock.now());
  });
}

async function setControl<P extends PlanHead>(
  context: Context,
  { store, kind }: PlanKind<P>,
  id: string,
  control: 'pause' | 'cancel',
  from: readonly string[],
): Promise<PlanRow<P>> {
  const row = await store.get(context.db, id);
  if (!from.includes(row.status))
    throw new FirebreakError('conflict', `plan ${id} is ${row.status}: it can't ${control} now`);
  await context.db.transaction().execute(async (tx) => {
    await store.setControl(tx, id, control);
    await context.ledger.appendWithin(tx, [entry(context, `${kind}.${control}`, row, {})]);
  });
  return row;
}

async function startRun<P extends PlanHead>(
  context: Context,
  engine: Engine,
  kind: PlanKind<P>,
  row: PlanRow<P>,
  what: 'started' | 'retried',
  prepare: (tx: Tx) => Promise<number>,
): Promise<number> {
  const { run, reopened } = await context.db.transaction().execute(async (tx) => {
    const run = await kind.store.nextRun(tx, row.id, context.clock.now());
    const reopened = await prepare(tx);
    await kind.store.setStatus(tx, row.id, 'running', null, context.clock.now());
    await context.ledger.appendWithin(tx, [
      entry(context, `${kind.kind}.${what}`, row, { run, reopened, digest: row.planDigest }),
    ]);
    return { run, reopened };
  });
  await start(engine, kind, row.id, run);
  return reopened;
}

function start<P extends PlanHead>(engine: Engine, { workflow }: PlanKind<P>, planId: string, run: number) {
  const input: PlanRun = { planId, run };
  return engine.start(workflow, `${planId}/${run}`, input);
}

const entry = (context: Context, kind: string, row: PlanRow<PlanHead>, data: object) => ({
  kind,
  actor: context.actor,
  incidentId: row.incidentId,
  subject: row.id,
  data,
});
