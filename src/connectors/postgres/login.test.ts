/** Logins beyond those of the conformance suite: other ways to authenticate, and servers that misbehave. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTargetPostgres, type TargetPostgres } from '../../../test/lab/target-postgres.ts';
import { Secret } from '../../kernel/secret.ts';
import { createLogin } from './login.ts';
import { PostgresConfig } from './schema.ts';
import { deriveSalted } from './scram.ts';
import { judge } from './verdicts.ts';

const { signal } = new AbortController();

describe('a real server', () => {
  let target: TargetPostgres;
  beforeAll(async () => {
    target = await startTargetPostgres({});
  });
  afterAll(() => target?.close());

  const tryAs = (user: string, password: string) =>
    createLogin(
      PostgresConfig.parse(target.config),
      undefined,
      deriveSalted,
    )({ user, password: new Secret(password) }, signal);

  test('passwords beyond ASCII are prepared on both sides alike', async () => {
    await target.sql(`create role strange login password U&'caf\\00e9\\00a0\\2168-\\00adx'`);
    expect(await tryAs('strange', 'caf\u00e9\u00a0\u2168-\u00adx')).toBe('strange');
    expect(await tryAs('strange', 'caf\u00e9 IX-x')).toBe('strange');
    await expect(tryAs('strange', 'cafe IX-x')).rejects.toMatchObject({ code: '28P01' });
  });

  test('an MD5 verifier still opens the door', async () => {
    await target.sql(`set password_encryption = 'md5'; create role elder login password 'old-way-1'`);
    const [row] = await target.sql('show hba_file');
    const file = String(row?.hba_file);
    await writeFile(file, `host all elder 127.0.0.1/32 md5\n${await readFile(file, 'utf8')}`);
    await target.sql('select pg_reload_conf()');
    await expect.poll(() => tryAs('elder', 'old-way-1').catch(() => 'refused')).toBe('elder');
    await expect(tryAs('elder', 'old-way-2')).rejects.toMatchObject({ code: '28P01' });
  });

  test('a role of many rounds is asked for them', async () => {
    await target.sql(`set scram_iterations = 8192; create role slow login password 'many-rounds-1'`);
    expect(await tryAs('slow', 'many-rounds-1')).toBe('slow');
  });
});

describe('a server that misbehaves', () => {
  let server: Server | undefined;
  afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

  /** The verdict on a login at a server that answers each message with the next of `answers`. */
  async function judged(...answers: Buffer[]) {
    const talk = (socket: Socket) => {
      const left = [...answers];
      socket.on('error', () => undefined);
      socket.on('data', () => {
        const answer = left.shift();
        if (answer) socket.write(answer);
        else socket.destroy();
      });
    };
    server = createServer(talk);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const port = (server.address() as { port: number }).port;
    const config = PostgresConfig.parse({
      host: '127.0.0.1',
      port,
      user: 'admin',
      password: { env: 'NONE' },
    });
    const as = { user: 'app', password: new Secret('app-password') };
    return createLogin(
      config,
      undefined,
      deriveSalted,
    )(as, signal).then((principal) => ({ verdict: 'accepted', principal }), judge);
  }

  const message = (type: string, ...parts: (Buffer | string)[]): Buffer => {
    const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const code = (number: number): Buffer => Buffer.from([0, 0, 0, number]);
  const sasl = message('R', code(10), 'SCRAM-SHA-256\0\0');
  const welcome = Buffer.concat([
    message('R', code(0)),
    message('S', 'session_authorization\0app\0'),
    message('Z', 'I'),
  ]);

  test.each([
    ['asks for a way to authenticate that nobody knows', [message('R', code(7))]],
    ['offers only what we do not speak', [message('R', code(10), 'OAUTHBEARER\0\0')]],
    ['welcomes us in the middle of SCRAM', [sasl, welcome]],
    ['answers a nonce that is not ours', [sasl, message('R', code(11), 'r=other,s=AAAA,i=4096')]],
    ['goes on with SCRAM before it began', [message('R', code(11), 'r=other,s=AAAA,i=4096')]],
    ['talks nonsense', [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]],
  ])('that %s is neither accepted nor a rejection', async (_, answers) => {
    expect(await judged(...answers)).toMatchObject({ verdict: 'indeterminate' });
  });

  test('that closes the connection is unreachable', async () => {
    expect(await judged()).toMatchObject({ verdict: 'indeterminate', reason: 'unreachable' });
  });

  test('that asks for the password in the clear gets it, and is believed only by its own word', async () => {
    const clear = message('R', code(3));
    expect(await judged(clear, welcome)).toEqual({ verdict: 'accepted', principal: 'app' });
    const nobody = Buffer.concat([message('R', code(0)), message('Z', 'I')]);
    const row = message('D', Buffer.from([0, 1, 0, 0, 0, 3]), 'eve');
    const told = Buffer.concat([row, message('C', 'SELECT 1\0'), message('Z', 'I')]);
    expect(await judged(clear, nobody, told)).toEqual({ verdict: 'accepted', principal: 'eve' });
  });
});
