/** Where an installation keeps its data, told without opening it. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { canReach, findBinaries } from './store/postgres/binaries.ts';

/** Where to work, when it is not what the environment says. */
export interface Place {
  /** The data folder. By default `.firebreak` in the working folder, or FIREBREAK_DATA. */
  folder?: string;
  configFile?: string;
}

/**
 * The data folder that was named, or the one in the working folder. Root's PostgreSQL runs as another user:
 * where that user can't reach the working folder (root's home, say), it is /var/lib/firebreak.
 */
export async function dataFolder(options: Place & { env: NodeJS.ProcessEnv }): Promise<string> {
  const named = options.folder ?? options.env.FIREBREAK_DATA;
  if (named) return resolve(named);
  const folder = resolve('.firebreak');
  const { user } = await findBinaries();
  if (await canReach(resolve('.'), user)) return folder;
  return join('/var/lib/firebreak', createHash('sha256').update(folder).digest('hex').slice(0, 12));
}
