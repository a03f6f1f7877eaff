/**
 * Secrets at rest. A data key is sealed with age to the installation's recipient; each secret is sealed under
 * it with AES-256-GCM, bound to the place where it is kept, so that a row's secret opens only in that row.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Decrypter, Encrypter, identityToRecipient } from 'age-encryption';
import { FirebreakError } from '../kernel/errors.ts';
import { Secret } from '../kernel/secret.ts';
import type { Db } from './index.ts';

export interface Sealer {
  /** `place` names where the sealed bytes are kept, such as `rotation:cmp_1:12:new`. */
  seal(secret: Secret, place: string): Promise<Buffer>;
  /** Throws corrupt when the bytes were changed, moved or sealed for another installation. */
  open(sealed: Uint8Array, place: string): Promise<Secret>;
}

const idBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;

/** Layout of sealed bytes: key id (8), nonce (12), tag (16), ciphertext. */
export function createSealer(db: Db, identity: Secret): Sealer {
  const keys = new Map<string, Promise<Buffer>>();
  let own: Promise<{ id: string; key: Buffer }> | undefined;

  const makeKey = async () => {
    const key = randomBytes(32);
    const id = randomBytes(idBytes).toString('hex');
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(identity.reveal()));
    const sealed = Buffer.from(await encrypter.encrypt(key)).toString('base64');
    await db.insertInto('sealing_key').values({ id, sealed }).execute();
    keys.set(id, Promise.resolve(key));
    return { id, key };
  };
  const findKey = async (id: string) => {
    const row = await db.selectFrom('sealing_key').select('sealed').where('id', '=', id).executeTakeFirst();
    if (!row)
      throw new FirebreakError('corrupt', `sealed with a key (${id}) that this database does not hold`);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity.reveal());
    return Buffer.from(await decrypter.decrypt(Buffer.from(row.sealed, 'base64')));
  };

  return {
    async seal(secret, place) {
      own ??= makeKey().catch((error: unknown) => {
        own = undefined;
        throw error;
      });
      const { id, key } = await own;
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from(id, 'hex'), nonce, cipher.getAuthTag(), body]);
    },
    async open(sealed, place) {
      const bytes = Buffer.from(sealed);
      const id = bytes.subarray(0, idBytes).toString('hex');
      const found = keys.get(id) ?? findKey(id);
      keys.set(id, found);
      const key = await found.catch((error: unknown) => {
        keys.delete(id);
        throw error;
      });
      return openWith(key, bytes, place);
    },
  };
}

function openWith(key: Buffer, bytes: Buffer, place: string): Secret {
  const nonce = bytes.subarray(idBytes, idBytes + nonceBytes);
  const tag = bytes.subarray(idBytes + nonceBytes, idBytes + nonceBytes + tagBytes);
  const body = bytes.subarray(idBytes + nonceBytes + tagBytes);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place)).setAuthTag(tag);
    return new Secret(Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8'));
  } catch (cause) {
    throw new FirebreakError('corrupt', `what is sealed at ${place} does not open: it was changed or moved`, {
      cause,
    });
  }
}
