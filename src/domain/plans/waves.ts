/** A plan as a durable workflow: wave after wave, the batches of a wave side by side. The members' rows hold the truth; the workflow only says what comes next. */
import type { Child, Flow } from '../../engine/index.ts';
import { plural } from '../../kernel/text.ts';
import type { Db, Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import type { PlanKind, PlanRun } from './life.ts';
import type { Halt, PlanHead, PlanProgress } from './types.ts';

/** What a kind of plan does with a wave. */
export interface Waves<P extends PlanHead> extends PlanKind<P> {
  /** The work on each batch of a wave that has members to work on. */
  listBatches(planId: string, wave: number): Promise<(Omit<Child, 'id'> & { batch: number })[]>;
  /** Why the wave may not begin now. */
  mayBegin(planId: string, wave: number): Promise<Halt | null>;
  /** Why no other may begin after it. */
  judge(planId: string, wave: number): Promise<Halt | null>;
  readProgress(db: Db | Tx, planId: string): Promise<PlanProgress>;
}

export async function runWaves<P extends PlanHead>(
  context: Context,
  waves: Waves<P>,
  flow: Flow,
  { planId, run }: PlanRun,
): Promise<void> {
  const { kind, store } = waves;
  /** What people want comes before anything else. */
  const unlessHeld = async (look: () => Promise<Halt | null>): Promise<Halt | null> => {
    const { control } = await store.readControl(context.db, planId);
    return control === 'run' ? look() : { status: 'paused', reason: null };
  };
  let halt: Halt | null = null;
  for (const wave of await flow.step(`${kind}.waves`, () => store.listOpenWaves(context.db, planId))) {
    halt = await flow.step(`${kind}.admit`, () => unlessHeld(() => waves.mayBegin(planId, wave)));
    if (halt) break;
    const batches = await flow.step(`${kind}.batches`, () => waves.listBatches(planId, wave));
    await flow.children(
      batches.map(({ batch, ...child }) => ({ ...child, id: `${planId}/${run}/${batch}` })),
    );
    halt = await flow.step(`${kind}.judge`, () => unlessHeld(() => waves.judge(planId, wave)));
    if (halt) break;
  }
  await flow.step(`${kind}.finish`, () => finish(context, waves, planId, halt));
}

async function finish<P extends PlanHead>(
  { db, clock, ledger, actor }: Context,
  { kind, store, member, cancelOpenMembers, readProgress }: Waves<P>,
  planId: string,
  halt: Halt | null,
): Promise<void> {
  const { control, incidentId } = await store.readControl(db, planId);
  await db.transaction().execute(async (tx) => {
    const at = clock.now();
    if (control === 'cancel') {
      await cancelOpenMembers(tx, planId, at);
      await store.setStatus(tx, planId, 'cancelled', null, at);
    } else if (halt) await store.setStatus(tx, planId, halt.status, halt.reason, at);
    else {
      const { pending, running } = await store.readProgress(tx, planId);
      const open = pending + running;
      const reason = open > 0 ? `${plural(open, member)} did not come to an end` : null;
      await store.setStatus(tx, planId, open > 0 ? 'stopped' : 'finished', reason, at);
    }
    const data = { ...(await readProgress(tx, planId)) };
    await ledger.appendWithin(tx, [{ kind: `${kind}.ended`, actor, incidentId, subject: planId, data }]);
  });
}
