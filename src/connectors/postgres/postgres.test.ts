/** What is PostgreSQL's own, beyond the conformance suite. */
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discoverAll, testPorts } from '../../../test/lab/connector.ts';
import { startTargetPostgres, type TargetPostgres } from '../../../test/lab/target-postgres.ts';
import { parseText } from '../../kernel/document.ts';
import { systemRandom } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Session } from '../contract.ts';
import { postgres } from './index.ts';
import { scramVerifier } from './scram.ts';

const { signal } = new AbortController();
const password = new Secret('correct-horse-1');
const wrong = new Secret('wrong-horse-1');
const role = (name: string) => ({ kind: 'password', name });

let target: TargetPostgres;
let session: Session;
let folder: string;
const open = (config: object) => postgres.open(postgres.config.parse(config), testPorts());

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-postgres-'));
  target = await startTargetPostgres({ max_connections: 60 });
  session = await open(target.config);
});
afterAll(async () => {
  await session?.[Symbol.asyncDispose]();
  await target?.close();
  await rm(folder, { recursive: true, force: true });
});

test('the verifier is the one of RFC 7677', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const verifier = await scramVerifier(new Secret('pencil'), salt, 4096);
  const [, serverKey = ''] = /:([^:]+)$/.exec(verifier) ?? [];
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const message = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`;
  const signature = createHmac('sha256', Buffer.from(serverKey, 'base64')).update(message).digest('base64');
  expect(signature).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
});

describe('verify', () => {
  const verify = (name: string, secret = password) => session.verify(role(name), secret, signal);

  test('only 28P01 is a rejection', async () => {
    await target.sql(`create role app login password 'correct-horse-1'`);
    expect(await verify('app')).toEqual({ verdict: 'accepted', principal: 'app' });
    expect(await verify('app', wrong)).toMatchObject({ verdict: 'rejected', code: '28P01' });
    expect(await verify('nobody')).toMatchObject({ verdict: 'rejected', code: '28P01' });
  });

  test('NOLOGIN is looked at after the password, so it proves nothing', async () => {
    await target.sql(`create role asleep nologin password 'correct-horse-1'`);
    expect(await verify('asleep')).toMatchObject({ verdict: 'indeterminate', reason: 'not-permitted' });
    expect(await verify('asleep', wrong)).toMatchObject({ verdict: 'rejected' });
  });

  test('a connection limit and a missing database come after the password too', async () => {
    await target.sql(`create role full_up login connection limit 0 password 'correct-horse-1'`);
    expect(await verify('full_up')).toMatchObject({ verdict: 'indeterminate', reason: 'rate-limited' });
    await target.sql(`create database elsewhere; `);
    const other = await open({ ...target.config, database: 'elsewhere' });
    await target.sql('drop database elsewhere with (force)');
    expect(await other.verify(role('app'), password, signal)).toMatchObject({ reason: 'not-permitted' });
    await other[Symbol.asyncDispose]();
  });

  test('an expired password is rejected like a wrong one', async () => {
    await target.sql(`create role late login password 'correct-horse-1' valid until '2020-01-01'`);
    expect(await verify('late')).toMatchObject({ verdict: 'rejected', code: '28P01' });
  });

  test('SET ROLE by default does not change who we are', async () => {
    await target.sql(
      `create role actor login password 'correct-horse-1'; create role mask; grant mask to actor; alter role actor set role = 'mask'`,
    );
    expect(await verify('actor')).toEqual({ verdict: 'accepted', principal: 'actor' });
  });

  test('a server without TLS is not spoken to when TLS is configured', async () => {
    await expect(open({ ...target.config, tls: {} })).rejects.toThrow(/does not support SSL/);
  });
});

describe('issue', () => {
  test('hostile role names are names', async () => {
    const name = `x"; drop role app; -- 'é`;
    await target.sql(`create role "${name.replaceAll('"', '""')}" login`);
    const fresh = session.issue?.style === 'set' ? session.issue.generate(role(name), systemRandom) : wrong;
    const issued = session.issue?.style === 'set' && (await session.issue.set(role(name), fresh, signal));
    expect(issued).toMatchObject({ outcome: 'done', cutover: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/) });
    expect(await session.verify(role(name), fresh, signal)).toEqual({ verdict: 'accepted', principal: name });
    expect(await session.verify(role('app'), password, signal)).toMatchObject({ verdict: 'accepted' });
  });

  test('neither the password nor a trace of it crosses in a statement', async () => {
    const secret = new Secret('canary-Zw81-canary');
    if (session.issue?.style === 'set') await session.issue.set(role('app'), secret, signal);
    const logs = await target.logs();
    expect(logs).toMatch(/alter role "app" password 'SCRAM-SHA-256\$4096:/);
    expect(logs).not.toContain('canary-Zw81');
  });

  test("the administrator's own password is left to a person", async () => {
    const set = session.issue?.style === 'set' && (await session.issue.set(role('admin'), wrong, signal));
    expect(set).toMatchObject({ outcome: 'error', code: 'own-credential', retry: 'never' });
    expect(await session.contain?.(role('admin'), signal)).toMatchObject({ code: 'own-credential' });
  });
});

