/** Public keys in the form that SSH sends them: their algorithm, their fingerprint, and what they signed. */
import { createHash, verify } from 'node:crypto';
import ssh2 from 'ssh2';
import { WireError, WireReader } from './wire.ts';

/** `SHA256:…` without padding, as ssh-keygen -l prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The name that a key or certificate begins with; empty when it has none. */
export function algorithmOf(blob: Buffer): string {
  try {
    return new WireReader(blob).text();
  } catch {
    return '';
  }
}

/** The blob of a line such as `ssh-ed25519 AAAA… comment`. Throws WireError when it is none. */
export function readPublicKey(line: string): Buffer {
  const [algorithm, encoded] = line.trim().split(/\s+/);
  if (!algorithm || !encoded || !/^[A-Za-z0-9+/]+=*$/.test(encoded)) throw new WireError('not a public key');
  const blob = Buffer.from(encoded, 'base64');
  if (algorithmOf(blob) !== algorithm) throw new WireError('not the key that its first word says');
  return blob;
}

/** How each signature algorithm is checked. SHA-1 is in none of them. */
const signatures: Readonly<Record<string, { key: string; hash: string | null; half?: number }>> = {
  'ssh-ed25519': { key: 'ssh-ed25519', hash: null },
  'rsa-sha2-256': { key: 'ssh-rsa', hash: 'sha256' },
  'rsa-sha2-512': { key: 'ssh-rsa', hash: 'sha512' },
  'ecdsa-sha2-nistp256': { key: 'ecdsa-sha2-nistp256', hash: 'sha256', half: 32 },
  'ecdsa-sha2-nistp384': { key: 'ecdsa-sha2-nistp384', hash: 'sha384', half: 48 },
  'ecdsa-sha2-nistp521': { key: 'ecdsa-sha2-nistp521', hash: 'sha512', half: 66 },
};

/** Whether `signature` (RFC 4253: algorithm, value) over `data` is by the key. Bad input is false. */
export function isSignedBy(key: Buffer, data: Buffer, signature: Buffer): boolean {
  try {
    const reader = new WireReader(signature);
    const how = signatures[reader.text()];
    if (how === undefined || how.key !== algorithmOf(key)) return false;
    const value = how.half === undefined ? reader.bytes() : flatPair(reader.bytes(), how.half);
    const parsed = ssh2.utils.parseKey(`${how.key} ${key.toString('base64')}`);
    if (parsed instanceof Error) return false;
    return verify(how.hash, data, { key: parsed.getPublicPEM(), dsaEncoding: 'ieee-p1363' }, value);
  } catch {
    return false;
  }
}

/** The two numbers of an ECDSA signature side by side, each in `half` bytes. */
function flatPair(pair: Buffer, half: number): Buffer {
  const reader = new WireReader(pair);
  return Buffer.concat(
    [reader.bytes(), reader.bytes()].map((number) => {
      const digits = number.subarray(
        Math.max(
          0,
          number.findIndex((byte) => byte !== 0),
        ),
      );
      if (digits.length > half) throw new WireError('number too long');
      return Buffer.concat([Buffer.alloc(half - digits.length), digits]);
    }),
  );
}
