import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RebootPolicy } from '../inventory/index.ts';
import { arrange, type Candidate, downMax } from './arrange.ts';
import { opensAt } from './windows.ts';

const host = (name: string, role: string, more: Partial<Candidate> = {}): Candidate => ({
  name,
  role,
  environment: 'test',
  after: [],
  action: 'reboot',
  target: { address: name, port: 22, login: '', jump: '' },
  ...more,
});
const many = (count: number, role: string, more: Partial<Candidate> = {}) =>
  Array.from({ length: count }, (_none, index) => host(`${role}-${index}`, role, more));

function plan(candidates: Candidate[], policy: object, critical: string[] = []) {
  const roleSizes = new Map<string, number>();
  for (const { role } of candidates) roleSizes.set(role, (roleSizes.get(role) ?? 0) + 1);
  const known = new Set(candidates.map(({ name }) => name));
  const parsed = RebootPolicy.parse(policy);
  const result = arrange({ candidates, roleSizes, known, critical: new Set(critical) }, parsed);
  const waveOf = Object.fromEntries(result.placed.map(({ name, wave }) => [name, wave]));
  return { ...result, waveOf, policy: parsed, roleSizes };
}

test('a canary of each role first, then no more of a role than may be down', () => {
  const { placed } = plan([...many(8, 'web'), ...many(2, 'cache')], { keepUpShare: 0.5 });
  const waves = (role: string) => placed.filter((one) => one.role === role).map(({ wave }) => wave);
  expect(waves('web')).toEqual([1, 2, 2, 2, 2, 3, 3, 3]);
  expect(waves('cache')).toEqual([1, 2]);
});

test('a quorum of three of four lets one go at a time; a quorum of all lets none', () => {
  expect(
    plan(many(4, 'etcd'), { keepUpShare: 0, roles: { etcd: { keepUpHosts: 3 } } }).placed.map(
      ({ wave }) => wave,
    ),
  ).toEqual([1, 2, 3, 4]);
  const none = plan(many(3, 'etcd'), { roles: { etcd: { keepUpHosts: 3 } } });
  expect(none.placed).toEqual([]);
  expect(none.unplannable).toMatchObject(Array.from({ length: 3 }, () => ({ code: 'quorum' })));
});

test('databases come after their replicas, by name and by role', () => {
  const { waveOf } = plan(
    [host('db', 'db', { after: ['replica-0', 'replica-1'] }), ...many(2, 'replica'), ...many(2, 'app')],
    { keepUpShare: 0, roles: { app: { after: ['db'] } } },
  );
  expect(waveOf.db).toBeGreaterThan(Math.max(waveOf['replica-0'] ?? 9, waveOf['replica-1'] ?? 9));
  expect(Math.min(waveOf['app-0'] ?? 0, waveOf['app-1'] ?? 0)).toBeGreaterThan(waveOf.db ?? 9);
});

test('critical environments come last, and a circle or an unknown host in no plan', () => {
  const { waveOf, unplannable } = plan(
    [
      ...many(4, 'web', { environment: 'production' }),
      host('a', 'x', { after: ['b'] }),
      host('b', 'x', { after: ['a'] }),
      host('c', 'y', { after: ['nobody'] }),
      ...many(4, 'build'),
    ],
    { keepUpShare: 0 },
    ['production'],
  );
  const last = Math.max(...[0, 1, 2, 3].map((index) => waveOf[`build-${index}`] ?? 0));
  for (const index of [0, 1, 2, 3]) expect(waveOf[`web-${index}`]).toBeGreaterThan(last);
  expect(unplannable.map(({ host: name, code }) => [name, code]).sort()).toEqual([
    ['a', 'circle'],
    ['b', 'circle'],
    ['c', 'unknown-dependency'],
  ]);
});

test('whatever the fleet, every wave keeps each role up and every host after those that it waits for', () => {
  const roles = ['web', 'db', 'cache'];
  const some = fc
    .array(
      fc.record({
        role: fc.constantFrom(...roles),
        env: fc.constantFrom('test', 'prod'),
        after: fc.array(fc.nat(30), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 40 },
    )
    .map((rows) =>
      rows.map(({ role, env, after }, index) =>
        // Only to earlier hosts, so that there is no circle.
        host(`h${index}`, role, {
          environment: env,
          after: after.filter((one) => one < index).map((one) => `h${one}`),
        }),
      ),
    );
  const policies = fc.record({
    keepUpShare: fc.double({ min: 0, max: 1, noNaN: true }),
    canary: fc.nat(3),
    waveHosts: fc.integer({ min: 1, max: 10 }),
  });
  fc.assert(
    fc.property(some, policies, (hosts, settings) => {
      const { placed, unplannable, waveOf, policy, roleSizes } = plan(hosts, settings, ['prod']);
      expect(placed.length + unplannable.length).toBe(hosts.length);
      expect(unplannable).toEqual([]);
      for (const { name, after } of hosts)
        for (const one of after) expect(waveOf[name]).toBeGreaterThan(waveOf[one] ?? 0);
      const counts = new Map<string, number>();
      for (const { role, wave } of placed)
        counts.set(`${wave} ${role}`, (counts.get(`${wave} ${role}`) ?? 0) + 1);
      for (const [key, count] of counts) {
        const role = key.split(' ')[1] as string;
        expect(count).toBeLessThanOrEqual(downMax(policy, role, roleSizes.get(role) ?? 0));
      }
      const waves = [...new Set(placed.map(({ wave }) => wave))].sort((a, b) => a - b);
      expect(waves).toEqual(waves.map((_wave, index) => index + 1));
    }),
    { numRuns: 300 },
  );
});

test('50,000 hosts are placed within seconds', () => {
  const startedAt = performance.now();
  const { placed } = plan(Array.from({ length: 50 }, (_none, role) => many(1_000, `r${role}`)).flat(), {});
  expect(placed).toHaveLength(50_000);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test.each([
  ['2023-11-27T23:00:00Z', undefined],
  ['2023-11-28T01:00:00Z', undefined],
  ['2023-11-28T02:00:00Z', '2023-12-04T22:00:00.000Z'],
  ['2023-11-27T21:59:00Z', '2023-11-27T22:00:00.000Z'],
])('a window from Monday 22:00 to 02:00: at %s it opens %s', (now, opens) => {
  const windows = [{ days: ['mon' as const], from: '22:00', to: '02:00' }];
  expect(opensAt(windows, new Date(now))?.toISOString()).toBe(opens);
});
