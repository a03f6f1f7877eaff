/**
 * References to secrets that are kept elsewhere. Configuration and inventory hold only these; the value is
 * read at the moment of use and never stored.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FirebreakError, messageOf } from './errors.ts';
import { Secret } from './secret.ts';

/** `{env: NAME}`, `{file: PATH}` (the whole file, final newline dropped) or `{file: PATH, key: NAME}` (a line NAME=value). */
export const SecretRef = z.union([
  z.strictObject({
    env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
  }),
  z.strictObject({ file: z.string().min(1), key: z.string().min(1).optional() }),
]);
export type SecretRef = z.infer<typeof SecretRef>;

/** `env PGPASSWORD`, `file /etc/app.env key DB_PASSWORD`: says where, never what. */
export function describeRef(ref: SecretRef): string {
  if ('env' in ref) return `environment variable ${ref.env}`;
  return ref.key === undefined ? `file ${ref.file}` : `key ${ref.key} in file ${ref.file}`;
}

/** Reads the value. Throws unavailable when it is not there; the error says where it was looked for. */
export async function readSecret(ref: SecretRef): Promise<Secret> {
  const value = 'env' in ref ? process.env[ref.env] : await readFromFile(ref.file, ref.key);
  if (value === undefined || value === '')
    throw new FirebreakError('unavailable', `no secret at ${describeRef(ref)}`, { retry: 'later' });
  return new Secret(value);
}

async function readFromFile(file: string, key: string | undefined): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FirebreakError('unavailable', `can't read ${file}: ${messageOf(cause)}`, {
      retry: 'later',
      cause,
    });
  });
  return key === undefined ? text.replace(/\r?\n$/, '') : envValue(text, key);
}

/** The value of `NAME=value` in an environment file: the last assignment wins; simple quotes are taken off. */
export function envValue(text: string, key: string): string | undefined {
  let found: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== key) continue;
    const value = match[2] ?? '';
    const quoted = /^(["'])(.*)\1$/.exec(value);
    found = quoted ? quoted[2] : value;
  }
  return found;
}
