/** What an application may answer, beyond the conformance suite. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discoverAll, testPorts } from '../../../test/lab/connector.ts';
import { startTargetPortal, type TargetPortal } from '../../../test/lab/portal.ts';
import { limits } from '../../kernel/limits.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Session, Target } from '../contract.ts';
import { pointTo } from './client.ts';
import { http } from './index.ts';

const { signal } = new AbortController();
const open = (config: object) => http.open(http.config.parse(config), testPorts());

describe('with the portal', () => {
  let target: TargetPortal;
  let session: Session;
  beforeAll(async () => {
    target = await startTargetPortal();
    session = await open(target.config());
    await target.portal.addUser('app');
  });
  afterAll(async () => {
    await session?.[Symbol.asyncDispose]();
    await target?.close();
  });

  test('a token found in a leak, of which no id is known, is revoked by showing it', async () => {
    const { secret } = await target.portal.addToken('app', 'leaked');
    const found: Target = { kind: 'token', name: 'hs256:fingerprint' };
    expect(await session.revoke?.(found, signal)).toMatchObject({ outcome: 'unsupported' });
    expect(await session.revoke?.(found, signal, secret)).toEqual({ outcome: 'done' });
    expect(await session.verify(found, secret, signal)).toMatchObject({
      verdict: 'rejected',
      code: 'invalid_token',
    });
    expect(await session.revoke?.(found, signal, secret)).toEqual({ outcome: 'absent' });
  });

  test('a web session found in a leak is ended by its cookie', async () => {
    const { secret } = await target.portal.addSession('app');
    const found: Target = { kind: 'session', name: 'hs256:fingerprint' };
    expect(await session.verify(found, secret, signal)).toEqual({ verdict: 'accepted', principal: 'app' });
    expect(await session.revoke?.(found, signal, secret)).toEqual({ outcome: 'done' });
    expect(await session.verify(found, secret, signal)).toMatchObject({
      verdict: 'rejected',
      code: 'invalid_session',
    });
  });

  test('discovers page by page, with the times that the application knows', async () => {
    for (let at = 0; at < 250; at++) await target.portal.addToken('app', `many ${at}`);
    const { found, batches } = await discoverAll(session);
    const tokens = found.flatMap((one) =>
      one.type === 'credential' && one.target.kind === 'token' ? [one] : [],
    );
    expect(new Set(tokens.map(({ target: { name } }) => name)).size).toBeGreaterThan(250);
    expect(tokens[0]).toMatchObject({
      principal: 'firebreak',
      changedAt: expect.any(Date),
      lastUsedAt: expect.any(Date),
    });
    expect(batches.length).toBeGreaterThan(3);
  });

  test('a listing that ignores the key leaves other credentials alone', async () => {
    const config = target.config();
    const token = Object(config.token);
    const blind = await open({
      ...config,
      token: { ...token, orphans: { ...token.orphans, path: '/api/admin/tokens' } },
    });
    if (blind.issue?.style !== 'mint') throw new Error('mint style');
    const { id } = await target.portal.addToken('app', 'lost-key');
    const own = { kind: 'token', name: 'x', attributes: { principal: 'app' } };
    const pages = await open({
      ...config,
      token: { ...token, orphans: { ...token.orphans, path: '/api/admin/tokens?limit=500' } },
    });
    if (pages.issue?.style !== 'mint') throw new Error('mint style');
    expect(await pages.issue.orphans(own, 'lost-key', signal)).toMatchObject([{ name: id }]);
    expect(await blind.issue.orphans(own, 'no-such-key', signal)).toEqual([]);
  });

  test('what is not known of a credential is said, and nothing is called', async () => {
    if (session.issue?.style !== 'mint') throw new Error('mint style');
    const minted = await session.issue.mint({ kind: 'token', name: 'x' }, 'key', signal);
    expect(minted).toMatchObject({
      outcome: 'error',
      code: 'unknown-variable',
      message: expect.stringContaining('{principal}'),
    });
  });

  test('an administrator who is somebody else does not get in', async () => {
    const config = target.config();
    await expect(open({ ...config, admin: { ...Object(config.admin), principal: 'root' } })).rejects.toThrow(
      /firebreak, expected root/,
    );
  });

  test('a rate limit is not a verdict', async () => {
    const slow = await startTargetPortal({ ratePerSecond: 3 });
    const strict = await open(slow.config());
    const { id, secret } = await slow.portal.addToken('control', 'fast');
    const token = { kind: 'token', name: id, attributes: { id } };
    const verdicts = [];
    for (let at = 0; at < 8; at++) verdicts.push(await strict.verify(token, secret, signal));
    expect(verdicts[0]).toMatchObject({ verdict: 'accepted' });
    expect(verdicts.at(-1)).toMatchObject({ verdict: 'indeterminate', reason: 'rate-limited' });
    await slow.close();
  });
});

describe('with an application that answers as it likes', () => {
  let server: Server;
  let answer: RequestListener;
  let session: Session;
  const target: Target = { kind: 'token', name: 't', attributes: { id: '1', principal: 'app' } };
  const secret = new Secret('canary-token-55');
  const seen: { authorization: string | undefined }[] = [];

  beforeAll(async () => {
    process.env.FIREBREAK_TEST_HTTP_ADMIN = 'admin-canary-66';
    answer = (_request, response) => reply(response, 200, { user: 'root' });
    server = createServer((request, response) => {
      seen.push({ authorization: request.headers.authorization });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    session = await open(config('bearer'));
  });
  afterAll(() => void server.close());

  const config = (present: unknown) => ({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    admin: {
      principal: 'root',
      secret: { env: 'FIREBREAK_TEST_HTTP_ADMIN' },
      whoami: { path: '/me', principal: '/user' },
    },
    token: {
      present,
      verify: {
        path: '/me',
        principal: '/user',
        refused: [{ status: 401, code: '/error/code', codes: ['invalid_token'] }],
      },
      revoke: { method: 'DELETE', path: '/tokens/{id}' },
      endSessions: { method: 'DELETE', path: '/sessions/{id}', count: '/ended' },
      probeSessions: { path: '/sessions/{id}', count: '/sessions' },
    },
  });
  const reply = (response: Parameters<RequestListener>[1], status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const verdictOf = async (listener: RequestListener) => {
    answer = listener;
    return session.verify(target, secret, signal);
  };

  test.each<[string, RequestListener, object]>([
    [
      'its own authentication error',
      (_q, r) => reply(r, 401, { error: { code: 'invalid_token' } }),
      { verdict: 'rejected', code: 'invalid_token' },
    ],
    [
      'another code',
      (_q, r) => reply(r, 401, { error: { code: 'clock_skew' } }),
      { reason: 'unknown-error' },
    ],
    [
      '401 in HTML',
      (_q, r) => r.writeHead(401, { 'content-type': 'text/html' }).end('<p>'),
      { reason: 'unknown-error' },
    ],
    [
      'a redirect to a login page',
      (_q, r) => r.writeHead(302, { location: '/login' }).end(),
      { reason: 'protocol' },
    ],
    [
      'a login page with 200',
      (_q, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<form>'),
      { reason: 'protocol' },
    ],
    ['JSON without a principal', (_q, r) => reply(r, 200, { user: null }), { reason: 'protocol' }],
    [
      'broken JSON',
      (_q, r) => r.writeHead(200, { 'content-type': 'application/json' }).end('{"user":'),
      { reason: 'protocol' },
    ],
    ['403', (_q, r) => reply(r, 403, { error: { code: 'invalid_token' } }), { reason: 'not-permitted' }],
    ['429', (_q, r) => reply(r, 429, {}), { reason: 'rate-limited' }],
    ['503', (_q, r) => reply(r, 503, { error: { code: 'invalid_token' } }), { reason: 'protocol' }],
    ['no HTTP', (q) => q.socket.end('SSH-2.0-OpenSSH\r\n'), { reason: 'protocol' }],
    ['a cut connection', (q) => q.socket.destroy(), { reason: 'unreachable' }],
  ])('%s', async (_name, listener, expected) => {
    expect(await verdictOf(listener)).toMatchObject({ verdict: 'indeterminate', ...expected });
  });

  test('an answer without end is cut at the limit', async () => {
    const verdict = await verdictOf((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1024 * 1024, 32);
      for (let sent = 0; sent <= limits.httpBodyBytesMax; sent += chunk.length) response.write(chunk);
    });
    expect(verdict).toMatchObject({
      verdict: 'indeterminate',
      reason: 'protocol',
      message: expect.stringContaining('larger'),
    });
  });

  test('an answer that echoes the secret does not bring it into a message', async () => {
    const echo: RequestListener = (request, response) =>
      reply(response, 418, { error: { code: request.headers.authorization } });
    const verdict = await verdictOf(echo);
    const revoked = await session.revoke?.(target, signal);
    expect(inspect([verdict, revoked], { depth: 9 })).not.toMatch(/canary/);
  });

  test('a secret that would break out of its header is not sent', async () => {
    answer = (_request, response) => reply(response, 200, { user: 'root' });
    const cookie = await open(config({ cookie: 'sid' }));
    const before = seen.length;
    for (const text of ['a; admin=1', 'a\r\nx-admin: 1', 'a,b', '']) {
      const verdict = await cookie.verify(target, new Secret(text), signal);
      expect(verdict).toMatchObject({ verdict: 'indeterminate', reason: 'protocol' });
    }
    expect(seen.length).toBe(before);
  });

  test('a count that is none is not zero', async () => {
    answer = (_request, response) => reply(response, 200, {});
    expect(await session.probeSessions?.(target, undefined, signal)).toMatchObject({
      verdict: 'indeterminate',
      reason: 'protocol',
    });
    expect(await session.endSessions?.(target, undefined, signal)).toMatchObject({
      outcome: 'error',
      code: 'protocol',
    });
    answer = (_request, response) => reply(response, 200, { sessions: [1, 2], ended: 0 });
    expect(await session.probeSessions?.(target, undefined, signal)).toEqual({
      verdict: 'counted',
      alive: 2,
    });
    expect(await session.endSessions?.(target, undefined, signal)).toEqual({ outcome: 'absent' });
  });

  test('a 404 that was not declared is not "already gone"', async () => {
    answer = (_request, response) => reply(response, 404, {});
    expect(await session.revoke?.(target, signal)).toMatchObject({ outcome: 'error' });
  });

  test('basic sends the principal as the user', async () => {
    answer = (_request, response) => reply(response, 200, { user: 'root' });
    const basic = await open(config('basic'));
    await basic.verify(target, secret, signal);
    expect(seen.at(-1)?.authorization).toBe(`Basic ${Buffer.from('app:canary-token-55').toString('base64')}`);
  });
});

test('the configuration refuses what could not work or would leak', () => {
  const base = {
    baseUrl: 'https://app.example',
    admin: { principal: 'x', secret: { env: 'X' }, whoami: { path: '/me', principal: '/user' } },
  };
  const faults = (token: object, rest: object = {}) => {
    const parsed = http.config.safeParse({ ...base, ...rest, token });
    return parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };
  const verify = { path: '/me', principal: '/user', refused: [{ status: 401 }] };
  expect(faults({ present: 'bearer', verify })).toEqual([]);
  expect(faults({ present: 'cookies', verify })[0]).toMatch(/present: bearer, basic/);
  expect(faults({ present: 'bearer', verify: { ...verify, path: '/me?t={secret}' } })[0]).toMatch(
    /without \{secret\}/,
  );
  expect(faults({ present: 'bearer', verify: { ...verify, refused: [{ status: 429 }] } })[0]).toMatch(/429/);
  expect(faults({ present: 'bearer', verify: { ...verify, refused: [{ status: 500 }] } })).not.toEqual([]);
  expect(faults({ present: 'bearer', verify: { ...verify, principal: 'user' } })[0]).toMatch(/JSON pointer/);
  expect(faults({ present: 'bearer', verify }, { baseUrl: 'https://user:pass@app.example' })[0]).toMatch(
    /baseUrl/,
  );
});

test('a JSON pointer reads own members only', () => {
  expect(pointTo({ 'a/b': [{ '~': 1 }] }, '/a~1b/0/~0')).toBe(1);
  expect(pointTo({}, '/constructor/name')).toBeUndefined();
  expect(pointTo('text', '/length')).toBeUndefined();
});
