/**
 * The installation's own keys: files of mode 0600 in one folder, created when absent. Workers that share a
 * database share this folder's contents (FIREBREAK_KEYS).
 */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { FirebreakError } from '../kernel/errors.ts';
import { Fingerprinter, sha256Hex } from '../kernel/hash.ts';
import { Secret } from '../kernel/secret.ts';

export interface Keys {
  readonly folder: string;
  readonly fingerprinter: Fingerprinter;
  /** Names the fingerprint key in the database without giving it away. */
  readonly fingerprintKeyId: string;
  /** The age identity that opens what is sealed at rest. */
  readonly identity: Secret;
  readonly postgresPassword: Secret;
  /** Where the ledger's signing key lies; the evidence module reads it. */
  readonly ledgerKeyFile: string;
}

/** Opens the key folder, and makes the keys that it lacks. */
export async function openKeys(folder: string): Promise<Keys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const fingerprintKey = Buffer.from(
    await keyFile(join(folder, 'fingerprint.key'), () => randomBytes(32).toString('hex')),
    'hex',
  );
  if (fingerprintKey.length !== 32)
    throw new FirebreakError(
      'corrupt',
      `${join(folder, 'fingerprint.key')} does not hold 32 bytes in hexadecimal`,
    );
  return {
    folder,
    fingerprinter: new Fingerprinter(fingerprintKey),
    fingerprintKeyId: sha256Hex(fingerprintKey).slice(0, 16),
    identity: new Secret(await keyFile(join(folder, 'identity.age'), generateX25519Identity)),
    postgresPassword: new Secret(
      await keyFile(join(folder, 'postgres.password'), () => randomBytes(24).toString('base64url')),
    ),
    ledgerKeyFile: join(folder, 'ledger.pem'),
  };
}

async function keyFile(path: string, make: () => string | Promise<string>): Promise<string> {
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${await make()}\n`, { mode: 0o600, flush: true });
  // A hard link never replaces: of two processes that start together, one makes the key and both use it.
  await link(draft, path).catch(() => undefined);
  await rm(draft);
  return (await readFile(path, 'utf8')).trim();
}
