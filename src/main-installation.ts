/** An installation behind the command line: in this process, or in the one that has it open. */
import { randomBytes } from 'node:crypto';
import { createApi } from './api/app.ts';
import { createClient, inProcess } from './api/index.ts';
import { createJobs } from './api/jobs-table.ts';
import { serve } from './api/server.ts';
import type { Connection, Ui } from './cli/index.ts';
import type { Place } from './data-folder.ts';
import { type Installation, openInstallation } from './installation.ts';
import { FirebreakError } from './kernel/errors.ts';
import { actor, remote } from './main-elsewhere.ts';
import type { Holder } from './store/folder-lock.ts';

const { env } = process;

/** An installation that this process has open and serves to others. */
interface Served {
  installation: Installation;
  connection: Connection;
  url: string | undefined;
  token: string;
}

export async function connect(command: string, place: Place = {}): Promise<Connection> {
  if (env.FIREBREAK_URL) return remote(env.FIREBREAK_URL, env.FIREBREAK_TOKEN ?? '');
  const opened = await openHere(command, place);
  return 'holder' in opened ? throughHolder(opened.holder, place) : opened.connection;
}

/** Opens the installation in this process; with a data folder, others reach it through our API meanwhile. */
async function openHere(
  command: string,
  place: Place,
  listen: { host?: string; port?: number; token?: string } = {},
): Promise<Served | { holder: Holder }> {
  const installation = await openInstallation({ ...place, command, env });
  if ('holder' in installation) return installation;
  const jobs = createJobs(() => new Date());
  const app = createApi(installation.ports, { jobs });
  const token = listen.token ?? randomBytes(24).toString('base64url');
  const isShared = installation.lock !== undefined || listen.port !== undefined;
  const server = isShared ? await serve(app, { ...listen, token }) : undefined;
  if (server) await installation.lock?.publish({ url: server.url, token });
  const close = async () => {
    await server?.close();
    await jobs.stop();
    await installation.close();
  };
  return {
    installation,
    connection: { client: createClient(inProcess(app), actor), close },
    url: server?.url,
    token,
  };
}

const holderPatienceMs = 5_000;

/** Talks to the process that has the folder; one that has just started may need a moment to say where. */
async function throughHolder(first: Holder, place: Place): Promise<Connection> {
  const giveUpAt = performance.now() + holderPatienceMs;
  for (let holder = first; ; ) {
    if (holder.api) return remote(holder.api.url, holder.api.token);
    if (performance.now() > giveUpAt) {
      const since = holder.since.slice(0, 19).replace('T', ' ');
      throw new FirebreakError(
        'in_use',
        `the data folder is in use by process ${holder.pid} (${holder.command}, since ${since} UTC), which does not answer: wait for it, or stop it`,
        { retry: 'later' },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    const opened = await openHere('connect', place);
    if (!('holder' in opened)) return opened.connection;
    holder = opened.holder;
  }
}

/** Resolves when somebody wants us to end. */
const untilInterrupted = (ui: Ui): Promise<void> =>
  new Promise((resolve) => {
    ui.onInterrupt(resolve);
    process.once('SIGTERM', () => resolve());
  });

export async function serveUntilStopped(options: { host: string; port: number }, ui: Ui): Promise<number> {
  const served = await openHere(
    'firebreak serve',
    {},
    { ...options, ...(env.FIREBREAK_TOKEN ? { token: env.FIREBREAK_TOKEN } : {}) },
  );
  if ('holder' in served) throw inUse(served.holder);
  // Campaigns that a crash left running go on by themselves.
  await served.installation.ports
    .engine()
    .catch((error: unknown) =>
      ui.say(`Workflows do not run: ${error instanceof Error ? error.message : String(error)}`),
    );
  ui.say(`Firebreak serves at ${served.url}. Stop it with Ctrl-C.`);
  const where = served.installation.lock
    ? 'Commands on the same data folder find it by themselves.'
    : 'Set FIREBREAK_URL and FIREBREAK_TOKEN to reach it from elsewhere.';
  ui.say(where);
  await untilInterrupted(ui);
  await served.connection.close();
  return 0;
}

export async function work(ui: Ui): Promise<number> {
  const opened = await openInstallation({ command: 'firebreak worker', env });
  if ('holder' in opened)
    throw inUse(opened.holder, ' A data folder has one process; more workers need FIREBREAK_DATABASE_URL.');
  try {
    await opened.ports.engine();
    ui.say('This worker takes its share of every campaign. Stop it with Ctrl-C.');
    await untilInterrupted(ui);
  } finally {
    await opened.close();
  }
  return 0;
}

const inUse = (holder: Holder, more = ''): FirebreakError =>
  new FirebreakError(
    'in_use',
    `the data folder is in use by process ${holder.pid} (${holder.command}).${more}`,
    { retry: 'later' },
  );
