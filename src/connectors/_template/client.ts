/**
 * The driver of Template; the vendor's library is imported here and nowhere else. As it stands it speaks a
 * line protocol of its own: `AUTH user password`, `WHOAMI` and `PASSWD user password`, each answered by
 * `OK value` or `ERR code message`. Replace it by the real one.
 */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { readSecret } from '../../kernel/reference.ts';
import type { Secret } from '../../kernel/secret.ts';
import { bounded } from '../calls.ts';
import type { TemplateConfig } from './schema.ts';

/** An error answer of the server. */
export class TemplateRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Admin {
  /** Returns the server's own time after the change. */
  setPassword(user: string, password: Secret, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

interface Login {
  user: string;
  password: Secret;
}

/** Logs in as the administrator, and makes sure that the server says so too. */
export async function openAdmin(config: TemplateConfig, signal: AbortSignal): Promise<Admin> {
  const login = { user: config.user, password: await readSecret(config.password) };
  const principal = await tryLogin(config, login, signal);
  if (principal !== config.user) throw new TemplateRefusal('wrong-principal', `we are ${principal}`);
  return {
    setPassword: (user, password, stop) =>
      converse(config, login, stop, (ask) => ask(`PASSWD ${user} ${password.reveal()}`)),
    close: async () => undefined,
  };
}

/** Logs in over a fresh connection. Returns who the server says we are. */
export function tryLogin(config: TemplateConfig, login: Login, signal: AbortSignal): Promise<string> {
  return converse(config, login, signal, (ask) => ask('WHOAMI'));
}

type Ask = (line: string) => Promise<string>;

async function converse(
  config: TemplateConfig,
  login: Login,
  signal: AbortSignal,
  talk: (ask: Ask) => Promise<string>,
): Promise<string> {
  const socket = connect(config.port, config.host);
  const act = async (): Promise<string> => {
    const ask = asker(socket);
    await ask(`AUTH ${login.user} ${login.password.reveal()}`);
    return talk(ask);
  };
  try {
    return await bounded(signal, act, () => socket.destroy());
  } finally {
    socket.destroy();
  }
}

function asker(socket: Socket): Ask {
  let broken: unknown = new Error('the connection ended');
  socket.on('error', (error) => {
    broken = error;
  });
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return async (line) => {
    socket.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done) throw broken;
    const [, word, rest = ''] = /^(OK|ERR) ?(.*)$/.exec(String(value)) ?? [];
    if (word === 'OK') return rest;
    const [code = '', ...message] = rest.split(' ');
    throw new TemplateRefusal(code, message.join(' '));
  };
}