describe('discover', () => {
  test('roles, memberships, privileges, and an upper bound for the last change', async () => {
    await target.sql(`create role readers; create role found login createrole password 'x' valid until '2031-05-06 07:08:09Z';
      grant readers to found with admin option; create role no_password login`);
    const { found } = await discoverAll(session);
    const credential = found.find((one) => one.type === 'credential' && one.target.name === 'found');
    expect(credential).toMatchObject({ principal: 'found', expiresAt: new Date('2031-05-06T07:08:09Z') });
    const bound = credential?.type === 'credential' ? credential.changedNoLaterThan : undefined;
    expect(Math.abs(Date.now() - (bound?.getTime() ?? 0))).toBeLessThan(60_000);
    expect(credential).not.toHaveProperty('changedAt');
    expect(found).toContainEqual({
      type: 'grant',
      identity: 'found',
      resource: 'role:readers',
      privilege: 'admin',
    });
    expect(found).toContainEqual({
      type: 'grant',
      identity: 'found',
      resource: 'server',
      privilege: 'createrole',
    });
    expect(found).toContainEqual({
      type: 'grant',
      identity: 'admin',
      resource: 'server',
      privilege: 'superuser',
    });
    expect(found.filter((one) => one.type === 'identity').map(({ name }) => name)).toContain('no_password');
    expect(found.some((one) => one.type === 'credential' && one.target.name === 'no_password')).toBe(false);
  });

  test('more roles than fit one batch', async () => {
    await target.sql(
      `do $$ begin for i in 1..2300 loop execute format('create role many_%s login password null', i); end loop; end $$`,
    );
    const { found, batches } = await discoverAll(session);
    const names = found.flatMap((one) =>
      one.type === 'identity' && one.name.startsWith('many_') ? [one.name] : [],
    );
    expect(new Set(names).size).toBe(2_300);
    expect(batches.length).toBeGreaterThan(2);
  });
});

describe('an administrator with few privileges', () => {
  let few: Session;
  beforeAll(async () => {
    const file = join(folder, 'few');
    await writeFile(file, 'few-password');
    await target.sql(`create role few login createrole password 'few-password'; create role mine login password 'correct-horse-1';
      grant mine to few with admin true, inherit false, set false; grant pg_signal_backend to few`);
    few = await open({ ...target.config, user: 'few', password: { file } });
  });
  afterAll(() => few?.[Symbol.asyncDispose]());

  test('rotates, and does not claim that sessions are gone which it cannot see', async () => {
    const secret = few.issue?.style === 'set' ? few.issue.generate(role('mine'), systemRandom) : wrong;
    const issued = few.issue?.style === 'set' && (await few.issue.set(role('mine'), secret, signal));
    expect(issued).toMatchObject({ outcome: 'done' });
    const client = new pg.Client({
      host: '127.0.0.1',
      port: target.port,
      database: 'postgres',
      user: 'mine',
      password: secret.reveal(),
    });
    client.on('error', () => undefined);
    await client.connect();
    expect(await few.probeSessions?.(role('mine'), undefined, signal)).toMatchObject({
      verdict: 'indeterminate',
      reason: 'not-permitted',
    });
    await target.sql('grant pg_read_all_stats to few');
    expect(await few.probeSessions?.(role('mine'), undefined, signal)).toEqual({
      verdict: 'counted',
      alive: 1,
    });
    await client.end();
  });

  test('says what it may not do, and discovers what it may see', async () => {
    expect(await few.contain?.(role('app'), signal)).toMatchObject({
      outcome: 'error',
      code: '42501',
      retry: 'never',
    });
    const { found } = await discoverAll(few);
    expect(found.some((one) => one.type === 'credential' && one.target.name === 'app')).toBe(true);
  });
});

test('a plain password in firebreak.yaml is refused with its place and a clear word', () => {
  const yaml = 'host: db\nuser: admin\npassword: hunter2-canary\n';
  try {
    parseText(yaml, 'firebreak.yaml', postgres.config);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      faults: [{ line: 3, field: 'password', expected: expect.stringContaining('reference') }],
    });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  }
});

test('the lock-out rule is none unless declared', () => {
  const config = postgres.config.parse({ ...target.config, lockout: { failures: 5, minutes: 10 } });
  expect(postgres.lockout(postgres.config.parse(target.config))).toMatchObject({ failuresMax: null });
  expect(postgres.lockout(config)).toMatchObject({ failuresMax: 5, windowMs: 600_000 });
});

test('open fails with a reason when the password is wrong or the server is not there', async () => {
  const file = join(folder, 'wrong');
  await writeFile(file, 'not-the-password');
  await expect(open({ ...target.config, password: { file } })).rejects.toMatchObject({
    code: 'unavailable',
    retry: 'never',
  });
  await expect(open({ ...target.config, port: 1 })).rejects.toMatchObject({
    code: 'unavailable',
    retry: 'later',
  });
  await expect(open({ ...target.config, password: { file: '/no/such/file' } })).rejects.toMatchObject({
    code: 'unavailable',
  });
});
