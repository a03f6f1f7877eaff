/** End: close what the old credential had opened. A new password alone leaves old sessions alive. */
import { callTarget } from '../kit.ts';
import { reasonOf } from './issue.ts';
import { failed, type StageDefinition } from './stage.ts';

export const end: StageDefinition = {
  name: 'end',
  from: 'probed',
  to: 'ended',
  needs: ['overlap', 'swap', 'none'],
  async act(work, kit) {
    const { member, session, target } = work;
    if (!session.endSessions) return { ok: true };
    const outcome = await callTarget(
      kit,
      async (signal) =>
        (await session.endSessions?.(target, member.cutover ?? undefined, signal)) ?? {
          outcome: 'absent' as const,
        },
    );
    if (outcome.outcome === 'done' || outcome.outcome === 'absent') return { ok: true };
    // The connector ends sessions of other kinds, and this kind has none; the proof counts them all the same.
    if (outcome.outcome === 'unsupported') return { ok: true, note: { sessions: outcome.message } };
    return failed(outcome.outcome, reasonOf(outcome));
  },
};
