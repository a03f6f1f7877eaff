/** What the action of a command works with. */
import { resolve } from 'node:path';
import type { Client } from '../api/index.ts';
import { waitFor } from './wait-for.ts';
import type { CliWorld, Connection, Ui } from './world.ts';

export interface Io extends Ui {
  readonly world: CliWorld;
  /** The typed client; the installation is opened when it is first asked for. */
  client(): Promise<Client>;
  /** Where the API is served, when another process holds the installation. Known after `client()`. */
  servedAt(): string | undefined;
  /** A path that was typed, from where it was typed. */
  path(typed: string): string;
}

export interface OpenIo extends Io {
  close(): Promise<void>;
}

export function createIo(world: CliWorld, ui: Ui, command: string): OpenIo {
  let connection: Promise<Connection> | undefined;
  let url: string | undefined;
  return {
    ...pick(ui),
    world,
    client: async () => {
      connection ??= waitFor(ui, 'Opening the installation', () => world.connect(command));
      const open = await connection;
      url = open.url;
      return open.client;
    },
    servedAt: () => url,
    path: (typed) => resolve(world.cwd, typed),
    close: async () => {
      const open = await connection?.catch(() => undefined);
      await open?.close();
    },
  };
}

const pick = ({ json, say, progress, finish, onInterrupt }: Ui): Ui => ({
  json,
  say,
  progress,
  finish,
  onInterrupt,
});
