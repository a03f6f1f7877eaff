/**
 * One process at a time works on a data folder. The holder writes who it is and where its API listens; the
 * next one talks to it there instead of touching the folder.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Holder = z.object({
  pid: z.number(),
  /** When that process started, in the kernel's ticks: a recycled process id is not the holder. */
  processStart: z.string(),
  command: z.string(),
  since: z.string(),
  api: z.object({ url: z.string(), token: z.string() }).optional(),
});
export type Holder = z.infer<typeof Holder>;

export interface FolderLock {
  /** Tells others where to reach us. */
  publish(api: { url: string; token: string }): Promise<void>;
  release(): Promise<void>;
}

/** Who holds the folder now. Changes nothing. */
export async function readHolder(folder: string): Promise<Holder | undefined> {
  const text = await readFile(lockOf(folder), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : livingHolder(text);
}

const lockOf = (folder: string): string => join(folder, 'firebreak.lock');

/** Takes the lock, or says who holds it. A lock whose process is gone is taken over. */
export async function lockFolder(
  folder: string,
  command: string,
): Promise<{ lock: FolderLock } | { holder: Holder }> {
  const path = lockOf(folder);
  const self: Holder = {
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    command,
    since: new Date().toISOString(),
  };
  for (;;) {
    if (await createExclusively(path, self)) return { lock: heldLock(path, self) };
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const holder = livingHolder(text);
    if (holder) return { holder };
    await removeStale(path, text);
  }
}

function heldLock(path: string, self: Holder): FolderLock {
  return {
    publish: async (api) => {
      const draft = `${path}.${randomBytes(4).toString('hex')}`;
      await writeFile(draft, JSON.stringify({ ...self, api }), { mode: 0o600 });
      await rename(draft, path);
    },
    release: () => rm(path, { force: true }),
  };
}

/** A hard link appears whole or not at all, and never replaces what is there. */
async function createExclusively(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves the stale lock away; puts it back when another process had replaced it meanwhile. */
async function removeStale(path: string, staleText: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => staleText);
  if (moved !== staleText) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function livingHolder(text: string): Holder | undefined {
  try {
    const holder = Holder.parse(JSON.parse(text));
    return processStart(holder.pid) === holder.processStart ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** A text that differs between two processes that had the same id; undefined when there is no such process. */
function processStart(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      process.kill(pid, 0);
      return '';
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22, counted after the command's name, which may itself hold spaces and brackets. A zombie is gone.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
