import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '../kernel/secret.ts';
import { freePort } from '../store/postgres/server.ts';
import { type Portal, startPortal } from './portal.ts';

const adminToken = new Secret('ptk_test-administrator');
let folder: string;
let portal: Portal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-portal-'));
  portal = await startPortal({
    folder,
    port: await freePort(),
    admin: { name: 'root', token: adminToken },
    ratePerSecond: 20,
  });
  await portal.addUser('ada', new Secret('ada-password'));
});
afterAll(async () => {
  await portal?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(portal.url + path, { method, headers, redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}
const bearer = (secret: Secret) => ({ authorization: `Bearer ${secret.reveal()}` });
const admin = bearer(adminToken);

test('a revoked token is refused at once, and the session that it opened lives on until it is ended', async () => {
  const { body: made } = await call('POST', '/api/admin/users/ada/tokens', admin, { label: 'job' });
  const token = new Secret(made.token);
  const opened = await call('POST', '/api/sessions', bearer(token));
  const cookie = { cookie: opened.headers.get('set-cookie')?.split(';')[0] ?? '' };
  expect((await call('DELETE', `/api/admin/tokens/${made.id}`, admin)).status).toBe(204);
  expect(await call('GET', '/api/me', bearer(token))).toMatchObject({
    status: 401,
    body: { error: { code: 'invalid_token' } },
  });
  expect(await call('GET', '/api/me', cookie)).toMatchObject({ status: 200, body: { user: 'ada' } });
  expect((await call('DELETE', `/api/admin/tokens/${made.id}`, admin)).status).toBe(404);
  expect((await call('DELETE', `/api/admin/sessions?token=${made.id}`, admin)).body).toEqual({ ended: 1 });
  expect(await call('GET', '/api/me', cookie)).toMatchObject({
    status: 401,
    body: { error: { code: 'invalid_session' } },
  });
});

test('a session outlives a new password', async () => {
  const signedIn = await call('POST', '/api/login', {}, { user: 'ada', password: 'ada-password' });
  const cookie = { cookie: signedIn.headers.get('set-cookie')?.split(';')[0] ?? '' };
  await call('POST', '/api/admin/users/ada/password', admin, { password: 'second' });
  expect((await call('POST', '/api/login', {}, { user: 'ada', password: 'ada-password' })).status).toBe(401);
  expect((await call('GET', '/api/me', cookie)).status).toBe(200);
});

test('only administrators administer, and a disabled user is nobody', async () => {
  const { secret } = await portal.addToken('ada', 'plain');
  expect((await call('GET', '/api/admin/tokens', bearer(secret))).status).toBe(403);
  expect((await call('GET', '/api/admin/tokens')).status).toBe(401);
  await call('POST', '/api/admin/users/ada/disable', admin);
  expect((await call('GET', '/api/me', bearer(secret))).body).toEqual({ error: { code: 'user_disabled' } });
  await call('POST', '/api/admin/users/ada/enable', admin);
  expect((await call('GET', '/api/me', bearer(secret))).status).toBe(200);
  expect((await call('DELETE', '/api/admin/sessions', admin)).body).toEqual({
    error: { code: 'filter_required' },
  });
});

test('it comes back on the same port as it was, and its file holds no secret', async () => {
  const token = await portal.addToken('ada', 'lasting');
  const session = await portal.addSession('ada');
  await portal.stop();
  await expect(fetch(portal.url)).rejects.toThrow();
  await portal.restart();
  expect((await call('GET', '/api/me', bearer(token.secret))).status).toBe(200);
  expect((await call('GET', '/api/me', { cookie: `portal_session=${session.secret.reveal()}` })).status).toBe(
    200,
  );
  const file = await readFile(join(folder, 'portal.json'), 'utf8');
  for (const secret of [token.secret, session.secret, adminToken])
    expect(file).not.toContain(secret.reveal());
});

test('people without a session are sent to a login page', async () => {
  expect(await call('GET', '/')).toMatchObject({ status: 302 });
  expect((await call('GET', '/login')).body).toContain('<form');
});

test('too many requests are answered 429, and others are not slowed', async () => {
  const { secret } = await portal.addToken('ada', 'busy');
  const statuses = await Promise.all(
    Array.from({ length: 400 }, async () => (await call('GET', '/api/me', bearer(secret))).status),
  );
  expect(statuses).toContain(429);
  expect(statuses).toContain(200);
  expect((await call('GET', '/api/me', admin)).status).toBe(200);
});
