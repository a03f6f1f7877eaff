/** Hand-off files: replacements for an owner, sealed with age to the owner's recipients. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Encrypter } from 'age-encryption';
import { sha256Hex } from '../../../kernel/hash.ts';
import type { Secret } from '../../../kernel/secret.ts';
import { replaceFile } from './env-file.ts';

interface HandOffItem {
  ref: string;
  system: string;
  name: string;
  secret: Secret;
}

/**
 * One file for an owner and a group of members: `FOLDER/CAMPAIGN/OWNER-<ordinal of the first>-<digest>.age`.
 * The same group gives the same name, so that a repeat replaces its own file and no other.
 */
export function handOffPath(
  folder: string,
  owner: string,
  members: { campaignId: string; ordinal: number }[],
): string {
  const first = members[0];
  const digest = sha256Hex(members.map((member) => member.ordinal).join(',')).slice(0, 8);
  return join(
    folder,
    first?.campaignId ?? '',
    `${owner.replace(/[^A-Za-z0-9_-]/g, '_')}-${first?.ordinal ?? 0}-${digest}.age`,
  );
}

/** Writes JSON lines `{ref, system, name, secret}`, sealed; open with `age --decrypt -i KEY FILE`. */
export async function writeHandOff(
  path: string,
  recipients: readonly string[],
  items: HandOffItem[],
): Promise<void> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const lines = items.map(
    ({ secret, ...item }) => `${JSON.stringify({ ...item, secret: secret.reveal() })}\n`,
  );
  const sealed = await encrypter.encrypt(lines.join(''));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, sealed, { mode: 0o600 });
}
