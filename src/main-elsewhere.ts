/** An installation that another process has open: where it is, and the way to it. Nothing of the store is loaded for that. */
import { userInfo } from 'node:os';
import { createClient } from './api/index.ts';
import type { Connection } from './cli/index.ts';
import { dataFolder, type Place } from './data-folder.ts';
import { readHolder } from './store/folder-lock.ts';

const { env } = process;
/** Who acts. */
export const actor = env.FIREBREAK_ACTOR ?? userInfo().username;

/** The server that the environment names, or the process that has the data folder; undefined when there is none. */
export async function connectElsewhere(place: Place = {}): Promise<Connection | undefined> {
  if (env.FIREBREAK_URL) return remote(env.FIREBREAK_URL, env.FIREBREAK_TOKEN ?? '');
  if (env.FIREBREAK_DATABASE_URL) return undefined;
  const holder = await readHolder(await dataFolder({ ...place, env }));
  // One that does not say where it listens may just have begun: whoever opens the folder waits for it.
  return holder?.api ? remote(holder.api.url, holder.api.token) : undefined;
}

export const remote = (url: string, token: string): Connection => ({
  client: createClient({ url, token }, actor),
  url,
  close: async () => {},
});
