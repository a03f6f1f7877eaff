/** Revoke: take the old credential away where issuing the new one did not. */
import { callTarget, sealPlace } from '../kit.ts';
import { reasonOf } from './issue.ts';
import { failed, type StageDefinition } from './stage.ts';

export const revoke: StageDefinition = {
  name: 'revoke',
  from: 'verified',
  to: 'revoked',
  needs: ['overlap', 'none'],
  async act(work, kit) {
    const { member, session } = work;
    // A found secret that is dead already, or that the connector can't take away by itself, goes straight to its proof.
    if (!session.revoke)
      return member.oldAccepted
        ? failed('unsupported', "the connector can't revoke credentials of this kind")
        : { ok: true };
    const secret = member.sealedOld
      ? await kit.context.sealer.open(member.sealedOld, sealPlace(member, 'old'))
      : undefined;
    const outcome = await callTarget(
      kit,
      async (signal) =>
        (await session.revoke?.(work.target, signal, secret)) ?? { outcome: 'absent' as const },
    );
    if (outcome.outcome === 'done' || outcome.outcome === 'absent') return { ok: true };
    return failed(outcome.outcome, reasonOf(outcome));
  },
};
