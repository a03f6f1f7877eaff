/**
 * OpenSSH certificates (https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.certkeys): reads one,
 * and says whether a host may show it to us. Every doubt is a reason to refuse.
 */
import { printable } from '../kernel/text.ts';
import { matchesGlob } from './glob.ts';
import { isSignedBy } from './public-key.ts';
import { WireReader, wireString, wireStrings } from './wire.ts';

export interface Certificate {
  /** `ssh-ed25519-cert-v01@openssh.com` */
  algorithm: string;
  /** `ssh-ed25519` */
  keyAlgorithm: string;
  /** The key that is certified, as if it stood alone. */
  key: Buffer;
  kind: 'user' | 'host' | 'other';
  keyId: string;
  principals: string[];
  /** Seconds since 1970; `validBefore` itself is too late. */
  validAfter: bigint;
  validBefore: bigint;
  criticalOptions: string[];
  /** The key of the authority. */
  authority: Buffer;
  /** The authority's signature holds. */
  signed: boolean;
}

/** How many fields the key itself has between the nonce and the serial number. */
const keyFields: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
};
const suffix = '-cert-v01@openssh.com';

export const isCertificate = (algorithm: string): boolean => algorithm.endsWith(suffix);

/** `ssh-ed25519` for `ssh-ed25519-cert-v01@openssh.com`. */
export const withoutCertificate = (algorithm: string): string =>
  isCertificate(algorithm) ? algorithm.slice(0, -suffix.length) : algorithm;

/** Reads a certificate. Throws WireError when it is none, or of a kind of key that we don't know. */
export function readCertificate(blob: Buffer): Certificate {
  const reader = new WireReader(blob);
  const algorithm = reader.text();
  const keyAlgorithm = withoutCertificate(algorithm);
  const fields = keyFields[keyAlgorithm];
  if (fields === undefined || keyAlgorithm === algorithm)
    throw new TypeError(`not a certificate that is understood: ${printable(algorithm, 64)}`);
  reader.bytes();
  const parts = Array.from({ length: fields }, () => wireString(reader.bytes()));
  const key = Buffer.concat([wireString(keyAlgorithm), ...parts]);
  reader.uint64();
  const kind = reader.uint32();
  const keyId = reader.text();
  const principals = wireStrings(reader.bytes());
  const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
  const criticalOptions = wireStrings(reader.bytes()).filter((_text, index) => index % 2 === 0);
  reader.bytes();
  reader.bytes();
  const authority = Buffer.from(reader.bytes());
  const signedPart = blob.subarray(0, reader.offset);
  const signature = reader.bytes();
  return {
    algorithm,
    keyAlgorithm,
    key,
    kind: kind === 1 ? 'user' : kind === 2 ? 'host' : 'other',
    keyId,
    principals,
    validAfter,
    validBefore,
    criticalOptions,
    authority,
    signed: reader.done && isSignedBy(authority, signedPart, signature),
  };
}

/** Why the certificate does not speak for a host of these names now; empty when it does. */
export function hostCertificateFault(certificate: Certificate, names: readonly string[], now: Date): string {
  if (!certificate.signed) return 'its signature does not hold';
  if (certificate.kind !== 'host') return `it is a ${certificate.kind} certificate`;
  if (certificate.criticalOptions.length > 0)
    return `it demands what is not known for hosts: ${printable(certificate.criticalOptions.join(', '))}`;
  const seconds = BigInt(Math.floor(now.getTime() / 1000));
  if (seconds < certificate.validAfter) return `it is valid only from ${moment(certificate.validAfter)}`;
  if (seconds >= certificate.validBefore) return `it ended at ${moment(certificate.validBefore)}`;
  // Names of host certificates may have wildcards. One without any name would speak for every host: not to us.
  const wanted = names.map((name) => name.toLowerCase());
  const covers = certificate.principals.some((one) =>
    wanted.some((name) => matchesGlob(one.toLowerCase(), name)),
  );
  if (!covers)
    return `it is for ${printable(certificate.principals.join(', ') || 'no name')}, not for ${names.join(' or ')}`;
  return '';
}

const moment = (seconds: bigint): string =>
  seconds > 253_402_300_799n ? 'the end of time' : new Date(Number(seconds) * 1000).toISOString();
