/** The ledger's signing key: Ed25519, PKCS #8 PEM in a file of mode 0600. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { Secret } from '../../kernel/secret.ts';
import { codeOf, syncFolder } from './files.ts';
import { isKeyName, type NoteSigner, type VerifierKey, verifierKeyOf } from './note.ts';

/** Signs checkpoints, attestations and bundles. Holds the private key and does not give it away. */
export class LedgerSigner implements NoteSigner {
  readonly #privateKey: KeyObject;
  readonly key: VerifierKey;

  constructor(privateKey: KeyObject, origin: string) {
    this.#privateKey = privateKey;
    const jwk = privateKey.export({ format: 'jwk' });
    this.key = verifierKeyOf(origin, Buffer.from(jwk.x ?? '', 'base64url'));
  }

  /** The log's identity: the first line of its checkpoints and the name of its key. */
  get origin(): string {
    return this.key.name;
  }

  /** What others verify with, as text: `<origin>+<key id>+<base64>`. Hand it out by a separate way. */
  get verifierKey(): string {
    return this.key.text;
  }

  sign(bytes: Uint8Array): Buffer {
    return sign(null, bytes, this.#privateKey);
  }
}

/**
 * Reads the key in `file`, or makes one there. Throws refused when others may read the file, corrupt when it
 * holds no Ed25519 key.
 */
export async function loadOrCreateSigner(file: string, origin: string): Promise<LedgerSigner> {
  if (!isKeyName(origin))
    throw new FirebreakError('bad_input', 'the origin of a ledger has no spaces and no plus');
  const pem = (await readKey(file)) ?? (await createKey(file));
  return new LedgerSigner(parseKey(pem, file), origin);
}

async function readKey(file: string): Promise<Secret | undefined> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new FirebreakError('refused', `${file} can be read by others: chmod 600 ${file}`);
    return new Secret(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof FirebreakError) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new FirebreakError('unavailable', `can't read the ledger's key: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parseKey(pem: Secret, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem.reveal());
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // What OpenSSL says of a damaged key helps nobody, and might quote it.
  }
  throw new FirebreakError('corrupt', `${file} does not hold an Ed25519 private key in PEM`);
}

async function createKey(file: string): Promise<Secret> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeDraft(draft, new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()));
  // A hard link never replaces: of two processes that start together, one makes the key and both use it.
  await link(draft, file).catch(() => undefined);
  await rm(draft);
  // A key that signed something must not be gone after a power cut.
  await syncFolder(dirname(file));
  const made = await readKey(file);
  if (!made) throw new FirebreakError('unavailable', `the ledger's key could not be made at ${file}`);
  return made;
}

async function writeDraft(path: string, pem: Secret): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(pem.reveal());
    await handle.sync();
  } finally {
    await handle.close();
  }
}
