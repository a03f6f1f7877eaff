/**
 * Many hosts in one process: an SSH server that answers on every 127.x.y.z address of its port and runs nothing.
 * What a host prints, the caller says. It stands in where thousands of real servers would be too many for one
 * machine; whoever starts it must say so in what is shown.
 */
import { createServer } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import { freePort } from '../../store/postgres/server.ts';
import { newKeyPair } from './key-pair.ts';

export interface StandInCall {
  /** The address that was connected to: which host this is. */
  address: string;
  user: string;
  /** What was sent to sh, without the transport's own first line. */
  script: string;
  /** Whether it was sent to sudo. */
  sudo: boolean;
}

export interface StandInAnswer {
  output: string | Buffer;
  errors?: string;
  exitCode?: number;
}

interface StandInOptions {
  port?: number;
  authorizedKeys: readonly string[];
  answer(call: StandInCall): StandInAnswer | Promise<StandInAnswer>;
  /** Whether nobody answers at this address for the moment. */
  isAway?(address: string): boolean;
}

export interface StandIn {
  port: number;
  hostKey: string;
  stop(): Promise<void>;
}

export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { port = await freePort() } = options;
  const key = newKeyPair();
  const allowed = new Set(options.authorizedKeys.map((line) => line.split(/\s+/)[1]));
  const addresses = new Map<number, string>();
  let connections = 0;
  const server = new ssh2.Server({ hostKeys: [key.private], ident: 'stand-in' }, (connection, info) => {
    const address = addresses.get(info.port) ?? '';
    serve(connection, { address, allowed }, async (call) => options.answer(call));
  });
  // A socket of our own, because ssh2 does not say which of our addresses was called.
  const listener = createServer((socket) => {
    if (!socket.remoteAddress?.startsWith('127.') || options.isAway?.(socket.localAddress ?? '')) {
      socket.destroy();
      return;
    }
    // Two connections to different addresses of ours may come from the same port, and the port is all that ssh2 tells
    // of a connection: so each gets a number in its place.
    const number = ++connections;
    Object.defineProperty(socket, 'remotePort', { value: number });
    addresses.set(number, socket.localAddress ?? '');
    socket.once('close', () => addresses.delete(number));
    socket.setNoDelay(true);
    server.injectSocket(socket);
  });
  const open = new Set<{ destroy(): void }>();
  listener.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ port, host: '0.0.0.0', backlog: 4096 }, resolve);
  });
  return {
    port,
    hostKey: key.public,
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

type Answer = (call: StandInCall) => Promise<StandInAnswer>;

function serve(
  connection: Connection,
  host: { address: string; allowed: ReadonlySet<string | undefined> },
  answer: Answer,
): void {
  let user = '';
  connection.on('error', () => undefined);
  connection.on('authentication', (context) => {
    user = context.username;
    if (isAllowed(context, host.allowed)) context.accept();
    else context.reject(['publickey']);
  });
  connection.on('session', (accept) => {
    accept().on('exec', (take, _refuse, { command }) => {
      const sudo = command.includes('sudo');
      void execute(take(), (script) => answer({ address: host.address, user, script, sudo }));
    });
  });
}

function isAllowed(context: AuthContext, allowed: ReadonlySet<string | undefined>): boolean {
  if (context.method !== 'publickey' || !allowed.has(context.key.data.toString('base64'))) return false;
  const key = ssh2.utils.parseKey(`${context.key.algo} ${context.key.data.toString('base64')}`);
  if (key instanceof Error) return false;
  // Asked without a signature first: whether this key would do.
  if (!context.signature || !context.blob) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

async function execute(
  channel: ServerChannel,
  answer: (script: string) => Promise<StandInAnswer>,
): Promise<void> {
  channel.on('error', () => undefined);
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => channel.once('end', resolve));
  const [, first = '', second = '', script = ''] =
    /^printf '%s%s\\n' (\w+) (\w+)\n([\s\S]*)$/.exec(Buffer.concat(chunks).toString()) ?? [];
  const { output, errors, exitCode = 0 } = await answer(script);
  channel.write(`${first}${second}\n`);
  if (errors) channel.stderr.write(errors);
  channel.write(output);
  channel.exit(exitCode);
  channel.end();
}
