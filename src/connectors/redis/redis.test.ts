/** What is Redis's own, beyond the conformance suite. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discoverAll, testPorts } from '../../../test/lab/connector.ts';
import { startTargetRedis, type TargetRedis } from '../../../test/lab/target-redis.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { systemRandom } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Session } from '../contract.ts';
import { redis } from './index.ts';
import { openBefore, parseClients } from './sessions.ts';

const { signal } = new AbortController();
const user = (name: string) => ({ kind: 'password', name });
const hash = (text: string) => `#${sha256Hex(text)}`;

test('connections are counted by user, whatever they call themselves', () => {
  const list = [
    'id=3 addr=127.0.0.1:1 laddr=127.0.0.1:2 fd=8 name=user=victim age=1 db=0 user=app redir=-1',
    'id=9 addr=127.0.0.1:1 name= age=1 user=app',
    'id=10 addr=127.0.0.1:1 name= user=other',
    '',
  ].join('\n');
  const clients = parseClients(list);
  expect(clients).toEqual(
    new Map([
      ['app', [3, 9]],
      ['other', [10]],
    ]),
  );
  expect(openBefore({ runId: 'ab', clients }, 'app', 'ab:9')).toEqual([3]);
  expect(openBefore({ runId: 'cd', clients }, 'app', 'ab:9')).toEqual([]);
  expect(() => openBefore({ runId: 'ab', clients }, 'app', 'nonsense')).toThrow();
});

describe('with a server', () => {
  let target: TargetRedis;
  let session: Session;
  let missing: string | undefined;

  beforeAll(async () => {
    const users = Array.from(
      { length: 300 },
      (_, at) => `user app-${at} on ${hash(`old-${at}`)} ~app:* -@all +@read +ping`,
    );
    const started = await startTargetRedis([
      ...users,
      `user open on nopass ~* -@all +ping`,
      `user two on ${hash('one')} ${hash('two')} ~* -@all +ping`,
    ]);
    if ('missing' in started) {
      missing = started.missing;
      return;
    }
    target = started;
    session = await redis.open(redis.config.parse(target.config), testPorts());
  });
  afterAll(async () => {
    await session?.[Symbol.asyncDispose]();
    await target?.close();
  });
  const it = (name: string, run: () => Promise<void>) =>
    test(name, async (context) => (missing === undefined ? run() : context.skip(missing)));

  const set = async (name: string, secret: Secret, at = session) => {
    if (at.issue?.style !== 'set') throw new Error('set style');
    return at.issue.set(user(name), secret, signal);
  };

  it('one save serves many changes, and a restart after a crash brings no old password back', async () => {
    const secrets = Array.from(
      { length: 300 },
      () => new Secret(`new-${Buffer.from(systemRandom.bytes(9)).toString('hex')}`),
    );
    const before = await saves(target);
    const outcomes = await Promise.all(secrets.map((secret, at) => set(`app-${at}`, secret)));
    expect(outcomes.every(({ outcome }) => outcome === 'done')).toBe(true);
    expect((await saves(target)) - before).toBeLessThan(100);
    await target.server.stop('crash');
    await target.server.restart();
    for (const at of [0, 150, 299]) {
      expect(await session.verify(user(`app-${at}`), new Secret(`old-${at}`), signal)).toMatchObject({
        verdict: 'rejected',
        code: 'WRONGPASS',
      });
      expect(await session.verify(user(`app-${at}`), secrets[at]!, signal)).toEqual({
        verdict: 'accepted',
        principal: `app-${at}`,
      });
    }
    const [first] = outcomes;
    // Another run of the server: no connection of the earlier one exists.
    const probe =
      first?.outcome === 'done' && (await session.probeSessions?.(user('app-0'), first.cutover, signal));
    expect(probe).toEqual({ verdict: 'counted', alive: 0 });
  });

  it('every password that a user had dies, and one without a password gets one', async () => {
    await set('two', new Secret('three'));
    for (const old of ['one', 'two'])
      expect(await session.verify(user('two'), new Secret(old), signal)).toMatchObject({
        verdict: 'rejected',
      });
    expect(await session.verify(user('two'), new Secret('three'), signal)).toMatchObject({
      verdict: 'accepted',
    });
    expect(await session.verify(user('open'), new Secret('anything'), signal)).toMatchObject({
      verdict: 'accepted',
    });
    await set('open', new Secret('closed-now'));
    expect(await session.verify(user('open'), new Secret('anything'), signal)).toMatchObject({
      verdict: 'rejected',
    });
  });

  it('a user that is off gives WRONGPASS for the right password: only a control tells', async () => {
    await set('app-7', new Secret('seven'));
    await session.contain?.(user('app-7'), signal);
    expect(await session.verify(user('app-7'), new Secret('seven'), signal)).toMatchObject({
      verdict: 'rejected',
      code: 'WRONGPASS',
    });
    await target.server.stop('crash');
    await target.server.restart();
    expect(await session.verify(user('app-7'), new Secret('seven'), signal)).toMatchObject({
      verdict: 'rejected',
    });
    await session.release?.(user('app-7'), signal);
    expect(await session.verify(user('app-7'), new Secret('seven'), signal)).toMatchObject({
      verdict: 'accepted',
    });
  });

  it('discovers users, what they may do, and who needs no password', async () => {
    await target.commands([['ACL', 'SETUSER', 'naked', 'on', 'nopass']]);
    const { found } = await discoverAll(session);
    expect(found[0]).toMatchObject({ type: 'system', version: expect.stringMatching(/^Redis \d/) });
    expect(found.filter((one) => one.type === 'credential')).toHaveLength(303);
    expect(found).toContainEqual({
      type: 'grant',
      identity: 'app-1',
      resource: '~app:*',
      privilege: '-@all +@read +ping',
    });
    expect(found.find((one) => one.type === 'identity' && one.name === 'naked')).toMatchObject({
      attributes: { passwords: 'none needed' },
    });
    expect(JSON.stringify(found)).not.toMatch(/[0-9a-f]{64}/);
  });

  it('an administrator that may not save says so, and the change is not called done', async () => {
    await target.commands([['ACL', 'SETUSER', 'admin', '-acl|save']]);
    try {
      expect(await set('app-9', new Secret('nine'))).toMatchObject({ outcome: 'error', code: 'NOPERM' });
    } finally {
      await target.commands([['ACL', 'SETUSER', 'admin', '+acl|save']]);
    }
    expect(await set('app-9', new Secret('nine'))).toMatchObject({ outcome: 'done' });
  });

  it('too many clients is no rejection', async () => {
    await target.commands([['CONFIG', 'SET', 'maxclients', '1']]);
    const verdict = await session.verify(user('app-1'), new Secret('x'), signal);
    expect(verdict).toMatchObject({
      verdict: 'indeterminate',
      reason: expect.stringMatching(/rate-limited|unreachable/),
    });
  });
});

async function saves(target: TargetRedis): Promise<number> {
  const [stats] = await target.commands([['INFO', 'commandstats']]);
  return Number(/cmdstat_acl\|save:calls=(\d+)/.exec(String(stats))?.[1] ?? 0);
}
