/**
 * The estate's applications: each keeps a session open with its credential, and when the session dies reads
 * its environment file again and reconnects, as a real one restarted by its supervisor does.
 */
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf } from '../../kernel/errors.ts';
import { envValue } from '../../kernel/reference.ts';
import { type Account, keyOf } from './names.ts';

export interface Applications {
  /** Sessions that answer a query now, of how many, and how often they have reconnected. */
  check(): Promise<{ connected: number; total: number; reconnects: number }>;
  stop(): Promise<void>;
}

const retryMs = 250;

/** Connects every account's application and keeps it connected. */
export async function startApplications(
  port: number,
  accounts: Account[],
  envFile: (account: Account) => string,
): Promise<Applications> {
  const stopping = new AbortController();
  // Every application that waits to reconnect listens to it; Node warns of more than ten, which here is no leak.
  setMaxListeners(0, stopping.signal);
  const apps = accounts.map((account) => new Application(port, account, envFile(account), stopping.signal));
  await Promise.all(apps.map((app) => app.connect()));
  return {
    check: async () => {
      const answers = await Promise.all(apps.map((app) => app.answers()));
      return {
        connected: answers.filter(Boolean).length,
        total: apps.length,
        reconnects: apps.reduce((sum, app) => sum + app.reconnects, 0),
      };
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(apps.map((app) => app.end()));
    },
  };
}

class Application {
  reconnects = 0;
  lastError = '';
  #client: pg.Client | undefined;
  readonly #port: number;
  readonly #account: Account;
  readonly #envFile: string;
  readonly #signal: AbortSignal;

  constructor(port: number, account: Account, envFile: string, signal: AbortSignal) {
    this.#port = port;
    this.#account = account;
    this.#envFile = envFile;
    this.#signal = signal;
  }

  /** Connects with what the environment file says at this moment. */
  async connect(): Promise<void> {
    const password = envValue(await readFile(this.#envFile, 'utf8'), keyOf(this.#account.name));
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.#port,
      database: 'postgres',
      user: this.#account.name,
      password,
      application_name: this.#account.app,
    });
    client.on('error', () => undefined);
    client.once('end', () => void this.#comeBack(client));
    await client.connect();
    this.#client = client;
  }

  async #comeBack(lost: pg.Client): Promise<void> {
    if (this.#client !== lost) return;
    this.#client = undefined;
    while (!this.#signal.aborted && !this.#client) {
      await delay(retryMs, undefined, { signal: this.#signal }).catch(() => undefined);
      if (this.#signal.aborted) return;
      await this.connect().then(
        () => this.reconnects++,
        (error: unknown) => {
          this.lastError = messageOf(error);
        },
      );
    }
  }

  async answers(): Promise<boolean> {
    const client = this.#client;
    if (!client) return false;
    return client.query('select 1').then(
      () => true,
      () => false,
    );
  }

  async end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}
