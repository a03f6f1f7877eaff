/**
 * A login that is made only to be judged, over a fresh connection, and ended at once: three commands in one
 * packet, and their answers. A client of ioredis costs more than the login itself, and a rotation makes three.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { limits } from '../../kernel/limits.ts';
import { bounded } from '../calls.ts';
import { type Account, type Admin, loginCommands, readLogin } from './client.ts';
import { type Command, decodeAnswers, encodeCommands, RedisRefusal } from './resp.ts';
import type { RedisConfig } from './schema.ts';

/** A login that the server accepted without telling as whom. */
export class NamelessLogin extends Error {}

/**
 * Logs in once, and out again. Returns who the server says we are; throws RedisRefusal, NamelessLogin or what
 * the network said. Most application users may not run ACL WHOAMI; then the administrator looks at whose
 * connection it is, while that is still open.
 */
export async function login(
  config: RedisConfig,
  tls: ConnectionOptions | undefined,
  as: Account,
  admin: Admin,
  signal: AbortSignal,
): Promise<string> {
  const { host, port } = config;
  const socket = tls ? connectTls({ ...tls, host, port }) : connectTcp({ host, port });
  socket.setNoDelay(true);
  try {
    const answers = await bounded(
      signal,
      () => ask(socket, loginCommands(as)),
      () => socket.destroy(),
    );
    const { principal, id } = readLogin(answers);
    return principal ?? (await userOf(id, admin, signal));
  } finally {
    socket.destroy();
  }
}

/** One answer a command; fewer only when the first one refuses and the server hangs up. */
function ask(socket: Socket, commands: readonly Command[]): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    let answers: unknown[] = [];
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      try {
        answers = decodeAnswers(received);
        if (answers.length >= commands.length) resolve(answers);
        else if (received.length > limits.redisLoginBytesMax)
          throw new Error('the answer to a login is longer than any server gives');
      } catch (error) {
        reject(error);
      }
    });
    const end = (error: Error) => (answers[0] instanceof RedisRefusal ? resolve(answers) : reject(error));
    socket.on('error', end);
    socket.on('close', () => end(new Error('Connection is closed.')));
    socket.write(encodeCommands(commands));
  });
}

async function userOf(id: number, admin: Admin, signal: AbortSignal): Promise<string> {
  const [line] = await admin.send([['CLIENT', 'LIST', 'ID', id]], signal);
  const user = / user=(\S+)/.exec(String(line))?.[1];
  if (user !== undefined) return user;
  throw new NamelessLogin('AUTH was accepted, and the connection is not in CLIENT LIST');
}
