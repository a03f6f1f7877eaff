/** What a plan says that it will take: measured where there is something to measure, and never more than is allowed. */
import { expect, test } from 'vitest';
import { estimate } from './estimate.ts';

const placed = [
  { wave: 1, role: 'web' },
  { wave: 1, role: 'database' },
  { wave: 2, role: 'web' },
];

test('nothing measured: an assumption, and it says so', () => {
  const nothing = { byRole: new Map(), overall: undefined, wave: 0, restarts: 0 };
  expect(estimate(placed, nothing, 15)).toEqual({
    seconds: 180,
    secondsMax: 1_800,
    basis: 'assumed',
    restarts: 0,
  });
});

test('a wave takes as long as its slowest role; a role that was not measured as long as all', () => {
  const measured = { byRole: new Map([['web', 20]]), overall: 50.2, wave: 5, restarts: 7 };
  // 50.2 of the database, then 20 of the web.
  expect(estimate(placed, measured, 15)).toMatchObject({ seconds: 71, basis: 'measured', restarts: 7 });
  // What lies between the waves counts, too: no wave took less than 25.
  expect(estimate(placed, { ...measured, wave: 25 }, 15)).toMatchObject({ seconds: 76 });
});

test('no host is given longer than the policy gives it', () => {
  const measured = { byRole: new Map([['database', 9_000]]), overall: 30, wave: 0, restarts: 3 };
  expect(estimate(placed, measured, 2)).toMatchObject({ seconds: 120 + 30, secondsMax: 240 });
});
