import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { limits } from '../kernel/limits.ts';
import { seededRandom } from '../kernel/random.ts';
import { Pacer, type Turn } from './pacer.ts';

const open = (max: number) => new Pacer(max, { clock: systemClock, random: seededRandom('pacer') });

test.each([
  { fleet: 10, most: 10 },
  { fleet: 100, most: 21 },
])('neither a fleet of $fleet nor a lane has more at a time than it may', async (expected) => {
  const pacer = open(expected.fleet);
  let [active, most] = [0, 0];
  const inLane = new Map<string, number>();
  const mostInLane = new Map<string, number>();
  await Promise.all(
    Array.from({ length: 500 }, async (_none, index) => {
      const key = `10.0.${index % 7}`;
      const turn = await pacer.acquire([{ key, max: 3 }]);
      active++;
      inLane.set(key, (inLane.get(key) ?? 0) + 1);
      most = Math.max(most, active);
      mostInLane.set(key, Math.max(mostInLane.get(key) ?? 0, inLane.get(key) ?? 0));
      await delay(1);
      active--;
      inLane.set(key, (inLane.get(key) ?? 0) - 1);
      turn('answer');
    }),
  );
  expect(most).toBe(expected.most);
  expect(Math.max(...mostInLane.values())).toBeLessThanOrEqual(3);
  expect(pacer.state).toEqual({ waiting: 0, active: 0, lanes: 0 });
});

test('a subnet of time-outs is slowed down, and holds up no other', async () => {
  const pacer = open(40);
  const dead = Array.from({ length: 48 }, async () => {
    const turn = await pacer.acquire([{ key: 'dead', max: 32 }]);
    await delay(100);
    turn('timeout');
  });
  const startedAt = performance.now();
  const alive = Array.from({ length: 400 }, async (_none, index) => {
    const turn = await pacer.acquire([{ key: `alive ${index % 4}`, max: 32 }]);
    await delay(1);
    turn('answer');
  });
  await Promise.all(alive);
  const aliveMs = performance.now() - startedAt;
  await Promise.all(dead);
  expect(performance.now() - startedAt).toBeGreaterThan(aliveMs * 1.5);
  // It is well again after answers, and then forgotten.
  for (let index = 0; index < 40; index++) (await pacer.acquire([{ key: 'dead', max: 32 }]))('answer');
  expect(pacer.state).toEqual({ waiting: 0, active: 0, lanes: 0 });
});

test('a slowed-down lane still has some at a time', async () => {
  const pacer = open(100);
  for (let index = 0; index < 6; index++) (await pacer.acquire([{ key: 'x', max: 32 }]))('timeout');
  const turns: Turn[] = [];
  for (let index = 0; index < limits.sshBackOffHostsMin; index++)
    turns.push(await pacer.acquire([{ key: 'x', max: 32 }]));
  let more = false;
  const waiting = pacer.acquire([{ key: 'x', max: 32 }]).then((turn) => {
    more = true;
    return turn;
  });
  await delay(50);
  expect(more).toBe(false);
  turns[0]?.('answer');
  (await waiting)('answer');
});

test('who gives up while waiting holds nothing', async () => {
  const pacer = open(1);
  const first = await pacer.acquire([{ key: 'a', max: 1 }]);
  const controller = new AbortController();
  const second = pacer.acquire([{ key: 'a', max: 1 }], controller.signal);
  const third = pacer.acquire([{ key: 'a', max: 1 }]);
  controller.abort(new Error('no longer wanted'));
  await expect(second).rejects.toThrow('no longer wanted');
  first('answer');
  (await third)('answer');
  expect(pacer.state).toEqual({ waiting: 0, active: 0, lanes: 0 });
});
