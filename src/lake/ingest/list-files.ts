/** The files that paths name: each file once, folders with all that is below them. Links in folders are not followed. */
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { UnreadFile } from './types.ts';

export interface ListedFiles {
  files: { path: string; bytes: number }[];
  failed: UnreadFile[];
}

export async function listFiles(paths: readonly string[]): Promise<ListedFiles> {
  const sizes = new Map<string, number>();
  const failed: UnreadFile[] = [];
  for (const path of paths) await addPath(path, sizes, failed);
  const files = [...sizes].map(([path, bytes]) => ({ path, bytes }));
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), failed };
}

async function addPath(path: string, sizes: Map<string, number>, failed: UnreadFile[]): Promise<void> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) await addFolder(path, sizes, failed);
    else if (!info.isFile()) failed.push({ path, reason: 'neither a file nor a folder' });
    else if (sizes.size >= limits.ingestFilesMax)
      throw new FirebreakError('limit_exceeded', `more than ${limits.ingestFilesMax} files: name fewer`);
    else sizes.set(path, info.size);
  } catch (error) {
    if (error instanceof FirebreakError) throw error;
    failed.push({ path, reason: messageOf(error) });
  }
}

async function addFolder(folder: string, sizes: Map<string, number>, failed: UnreadFile[]): Promise<void> {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await addFolder(path, sizes, failed);
    else if (entry.isFile()) await addPath(path, sizes, failed);
    else failed.push({ path, reason: 'a link or a special file within a folder: name it itself' });
  }
}
