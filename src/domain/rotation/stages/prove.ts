/**
 * Prove: the probes are in, the sessions have been ended; now nothing that the old secret had opened may still
 * be open. Only then is there a proof. Anything less is indeterminate.
 */

import { assert } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { count } from '../../../kernel/text.ts';
import { callTarget, type Kit, sealPlace, type Work } from '../kit.ts';
import { proofStatement } from '../proof.ts';
import { failed, indeterminate, type StageDefinition, type StageResult } from './stage.ts';

export const prove: StageDefinition = {
  name: 'prove',
  from: 'ended',
  to: 'proven',
  needs: ['overlap', 'swap', 'none', 'probe'],
  async act(work, kit) {
    const { member } = work;
    const sessions = await probeOldSessions(work, kit);
    if ('ok' in sessions) return sessions;
    if (!member.sealedOld)
      return indeterminate(
        'no-secret',
        'replaced, but the old secret is not known here, so nobody can see it refused: give it (import with a secret reference) and retry, or except',
      );
    if (!member.oldAccepted && !isTheLeakItself(member))
      return indeterminate(
        'old-not-live',
        'the secret that we hold was refused before the rotation too, so its refusal says nothing about the one that was live',
      );
    return proven(work, kit, sessions.alive);
  },
};

/** A secret that a scan found is itself what must be dead, whether or not it still worked. */
const isTheLeakItself = (member: Work['member']): boolean => member.leaked && member.foundSecret !== null;

/** Sessions are ended asynchronously at some systems, so the count may need a moment to fall. */
async function probeOldSessions(work: Work, kit: Kit): Promise<StageResult | { alive: number | null }> {
  const { session, member } = work;
  // A probed leak shares its account with live credentials, whose sessions are not its own; a web session has
  // none but itself.
  const isSession = kit.systems.kind(member.system, member.kind)?.class === 'session';
  if (!session.probeSessions || work.mode === 'probe' || isSession) return { alive: null };
  const waitsMs = [0, 50, 200, 1_000];
  const cutover = member.cutover ?? undefined;
  let alive = 0;
  for (const waitMs of waitsMs) {
    if (waitMs > 0) await kit.context.clock.sleep(waitMs);
    const count = await session.probeSessions(
      work.target,
      cutover,
      AbortSignal.timeout(limits.targetCallMsMax),
    );
    if (count.verdict === 'indeterminate')
      return indeterminate(count.reason, `the sessions could not be counted: ${count.message}`);
    alive = count.alive;
    if (alive === 0) return { alive };
    await callTarget(
      kit,
      async (signal) =>
        (await session.endSessions?.(work.target, cutover, signal)) ?? { outcome: 'absent' as const },
    );
  }
  return failed('sessions-alive', `${count(alive)} sessions of the old credential are still open`);
}

async function proven(work: Work, kit: Kit, sessions: number | null): Promise<StageResult> {
  const { member } = work;
  const { fingerprinter, sealer } = kit.context;
  assert(member.sealedOld && member.probes.length > 0, 'a proof rests on probes of the old secret');
  const oldFingerprint = fingerprinter.of(await sealer.open(member.sealedOld, sealPlace(member, 'old')));
  const isReplaced = member.replacement !== null && member.sealedNew !== null;
  const newFingerprint =
    isReplaced && member.sealedNew
      ? fingerprinter.of(await sealer.open(member.sealedNew, sealPlace(member, 'new')))
      : null;
  assert(oldFingerprint !== newFingerprint, 'a replacement differs from what it replaces');
  return {
    ok: true,
    proof: {
      statement: proofStatement(work, { oldFingerprint, newFingerprint, sessions }),
      proven: {
        ordinal: member.ordinal,
        exposureId: member.exposureId,
        credentialId: member.credentialId,
        oldFingerprint,
        newFingerprint,
        replacement: member.replacement,
        refIsStale: isReplaced && member.delivery?.kind !== 'env-file',
      },
    },
  };
}
