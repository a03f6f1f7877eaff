/** Environment files: `NAME=value` lines. Comments, order, mode and owner stay as they are. */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FirebreakError } from '../../../kernel/errors.ts';
import type { Secret } from '../../../kernel/secret.ts';

/** Puts each value at its key, at the end when the key is not there. Atomic and durable. The file must exist. */
export async function updateEnvFile(path: string, values: ReadonlyMap<string, Secret>): Promise<void> {
  const text = await readFile(path, 'utf8');
  const { mode, uid, gid } = await stat(path);
  await replaceFile(path, replaceValues(text, values), { mode: mode & 0o7777, uid, gid });
}

/** The text with the last assignment of each key replaced: the last one is what a shell would use. */
function replaceValues(text: string, values: ReadonlyMap<string, Secret>): string {
  const lines = text.split('\n');
  const missing = new Map(values);
  for (let index = lines.length - 1; index >= 0; index--) {
    const match = /^(\s*(?:export\s+)?)([A-Za-z_][A-Za-z0-9_.-]*)(\s*=)/.exec(lines[index] ?? '');
    const secret = match?.[2] === undefined ? undefined : missing.get(match[2]);
    if (!match?.[2] || !secret) continue;
    lines[index] = `${match[1]}${match[2]}${match[3]}${quote(secret)}`;
    missing.delete(match[2]);
  }
  const body = lines.join('\n');
  const added = [...missing].map(([key, secret]) => `${key}=${quote(secret)}\n`).join('');
  return added === '' ? body : `${body}${body === '' || body.endsWith('\n') ? '' : '\n'}${added}`;
}

/** Bare where every reader of such files agrees, in single quotes otherwise. */
function quote(secret: Secret): string {
  const value = secret.reveal();
  if (/^[A-Za-z0-9_./+=@:,-]*$/.test(value)) return value;
  if (/['\n\r]/.test(value))
    throw new FirebreakError(
      'unsupported',
      "the replacement holds a quote or a line break, which environment files can't carry",
    );
  return `'${value}'`;
}

/** Writes beside the file, to disk, and renames: a reader sees the old text or the new one. */
export async function replaceFile(
  path: string,
  data: string | Uint8Array,
  facts: { mode: number; uid?: number; gid?: number },
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', facts.mode);
    try {
      await file.writeFile(data);
      if (facts.uid !== undefined && facts.gid !== undefined && process.getuid?.() === 0)
        await file.chown(facts.uid, facts.gid);
      await file.chmod(facts.mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
