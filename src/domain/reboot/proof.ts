/** The proof of a restart as an in-toto statement: who the host was, what was asked, who it is now. */
import type { BootIdentity, RebootMember } from './types.ts';

export const rebootPredicateType = 'https://firebreak.dev/reboot-proof/v1';

interface ProvenReboot {
  member: RebootMember;
  before: BootIdentity;
  after: BootIdentity;
  requestedAt: Date | null;
}

export function rebootStatement({ member, before, after, requestedAt }: ProvenReboot): object {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    // A host is named by who it is now; both identities stand below.
    subject: [{ name: member.host, digest: { bootId: after.bootId.replaceAll('-', '') } }],
    predicateType: rebootPredicateType,
    predicate: {
      plan: member.planId,
      action: member.action,
      host: member.host,
      role: member.role,
      target: member.target,
      before,
      requestedAt: requestedAt?.toISOString() ?? null,
      after,
      bootIdChanged: before.bootId !== after.bootId,
      bootTimeAdvanced: Date.parse(after.bootedAt) > Date.parse(before.bootedAt),
      machineIdChanged: before.machineId !== after.machineId,
      hostKeyChanged: before.hostKey.sha256 !== after.hostKey.sha256,
    },
  };
}
