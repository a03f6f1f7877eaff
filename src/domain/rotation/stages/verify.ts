/**
 * Verify: the replacement opens the door, as the principal that we expect, before the old one is taken away.
 * Where issuing has taken it away already (`swap`), the probe's control says the same.
 */
import { assert } from '../../../kernel/errors.ts';
import { describeVerdict, sealPlace, tryLogin } from '../kit.ts';
import { failed, indeterminate, type StageDefinition } from './stage.ts';

export const verify: StageDefinition = {
  name: 'verify',
  from: 'delivered',
  to: 'verified',
  needs: ['overlap'],
  async act(work, kit) {
    const { member } = work;
    assert(member.sealedNew && member.replacement, 'a replacement is issued before it is verified');
    const secret = await kit.context.sealer.open(member.sealedNew, sealPlace(member, 'new'));
    const verdict = await tryLogin(kit, work, member.replacement, secret, work.principal);
    if (verdict.verdict === 'accepted') return { ok: true };
    if (verdict.verdict === 'indeterminate')
      return indeterminate(verdict.reason, `the replacement: ${describeVerdict(verdict)}`);
    return failed('replacement-rejected', `the replacement was ${describeVerdict(verdict)}`);
  },
};
