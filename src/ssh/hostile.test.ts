/** A host may send what it likes: it costs its own turn, within its own time and bytes, and nothing else. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestFleet, runOn } from '../../test/lab/sshd.ts';
import { newKeyPair } from '../replay/fleet/key-pair.ts';
import { type StandIn, startStandIn } from '../replay/fleet/stand-in.ts';
import type { Fleet, RunOutcome } from './types.ts';

const timeouts = { connectMs: 1_000, handshakeMs: 1_500, authenticationMs: 1_500 };
const key = newKeyPair();
const servers: Server[] = [];
let [folder, fleet, good] = ['', {} as Fleet, {} as StandIn];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-hostile-'));
  await writeFile(join(folder, 'id'), key.private, { mode: 0o600 });
  fleet = await openTestFleet(
    { identities: [{ key: { file: join(folder, 'id') } }], trust: 'first-use', timeouts },
    { firstUse: () => Promise.resolve(true) },
  );
  good = await startStandIn({
    authorizedKeys: [key.public],
    answer: ({ address }) => ({ output: `${address}\n` }),
  });
});
afterAll(async () => {
  await fleet.close();
  await good.stop();
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a server of raw bytes. Returns its port. */
function listen(act: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    act(socket);
  });
  servers.push(server);
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
}

/** Starts an SSH server that lets everyone in and does what `act` says with a command. */
function listenSsh(act: (channel: ServerChannel, connection: Connection) => void): Promise<number> {
  const server = new ssh2.Server({ hostKeys: [newKeyPair().private] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      accept().on('exec', (take) => {
        const channel = take();
        channel.on('error', () => undefined);
        act(channel, connection);
      });
    });
  });
  const raw = createServer((socket) => {
    socket.on('error', () => undefined);
    server.injectSocket(socket);
  });
  servers.push(raw);
  return new Promise((resolve) =>
    raw.listen(0, '127.0.0.1', () => resolve((raw.address() as { port: number }).port)),
  );
}

/** Runs on the hostile host while good ones are asked too: those must not notice. */
async function runBeside(port: number, options = {}): Promise<{ outcome: RunOutcome; ms: number }> {
  const startedAt = performance.now();
  const [bad, ...others] = await Promise.all([
    runOn(fleet, { name: 'bad', address: '127.0.0.1', port }, 'true', {
      msMax: 1_500,
      outputBytesMax: 50_000,
      ...options,
    }),
    ...[1, 2, 3].map((last) =>
      runOn(fleet, { name: `good-${last}`, address: `127.72.0.${last}`, port: good.port }, 'true'),
    ),
  ]);
  expect(others.map(({ output, outcome }) => output || outcome)).toEqual(
    [1, 2, 3].map((last) => `127.72.0.${last}\n`),
  );
  return { outcome: (bad as { outcome: RunOutcome }).outcome, ms: performance.now() - startedAt };
}

const forever = (socket: Socket, piece: () => Buffer | string) => {
  const write = (): void => {
    while (!socket.destroyed && socket.write(piece()));
    if (!socket.destroyed) socket.once('drain', write);
  };
  write();
};

test.each<[string, (socket: Socket) => void, string]>([
  ['says nothing', () => undefined, 'timeout'],
  ['closes at once', (socket) => socket.destroy(), 'reset'],
  ['speaks another protocol', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'reset'],
  ['greets forever', (socket) => forever(socket, () => 'welcome\r\n'.repeat(1_000)), 'not-ssh'],
  ['greets in one endless line', (socket) => forever(socket, () => 'x'.repeat(10_000)), 'not-ssh'],
  ['sends random bytes', (socket) => forever(socket, () => randomBytes(10_000)), 'not-ssh'],
  [
    'follows its version with random bytes',
    (socket) => {
      socket.write('SSH-2.0-x\r\n');
      forever(socket, () => randomBytes(10_000));
    },
    'handshake',
  ],
  [
    'announces a packet of 4 GiB',
    (socket) => socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(64, 0xff)])),
    'handshake',
  ],
  [
    'sends empty packets forever',
    (socket) => {
      socket.write('SSH-2.0-x\r\n');
      // SSH_MSG_IGNORE with nothing in it, before any key exchange.
      forever(socket, () =>
        Buffer.concat(
          Array.from({ length: 200 }, () => Buffer.from([0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        ),
      );
    },
    'handshake',
  ],
  [
    'drips its version byte by byte',
    (socket) => {
      const timer = setInterval(() => socket.write('S'), 100);
      socket.once('close', () => clearInterval(timer));
    },
    'timeout',
  ],
])('a host that %s', async (_what, act, code) => {
  const { outcome, ms } = await runBeside(await listen(act));
  expect(outcome).toMatchObject({ state: 'unreachable', code });
  expect(ms).toBeLessThan(8_000);
});

test.each<[string, (channel: ServerChannel, connection: Connection) => void, object]>([
  ['takes the script and is silent', (channel) => channel.resume(), { state: 'broken', code: 'timeout' }],
  [
    'closes the connection',
    (_channel, connection) => connection.end(),
    { state: expect.stringMatching(/broken|refused/) },
  ],
  [
    'prints what it was sent',
    (channel) => channel.pipe(channel),
    { state: expect.stringMatching(/broken|refused/) },
  ],
  [
    'floods standard error',
    (channel) => {
      const write = (): void => {
        while (channel.stderr.write('x'.repeat(30_000)));
        channel.stderr.once('drain', write);
      };
      channel.resume();
      write();
      channel.once('close', () => channel.stderr.removeAllListeners('drain'));
    },
    { state: expect.stringMatching(/broken|refused/) },
  ],
  [
    'says twice how it ended',
    (channel) => {
      channel.resume();
      channel.exit(0);
      channel.exit(1);
      channel.end();
    },
    { state: 'refused', code: 'shell' },
  ],
])('an SSH server that %s', async (_what, act, expected) => {
  const { outcome, ms } = await runBeside(await listenSsh(act));
  expect(outcome).toMatchObject(expected);
  expect(ms).toBeLessThan(8_000);
});

test('what a host says reaches nobody with its control characters', async () => {
  const port = await listenSsh((channel) => {
    channel.resume();
    channel.stderr.write('\u001b]0;owned\u0007\u001b[2J\n');
    channel.exit(1);
    channel.end();
  });
  const { outcome } = await runBeside(port);
  expect(outcome).toMatchObject({ state: 'refused', code: 'shell' });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
  expect((outcome as { why: string }).why).not.toMatch(/[\u0000-\u001f\u007f]/);
});

test('a random server never makes a run reject, and never takes longer than its time', async () => {
  const valid = Buffer.from('SSH-2.0-OpenSSH_9.2\r\n');
  for (let round = 0; round < 40; round++) {
    const noise = randomBytes(1 + ((round * 97) % 3_000));
    const port = await listen((socket) => socket.end(round % 2 ? Buffer.concat([valid, noise]) : noise));
    const { outcome } = await runOn(fleet, { name: 'bad', address: '127.0.0.1', port }, 'true', {
      msMax: 1_000,
    });
    expect(outcome.state).toBe('unreachable');
  }
});
