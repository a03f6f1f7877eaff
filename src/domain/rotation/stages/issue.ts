/** Issue: set the sealed secret at the system, or have the provider mint one. Both bear repeating. */

import type { MintIssue, SetIssue } from '../../../connectors/contract.ts';
import { assert } from '../../../kernel/errors.ts';
import { limits } from '../../../kernel/limits.ts';
import { callTarget, type Kit, sealPlace, type Work } from '../kit.ts';
import { failed, type StageDefinition, type StageResult } from './stage.ts';

export const issue: StageDefinition = {
  name: 'issue',
  from: 'sealed',
  to: 'issued',
  needs: ['overlap', 'swap'],
  async act(work, kit) {
    const style = work.session.issue;
    if (!style) return failed('unsupported', "the connector can't issue credentials of this kind");
    return style.style === 'set' ? set(style, work, kit) : mint(style, work, kit);
  },
};

async function set(style: SetIssue, work: Work, kit: Kit): Promise<StageResult> {
  const { member, target } = work;
  assert(member.sealedNew, 'a sealed secret precedes its issue');
  const secret = await kit.context.sealer.open(member.sealedNew, sealPlace(member, 'new'));
  const issued = await callTarget(kit, (signal) => style.set(target, secret, signal));
  if (issued.outcome !== 'done') return failed(issued.outcome, reasonOf(issued));
  return { ok: true, fields: { cutover: issued.cutover, replacement: target } };
}

async function mint(style: MintIssue, work: Work, kit: Kit): Promise<StageResult> {
  const { member, target } = work;
  const key = `${member.campaignId}-${member.ordinal}`;
  // What an earlier attempt minted and did not live to record has a secret that nobody knows: it goes first.
  const orphans = await style
    .orphans(target, key, AbortSignal.timeout(limits.targetCallMsMax))
    .catch((error: unknown) => error);
  if (!Array.isArray(orphans)) return failed('unreachable', 'the system did not say what was minted before');
  for (const orphan of orphans) {
    const gone = await callTarget(
      kit,
      async (signal) =>
        (await work.session.revoke?.(orphan, signal)) ?? { outcome: 'unsupported', message: 'no revoke' },
    );
    if (gone.outcome !== 'done' && gone.outcome !== 'absent')
      return failed('orphan', `an orphan of an earlier attempt could not be revoked: ${reasonOf(gone)}`);
  }
  // Minting is not repeated in place: whether the first call took effect is asked for on the next run.
  const minted = await style.mint(target, key, AbortSignal.timeout(limits.targetCallMsMax));
  if (minted.outcome !== 'done') return failed(minted.outcome, reasonOf(minted));
  const sealedNew = await kit.context.sealer.seal(minted.secret, sealPlace(member, 'new'));
  return { ok: true, fields: { sealedNew, replacement: minted.target, cutover: minted.cutover } };
}

export function reasonOf(outcome: object): string {
  if ('message' in outcome && typeof outcome.message === 'string')
    return 'code' in outcome ? `${String(outcome.code)}: ${outcome.message}` : outcome.message;
  if ('note' in outcome && typeof outcome.note === 'string') return outcome.note;
  return 'outcome' in outcome ? String(outcome.outcome) : 'no reason given';
}
