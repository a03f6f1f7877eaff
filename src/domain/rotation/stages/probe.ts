/**
 * Probe: the old secret is refused by the system itself, while a control is accepted over the same fresh path as
 * the expected principal. From here on the old one opens nothing new; and where issuing killed it at once
 * (`swap`), this is also where the replacement is seen to work before any session is ended.
 */
import type { Target, Verdict } from '../../../connectors/contract.ts';
import { limits } from '../../../kernel/limits.ts';
import { readSecret } from '../../../kernel/reference.ts';
import type { Secret } from '../../../kernel/secret.ts';
import { fillName } from '../../inventory/index.ts';
import { describeVerdict, type Kit, sealPlace, tryLogin, type Work } from '../kit.ts';
import { negativeProbes } from '../probe-budget.ts';
import type { Probe } from '../types.ts';
import { failed, indeterminate, type StageDefinition, type StageResult } from './stage.ts';

export const probe: StageDefinition = {
  name: 'probe',
  from: 'revoked',
  to: 'probed',
  needs: ['overlap', 'swap', 'none', 'probe'],
  // The manifest of failed logins to come, so that whoever watches the system knows them for ours.
  announce: (works, kit) => ({
    probes: 'each old credential will be tried and should be refused',
    triesEach: works[0] ? negativeProbes(kit.systems, works[0].member.system) : 0,
    principals: works.map((work) => work.principal),
  }),
  async act(work, kit) {
    const control = await findControl(work, kit);
    if (!control)
      return indeterminate(
        'no-control',
        'nothing is known that the system would accept, so a refusal could mean anything: declare a control credential',
      );
    const { sealedOld } = work.member;
    const old = sealedOld
      ? await kit.context.sealer.open(sealedOld, sealPlace(work.member, 'old'))
      : undefined;
    return probeBoth(work, kit, old, control);
  },
};

interface Control {
  target: Target;
  secret: Secret;
  principal: string;
}

/** The replacement; for kinds without one the standing control credential, or the live credential of the same account. */
async function findControl(work: Work, kit: Kit): Promise<Control | undefined> {
  const { member, session } = work;
  if (member.replacement && member.sealedNew) {
    const secret = await kit.context.sealer.open(member.sealedNew, sealPlace(member, 'new'));
    return { target: member.replacement, secret, principal: work.principal };
  }
  if (session.control) return session.control;
  const { account } = member.attributes;
  const template = kit.systems.get(member.system).oldSecret;
  if (account === undefined || !template) return undefined;
  const secret = await readSecret(fillName(template, account)).catch(() => undefined);
  return secret && { target: { kind: member.kind, name: account }, secret, principal: account };
}

/** Old, control, old again, as often as the lock-out rule allows; without an old secret the control alone. */
async function probeBoth(
  work: Work,
  kit: Kit,
  old: Secret | undefined,
  control: Control,
): Promise<StageResult> {
  const probes: Probe[] = [];
  const note = (role: Probe['role'], verdict: Verdict) =>
    probes.push({ at: kit.context.clock.now().toISOString(), role, ...verdict });
  const tries = old ? negativeProbes(kit.systems, work.member.system) : 1;
  for (let attempt = 1; attempt <= tries; attempt++) {
    if (old) {
      // Not repeated when it fails for a passing reason: every try spends the budget of the lock-out rule.
      const refused = await work.session.verify(
        work.target,
        old,
        AbortSignal.timeout(limits.targetCallMsMax),
      );
      note('old', refused);
      if (refused.verdict === 'accepted')
        return failed('still-accepted', `the old credential was accepted as ${refused.principal}`);
      if (refused.verdict === 'indeterminate')
        return indeterminate(refused.reason, `the old credential: ${describeVerdict(refused)}`);
    }
    if (attempt > 1) continue;
    const accepted = await tryLogin(kit, work, control.target, control.secret, control.principal);
    note('control', accepted);
    if (accepted.verdict !== 'accepted')
      return indeterminate('no-control', `the control was not accepted: ${describeVerdict(accepted)}`);
  }
  return { ok: true, fields: { probes } };
}
