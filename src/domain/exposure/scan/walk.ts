/** The files below the paths that were given: sorted, symbolic links not followed, nothing left out in silence. */
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../kernel/errors.ts';
import { printable } from '../../../kernel/text.ts';

type Walked =
  | { type: 'file'; path: string; bytes: number }
  | { type: 'skipped'; path: string; reason: string }
  | { type: 'error'; path: string; message: string };

/** Files and what is no file, in the order of their names. A path that is given is followed if it is a link. */
export async function* walk(paths: readonly string[], exclude: readonly string[]): AsyncGenerator<Walked> {
  const excluded = exclude.map(namePattern);
  for (const path of paths) yield* visit(path, excluded, stat);
}

async function* visit(path: string, excluded: readonly RegExp[], look: typeof lstat): AsyncGenerator<Walked> {
  const stats = await look(path).catch(reasonOf);
  if (typeof stats === 'string') yield { type: 'error', path, message: stats };
  else if (stats.isFile()) yield { type: 'file', path, bytes: stats.size };
  else if (stats.isDirectory()) yield* visitFolder(path, excluded);
  else
    yield {
      type: 'skipped',
      path,
      reason: stats.isSymbolicLink() ? 'a symbolic link' : 'not a regular file',
    };
}

async function* visitFolder(path: string, excluded: readonly RegExp[]): AsyncGenerator<Walked> {
  const names = await readdir(path).catch(reasonOf);
  if (typeof names === 'string') return yield { type: 'error', path, message: names };
  for (const name of names.sort()) {
    const child = join(path, name);
    if (excluded.some((pattern) => pattern.test(name)))
      yield { type: 'skipped', path: child, reason: 'excluded' };
    else yield* visit(child, excluded, lstat);
  }
}

function namePattern(name: string): RegExp {
  return new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
}

/** Why the system refused, without the path, which stands beside it. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException)?.code;
  const known: Record<string, string> = {
    ENOENT: 'no such file',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'a folder',
    ELOOP: 'too many symbolic links',
    EMFILE: 'too many open files',
    EIO: 'the device reports an input or output error',
    Z_BUF_ERROR: 'the compressed data ends too early',
    Z_DATA_ERROR: 'the compressed data is broken',
    ERR_WORKER_OUT_OF_MEMORY: 'out of memory',
  };
  if (code === 'expansion') return (error as Error).message;
  return (code !== undefined && known[code]) || `can't be read (${code ?? printable(messageOf(error))})`;
}
