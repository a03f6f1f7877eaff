/** The PostgreSQL driver: administrative connections, and the bare wire for logins. */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { readSecret } from '../../kernel/reference.ts';
import { bounded, gather } from '../calls.ts';
import type { PostgresConfig } from './schema.ts';
import { GuardedSocket } from './socket.ts';

export type Row = Record<string, unknown>;

/** Administrative connections of one session. */
export interface Admin {
  /** Runs one statement; named ones are parsed and planned once a connection. */
  query<R extends Row>(
    statement: { text: string; values?: unknown[]; name?: string },
    signal: AbortSignal,
  ): Promise<R[]>;
  /** Runs several statements in one round trip, without parameters; returns the rows of the last. */
  script<R extends Row>(text: string, signal: AbortSignal): Promise<R[]>;
  close(): Promise<void>;
}

/** The SQLSTATE of a server's error, or undefined when the error is not the server's. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

export const quoteName = pg.escapeIdentifier;
export const quoteText = pg.escapeLiteral;

// pg keeps its connection to itself in the types; it is the only place where the socket and the server's
// parameters can be seen.
interface Inside {
  connection: EventEmitter & { stream: { destroy(): void } };
}
const inside = (client: unknown): Inside['connection'] => (client as Inside).connection;

/** Opens the pool. Each connection asserts who the server says we are before it is used. */
export function openAdmin(config: PostgresConfig, tls: ConnectionOptions | undefined): Admin {
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    ...address(config, tls),
    user: config.user,
    password: async () => (await readSecret(config.password)).reveal(),
    max: config.connections,
    connectionTimeoutMillis: limits.targetCallMsMax,
    stream: () => track(new GuardedSocket(), sockets),
    onConnect: (client) => assertPrincipal(client, config.user),
  });
  // An idle connection that breaks is replaced at the next call, which reports what it meets.
  pool.on('error', () => undefined);
  // So is one that breaks while it is lent and between two statements, when nobody else listens.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const run = async <R>(signal: AbortSignal, act: (client: pg.PoolClient) => Promise<R>): Promise<R> => {
    const client = await borrow(pool, signal);
    try {
      const result = await bounded(
        signal,
        () => act(client),
        () => inside(client).stream.destroy(),
      );
      client.release();
      return result;
    } catch (error) {
      // Whatever state the connection is in, nobody else gets it.
      client.release(true);
      throw error;
    }
  };
  return {
    query: <R extends Row>(
      statement: { text: string; values?: unknown[]; name?: string },
      signal: AbortSignal,
    ) => run(signal, async (client) => (await client.query<R>(statement)).rows),
    script: <R extends Row>(text: string, signal: AbortSignal) =>
      run(signal, async (client) => lastRows<R>(await client.query(text))),
    close: async () => {
      const ended = pool.end();
      const stop = () => {
        for (const socket of sockets) socket.destroy();
      };
      await bounded(new AbortController().signal, () => ended, stop, limits.targetCloseMsMax).catch(
        () => ended,
      );
    },
  };
}

function lastRows<R extends Row>(results: pg.QueryResult | pg.QueryResult[]): R[] {
  // pg returns one result for each statement of a script, and its types know only of one.
  const all = Array.isArray(results) ? results : [results];
  return (all.at(-1)?.rows ?? []) as R[];
}

function track(socket: Socket, sockets: Set<Socket>): Socket {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

async function borrow(pool: pg.Pool, signal: AbortSignal): Promise<pg.PoolClient> {
  const asked = pool.connect();
  return bounded(
    signal,
    () => asked,
    () => {
      asked.then(
        (client) => client.release(),
        () => undefined,
      );
    },
  );
}

async function assertPrincipal(client: pg.ClientBase, expected: string): Promise<void> {
  const { rows } = await client.query<{ user: string }>('select session_user as "user"');
  if (rows[0]?.user === expected) return;
  throw new FirebreakError('refused', `PostgreSQL says that we are ${rows[0]?.user}, expected ${expected}`);
}

function address(config: PostgresConfig, tls: ConnectionOptions | undefined) {
  const { host, port, database } = config;
  return { host, port, database, ssl: tls ?? false, application_name: 'firebreak' };
}

/** pg's connection, of which the types show only a part. Its events are the server's messages. */
export interface Wire extends EventEmitter {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  startup(parameters: Record<string, string>): void;
  password(text: string): void;
  sendSASLInitialResponseMessage(mechanism: string, response: string): void;
  sendSCRAMClientFinalMessage(response: string): void;
  query(text: string): void;
  end(): void;
}

/** A connection that is not connected yet, and the socket under it. */
export function openWire(tls: ConnectionOptions | undefined): { wire: Wire; socket: Socket } {
  const socket = new GuardedSocket();
  const options: object = { stream: socket, ssl: tls ?? false };
  return { wire: new pg.Connection(options) as unknown as Wire, socket };
}

/** A question about one thing, answered together with the questions of others. */
export type Ask<Item, Answer> = (item: Item, signal: AbortSignal) => Promise<Answer>;

type Run<Item, Answer> = (items: readonly Item[], signal: AbortSignal) => Promise<readonly Answer[]>;

/**
 * One statement for all that is asked for at the same time. What the server refuses for one of them is asked for
 * each alone, so that nobody fails for another.
 */
export function together<Item, Answer>(run: Run<Item, Answer>): Ask<Item, Answer> {
  const ask = gather<Item, () => Answer>(async (items, signal) => {
    try {
      return (await run(items, signal)).map((answer) => () => answer);
    } catch (error) {
      if (items.length === 1 || sqlState(error) === undefined) throw error;
      return Promise.all(items.map((item) => askAlone(run, item, signal)));
    }
  }, limits.postgresTogetherMax);
  return async (item, signal) => (await ask(item, signal))();
}

/** The answer to one item, or its own error, to whoever calls the result. */
async function askAlone<Item, Answer>(
  run: Run<Item, Answer>,
  item: Item,
  signal: AbortSignal,
): Promise<() => Answer> {
  try {
    const [answer] = await run([item], signal);
    return () => answer as Answer;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
