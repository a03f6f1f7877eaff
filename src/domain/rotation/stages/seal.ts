/**
 * Seal: read the old secret, see that it really opens the door (or its later refusal would prove nothing),
 * choose the new one, and put both away sealed before anything is changed.
 */
import { limits } from '../../../kernel/limits.ts';
import { readSecret } from '../../../kernel/reference.ts';
import type { Secret } from '../../../kernel/secret.ts';
import { callTarget, describeVerdict, type Kit, sealPlace, type Work } from '../kit.ts';
import { indeterminate, type StageDefinition, type StageResult } from './stage.ts';

export const seal: StageDefinition = {
  name: 'seal',
  from: 'planned',
  to: 'sealed',
  needs: ['overlap', 'swap', 'none', 'probe'],
  async act(work, kit) {
    const { member, session } = work;
    const { sealer, random } = kit.context;
    const issue = work.mode === 'overlap' || work.mode === 'swap' ? session.issue : undefined;
    const fresh = issue?.style === 'set' ? issue.generate(work.target, random) : undefined;
    const sealedNew = fresh && (await sealer.seal(fresh, sealPlace(member, 'new')));
    const old = await findOldSecret(work, kit);
    if (!old) return { ok: true, fields: { sealedNew, oldAccepted: false } };
    const live = await isLive(work, kit, old);
    if (typeof live !== 'boolean') return live;
    const sealedOld = await sealer.seal(old, sealPlace(member, 'old'));
    return { ok: true, fields: { sealedNew, sealedOld, oldAccepted: live } };
  },
};

/** By the system's own record where it shows that, which spares a login; by a login everywhere else. */
async function isLive(
  { member, session, target, principal }: Work,
  kit: Kit,
  old: Secret,
): Promise<boolean | StageResult> {
  const recognised = await session.recognises?.(target, old, AbortSignal.timeout(limits.targetCallMsMax));
  if (recognised !== undefined) return recognised;
  const verdict = await callTarget(kit, (signal) => session.verify(target, old, signal));
  // A system that does not answer now is not one to start changing credentials at.
  if (verdict.verdict === 'indeterminate')
    return indeterminate(verdict.reason, `before any change: ${describeVerdict(verdict)}`);
  return verdict.verdict === 'accepted' && (member.principal === null || verdict.principal === principal);
}

/** The exposed secret as a scan found it, or the present one from where it is kept; nothing when neither can be read. */
async function findOldSecret({ member }: Work, kit: Kit): Promise<Secret | undefined> {
  if (member.foundSecret) return kit.context.sealer.open(member.foundSecret, `credential:${member.ref}`);
  return member.secretRef ? readSecret(member.secretRef).catch(() => undefined) : undefined;
}
