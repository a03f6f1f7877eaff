/** The PostgreSQL driver: administrative connections, and logins that are made only to be judged. */
import type { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { readSecret } from '../../kernel/reference.ts';
import type { Secret } from '../../kernel/secret.ts';
import { bounded } from '../calls.ts';
import type { PostgresConfig } from './schema.ts';

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
    stream: () => track(new Socket(), sockets),
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

/**
 * Logs in once over a fresh connection, and out again. Returns who the server says we are; throws what the
 * server or the network said.
 */
export async function login(
  config: PostgresConfig,
  tls: ConnectionOptions | undefined,
  as: { user: string; password: Secret },
  signal: AbortSignal,
): Promise<string> {
  const socket = new Socket();
  const client = new pg.Client({
    ...address(config, tls),
    user: as.user,
    password: as.password.reveal(),
    stream: () => socket,
  });
  client.on('error', () => undefined);
  let principal: string | undefined;
  // The server reports session_authorization with every login: its own word for who we are, with no query.
  inside(client).on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
    if (status.parameterName === 'session_authorization') principal = status.parameterValue;
  });
  const attempt = async (): Promise<string> => {
    await client.connect();
    principal ??= (await client.query<{ user: string }>('select session_user as "user"')).rows[0]?.user;
    await client.end();
    return principal ?? '';
  };
  try {
    return await bounded(signal, attempt, () => socket.destroy());
  } finally {
    socket.destroy();
  }
}
