/**
 * The Redis driver. Every connection logs in by its own AUTH and asks the server who it is: ioredis and
 * others carry credentials along when a client is duplicated, and then speak as somebody else.
 * An error of ioredis holds the command with its arguments, so none leaves this file as a cause.
 */
import type { ConnectionOptions } from 'node:tls';
import { Redis, type RedisOptions, ReplyError } from 'ioredis';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { readSecret } from '../../kernel/reference.ts';
import type { Secret } from '../../kernel/secret.ts';
import { bounded } from '../calls.ts';
import { type Command, RedisRefusal } from './resp.ts';
import type { RedisConfig } from './schema.ts';

/** A connection that is logged in. */
export interface Connection {
  /** Who the server says we are; undefined when the user may not ask. */
  principal: string | undefined;
  /** The server's number of this connection. */
  id: number;
  isReady(): boolean;
  /**
   * Sends the commands together and returns their answers in order, a refusal in its answer's place.
   * Throws what the network said.
   */
  send(commands: readonly Command[]): Promise<unknown[]>;
  close(): void;
}

function describe(error: unknown): Error {
  if (error instanceof ReplyError) return new RedisRefusal(messageOf(error));
  const code = error instanceof Error && 'code' in error ? { code: error.code } : {};
  return Object.assign(new Error(messageOf(error)), code);
}

/** Connects, logs in, and asks who we are. Throws RedisRefusal or what the network said. */
export async function connect(
  config: RedisConfig,
  tls: ConnectionOptions | undefined,
  as: Account,
  signal: AbortSignal,
): Promise<Connection> {
  const redis = new Redis(options(config, tls));
  let broken: unknown;
  redis.on('error', (error: unknown) => {
    broken ??= error;
  });
  const send = async (commands: readonly Command[]): Promise<unknown[]> => {
    const answers = await Promise.allSettled(commands.map(([name, ...args]) => redis.call(name, args)));
    return answers.map((answer) => {
      if (answer.status === 'fulfilled') return answer.value;
      const error = describe(answer.reason instanceof ReplyError ? answer.reason : (broken ?? answer.reason));
      if (error instanceof RedisRefusal) return error;
      throw error;
    });
  };
  const start = async (): Promise<Pick<Connection, 'principal' | 'id'>> => {
    await redis.connect().catch((error: unknown) => {
      throw describe(broken ?? error);
    });
    return readLogin(await send(loginCommands(as)));
  };
  const close = () => redis.disconnect();
  try {
    const { principal, id } = await bounded(signal, start, close);
    return { principal, id, isReady: () => redis.status === 'ready', send, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** One connection and no second one: what is lost is reported, and nothing is sent twice. */
const options = (config: RedisConfig, tls: ConnectionOptions | undefined): RedisOptions => ({
  host: config.host,
  port: config.port,
  ...(tls ? { tls } : {}),
  protocol: 2,
  lazyConnect: true,
  enableReadyCheck: false,
  disableClientInfo: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  connectTimeout: limits.targetCallMsMax,
  disconnectTimeout: 50,
});

function orThrow(answer: unknown): unknown {
  if (answer instanceof RedisRefusal) throw answer;
  return answer;
}

/** Who logs in. */
export interface Account {
  user: string;
  password: Secret;
}

/** Logs in and asks who we are. HELLO may be sent by every user, whatever its ACL; it numbers the connection. */
export const loginCommands = ({ user, password }: Account): Command[] => [
  ['AUTH', user, password.reveal()],
  ['HELLO'],
  ['ACL', 'WHOAMI'],
];

/** Throws the refusal of a login. HELLO answers names and values in turn. */
export function readLogin([auth, hello, who]: readonly unknown[]): Pick<Connection, 'principal' | 'id'> {
  orThrow(auth);
  const answer = orThrow(hello);
  const fields = Array.isArray(answer) ? answer : [];
  return {
    principal: typeof who === 'string' ? who : undefined,
    id: Number(fields[fields.indexOf('id') + 1]),
  };
}

/** The administrative connection of a session, made anew when it was lost. */
export interface Admin {
  /** Sends commands together; throws RedisRefusal for the first refusal. */
  send(commands: readonly Command[], signal: AbortSignal): Promise<unknown[]>;
  /** The same, with a refusal in its answer's place. */
  trySend(commands: readonly Command[], signal: AbortSignal): Promise<unknown[]>;
  /** A connection of its own; the caller closes it. */
  fresh(): Promise<Connection>;
  close(): void;
}

/** `session` aborts when the session as a whole is to end. */
export function openAdmin(
  config: RedisConfig,
  tls: ConnectionOptions | undefined,
  session: AbortSignal,
): Admin {
  const closing = new AbortController();
  const ended = AbortSignal.any([session, closing.signal]);
  const fresh = async (): Promise<Connection> => {
    const password = await readSecret(config.password);
    const connection = await connect(config, tls, { user: config.user, password }, ended);
    if (connection.principal === config.user) return connection;
    connection.close();
    throw new FirebreakError(
      'refused',
      `Redis says that we are ${connection.principal}, expected ${config.user}`,
    );
  };
  let current: Promise<Connection> | undefined;
  // Whoever comes first connects for all; a caller's abort only ends its own waiting.
  const get = (): Promise<Connection> => {
    current ??= renew();
    return current;
  };
  const renew = async (): Promise<Connection> => {
    try {
      return await fresh();
    } catch (error) {
      current = undefined;
      throw error;
    }
  };
  const trySend = async (commands: readonly Command[], signal: AbortSignal): Promise<unknown[]> => {
    let connection: Connection | undefined;
    const act = async () => {
      connection = await get();
      if (!connection.isReady()) {
        current = undefined;
        connection = await get();
      }
      return connection.send(commands);
    };
    // A connection that no longer answers is given up; others wait on it too, so an abort leaves it alone.
    return bounded(signal, act, (reason) => {
      if (reason === 'timeout') connection?.close();
    });
  };
  return {
    trySend,
    send: async (commands, signal) => (await trySend(commands, signal)).map(orThrow),
    fresh,
    close: () => {
      closing.abort();
      current?.then(
        (connection) => connection.close(),
        () => undefined,
      );
    },
  };
}
