/** The proof of revocation as an in-toto statement. */
import type { Work } from './kit.ts';

const proofPredicateType = 'https://firebreak.dev/revocation-proof/v1';

/** What was seen. Fingerprints stand for the secrets; `sessions` is null where the system has none. */
export function proofStatement(
  { member, session, mode }: Work,
  seen: { oldFingerprint: string; newFingerprint: string | null; sessions: number | null },
): object {
  const digest = (fingerprint: string) =>
    Buffer.from(fingerprint.replace('hs256:', ''), 'base64url').toString('hex');
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: member.ref, digest: { hmacSha256: digest(seen.oldFingerprint) } }],
    predicateType: proofPredicateType,
    predicate: {
      campaign: member.campaignId,
      credential: {
        ref: member.ref,
        id: member.credentialId,
        system: member.system,
        kind: member.kind,
        principal: member.principal,
      },
      replacement: mode,
      replacementFingerprint: seen.newFingerprint,
      actedAs: session.admin,
      acceptedBeforeTheChange: member.oldAccepted,
      cutover: member.cutover,
      probes: member.probes,
      oldSessionsOpen: seen.sessions,
    },
  };
}
