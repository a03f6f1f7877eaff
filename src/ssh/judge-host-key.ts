/**
 * Whether to believe the key that a host shows. The order is OpenSSH's: revoked first, then a certificate of an
 * authority that we trust, then the keys that are known for the host. A key that differs from the known ones is
 * a finding with both fingerprints, and ends the connection.
 */
import { printable } from '../kernel/text.ts';
import { type Certificate, hostCertificateFault, isCertificate, readCertificate } from './certificate.ts';
import { describeKnown, type KnownKey, knownName } from './known-hosts.ts';
import { algorithmOf, fingerprint } from './public-key.ts';
import type { HostKeyFact, HostKeySeen, NewHostKey, RefusedCode } from './types.ts';

export type KeyVerdict =
  | { trust: 'yes'; seen: HostKeySeen }
  | { trust: 'ask'; key: NewHostKey; seen: HostKeySeen }
  | { trust: 'no'; code: RefusedCode; why: string; fact?: HostKeyFact };

export interface KeyQuestion {
  /** What the host showed: a key or a certificate. */
  blob: Buffer;
  /** What known_hosts has under the host's names. */
  known: readonly KnownKey[];
  /** Authorities that firebreak.yaml names for every host. */
  authorities: readonly Buffer[];
  /** The host's names, without a port: what a certificate must be for. */
  names: readonly string[];
  port: number;
  now: Date;
}

/** The answer; `ask` means that nothing is known of this host, and that the caller may believe it. */
export function judgeHostKey(question: KeyQuestion): KeyVerdict {
  const { blob, known } = question;
  const algorithm = algorithmOf(blob);
  let certificate: Certificate | undefined;
  if (isCertificate(algorithm)) {
    try {
      certificate = readCertificate(blob);
    } catch (error) {
      const why = `the host showed a certificate that can't be read: ${error instanceof Error ? error.message : error}`;
      return { trust: 'no', code: 'host-certificate', why };
    }
  }
  const key = certificate?.key ?? blob;
  const revoked = known.find(
    ({ marker, blob: one }) =>
      marker === 'revoked' &&
      (one.equals(key) || (certificate !== undefined && one.equals(certificate.authority))),
  );
  if (revoked) {
    const why = `the host showed ${fingerprint(key)}, which is revoked at ${revoked.place}`;
    return { trust: 'no', code: 'host-key-revoked', why, fact: factOf(key, [revoked]) };
  }
  if (certificate) return judgeCertificate(question, certificate);
  return judgeKey(question, key, { algorithm: printable(algorithm, 64), sha256: fingerprint(key) });
}

function judgeCertificate(question: KeyQuestion, certificate: Certificate): KeyVerdict {
  const { known, authorities, names, now } = question;
  const seen = { algorithm: certificate.algorithm, sha256: fingerprint(certificate.key) };
  const trusted = [
    ...authorities,
    ...known.filter(({ marker }) => marker === 'authority').map(({ blob }) => blob),
  ];
  if (!trusted.some((one) => one.equals(certificate.authority))) {
    // The key inside still counts where it is known by itself; where it is not, nobody vouches for it.
    const same = known.some(
      ({ marker, algorithm }) => marker === 'key' && algorithm === certificate.keyAlgorithm,
    );
    if (same) return judgeKey(question, certificate.key, { ...seen, algorithm: certificate.keyAlgorithm });
    const why = `the host's certificate is signed by ${fingerprint(certificate.authority)}, which is no authority for it`;
    return { trust: 'no', code: 'host-certificate', why };
  }
  const fault = hostCertificateFault(certificate, names, now);
  if (fault) {
    const why = `the host's certificate (${printable(certificate.keyId, 100)}) is not accepted: ${fault}`;
    return { trust: 'no', code: 'host-certificate', why };
  }
  return { trust: 'yes', seen: { ...seen, trust: 'certificate' } };
}

function judgeKey(
  { known, names, port }: KeyQuestion,
  key: Buffer,
  seen: { algorithm: string; sha256: string },
): KeyVerdict {
  const keys = known.filter(({ marker }) => marker === 'key');
  if (keys.some(({ blob }) => blob.equals(key))) return { trust: 'yes', seen: { ...seen, trust: 'known' } };
  if (keys.length > 0) {
    const why = `the host key is not the known one: the host showed ${seen.algorithm} ${seen.sha256}, known is ${keys.map(describeKnown).join(', ')}`;
    return { trust: 'no', code: 'host-key-changed', why, fact: factOf(key, keys) };
  }
  const name = knownName(names[0] ?? '', port);
  const line = `${name} ${algorithmOf(key)} ${key.toString('base64')}`;
  return { trust: 'ask', key: { ...seen, line }, seen: { ...seen, trust: 'first-use' } };
}

const factOf = (key: Buffer, known: readonly KnownKey[]): HostKeyFact => ({
  algorithm: printable(algorithmOf(key), 64),
  seenSha256: fingerprint(key),
  known: known.map(describeKnown),
});
