import { describe, expect, test } from 'vitest';
import { type Amounts, Pace } from './pace.ts';

interface Cost {
  perByte: number;
  perFile: number;
}

/** Files one after the other, at this cost; what is said to be left at each, and what then was. */
function run(
  files: readonly number[],
  { perByte, perFile }: Cost,
): { said: number | undefined; left: number }[] {
  const total: Amounts = { amount: files.reduce((sum, bytes) => sum + bytes, 0), pieces: files.length };
  const seconds = files.map((bytes) => bytes * perByte + perFile);
  const whole = seconds.reduce((sum, one) => sum + one, 0);
  const pace = new Pace();
  const told: { said: number | undefined; left: number }[] = [];
  let [at, done] = [0, { amount: 0, pieces: 0 }];
  pace.take(0, done);
  for (const [index, bytes] of files.entries()) {
    // A large file reports on its way, ten times.
    for (let part = 1; part <= 10; part++) {
      at += (seconds[index] ?? 0) / 10;
      done = { amount: done.amount + bytes / 10, pieces: index + part / 10 };
      pace.take(at * 1_000, done);
      told.push({ said: pace.secondsLeft(at * 1_000, total), left: whole - at });
    }
  }
  return told;
}

const large = Array.from({ length: 4 }, () => 500e6);
const small = Array.from({ length: 2_000 }, () => 1_500);
const cost = { perByte: 1 / 94e6, perFile: 0.02 };

describe('what is left of files whose sizes are far apart', () => {
  test('in any order, it is never far off once both kinds were seen', () => {
    const mixed = [...large.slice(0, 1), ...small.slice(0, 300), ...large.slice(1), ...small.slice(300)];
    const seen = run(mixed, cost).slice(10 + 2_000);
    for (const { said = 0, left } of seen) expect(Math.abs(said - left)).toBeLessThan(3);
  });

  test('before a small one was seen, a thousand of them are not taken for nothing', () => {
    const [first] = run([...large, ...small], cost).filter(({ said }) => said !== undefined);
    // 21 s of bytes and 40 s of files: by the bytes alone, all would be done in 21 s.
    expect(first?.left).toBeGreaterThan(50);
    expect(first?.said).toBeGreaterThan(30);
    expect(first?.said).toBeLessThan(90);
  });

  test('before a large one was seen, its bytes are not taken for nothing', () => {
    const told = run([...small, ...large], cost);
    const { said = 0, left } = told[1_000] ?? { left: 0 };
    expect(Math.abs(said - left)).toBeLessThan(left * 0.4);
  });

  test.each([0.5, 5])('a machine %s times as fast is believed within seconds', (speed) => {
    const mixed = small.flatMap((bytes, index) => (index % 500 === 250 ? [bytes, 500e6] : [bytes]));
    const told = run(mixed, { perByte: cost.perByte / speed, perFile: cost.perFile / speed });
    const half = told.slice(told.length / 2);
    for (const { said = 0, left } of half) expect(Math.abs(said - left)).toBeLessThan(2 + left * 0.15);
  });

  test('nothing is said before anything was measured, and time that passes comes off', () => {
    const pace = new Pace();
    expect(pace.secondsLeft(0, { amount: 1, pieces: 1 })).toBeUndefined();
    pace.take(0, { amount: 0, pieces: 0 });
    pace.take(2_000, { amount: 100e6, pieces: 10 });
    const total = { amount: 1_000e6, pieces: 100 };
    const said = pace.secondsLeft(2_000, total) ?? 0;
    expect(pace.secondsLeft(5_000, total)).toBeCloseTo(said - 3, 5);
    expect(pace.secondsLeft(5_000_000, total)).toBe(0);
  });
});
