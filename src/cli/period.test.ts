/** Times as people type them. */
import { expect, test } from 'vitest';
import { endOf, timeOf } from './period.ts';

test('a day is its begin or its end, and a time is a time', () => {
  expect(timeOf('--from', '2023-11-14', 'begin')).toBe('2023-11-14T00:00:00.000Z');
  expect(timeOf('--to', '2023-11-14', 'end')).toBe('2023-11-14T23:59:59.999Z');
  expect(timeOf('--at', '2023-11-14T17:23+02:00', 'end')).toBe('2023-11-14T15:23:00.000Z');
});

test('an exception ends on a day, or so many days from now', () => {
  expect(endOf('--until', '2026-12-31')).toBe('2026-12-31T23:59:59.999Z');
  const days = (Date.parse(endOf('--until', '30d')) - Date.now()) / (24 * 60 * 60 * 1_000);
  expect(days).toBeGreaterThan(29.99);
  expect(days).toBeLessThanOrEqual(30);
});

test.each(['30', 'd', '30 days', '-3d', 'tomorrow', ''])('%j is no end', (typed) => {
  expect(() => endOf('--until', typed)).toThrow(
    expect.objectContaining({
      faults: [expect.objectContaining({ field: '--until', got: JSON.stringify(typed) })],
    }),
  );
});
