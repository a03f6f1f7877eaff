/** A range as an expression against the plain way: every address of a text compared as a number. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberOf, rangeOf } from './addresses.ts';
import { rangeText } from './range-text.ts';
import { addressPattern } from './term-sql.ts';

const octet = fc.integer({ min: 0, max: 255 });
/** Near the ends of blocks, where an expression of octets goes wrong if it does. */
const edge = fc.oneof(octet, fc.constantFrom(0, 1, 9, 10, 99, 100, 199, 200, 249, 250, 254, 255));
const address = fc.tuple(edge, edge, edge, edge).map((octets) => octets.join('.'));
const range = fc
  .tuple(
    address,
    fc.oneof(fc.integer({ min: 1, max: 65_536 }), fc.constantFrom(1, 2, 4, 5, 256, 257, 4_096, 65_536)),
    fc.boolean(),
  )
  .map(([from, size, isAligned]) => {
    const first = Number((numberOf(from) ?? 0n) & 0xffffffffn);
    const start = isAligned ? first - (first % size) : Math.min(first, 2 ** 32 - size);
    return { first: start, last: Math.min(2 ** 32 - 1, start + size - 1) };
  });
const textOf = (value: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** Whether an address of the range stands alone in the text, looked at character by character. */
function plainly(text: string, { first, last }: { first: number; last: number }): boolean {
  const escaped = /(?:\\[nrtbf]|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2})$/;
  for (let at = 0; at < text.length; at++) {
    const before = text.slice(0, at);
    if (/[0-9.]$/.test(before) && !escaped.test(before)) continue;
    for (let end = at + 7; end <= Math.min(text.length, at + 15); end++) {
      const part = text.slice(at, end);
      if (!/^(?:\d{1,3}\.){3}\d{1,3}$/.test(part) || /(?:^|\.)0\d/.test(part)) continue;
      const value = part.split('.').reduce((sum, one) => sum * 256 + Number(one), 0);
      if (part.split('.').some((one) => Number(one) > 255) || value < first || value > last) continue;
      if (/^(?:$|[^0-9.]|\.(?:$|[^0-9]))/.test(text.slice(end))) return true;
    }
  }
  return false;
}

test('an expression finds the addresses of its range where they stand alone, and one of its needles with them', () => {
  const around = fc.constantFrom(
    '',
    ' ',
    '"',
    ',',
    '1',
    '9',
    '.',
    '0',
    ':',
    '\\n',
    '\\u0022',
    '%20',
    'x',
    '.1',
    '. ',
  );
  const property = fc.property(
    range,
    fc.array(fc.tuple(around, fc.oneof(address, fc.double({ min: -0.2, max: 1.2, noNaN: true })), around), {
      minLength: 1,
      maxLength: 4,
    }),
    (one, parts) => {
      const text = parts
        .map(([before, what, after]) => {
          // A share of the range: within it, or a little before or behind.
          const near =
            typeof what === 'number' ? Math.round(one.first + what * (one.last - one.first + 1)) : undefined;
          const shown = near === undefined ? String(what) : textOf(Math.min(2 ** 32 - 1, Math.max(0, near)));
          return `${before}${shown}${after}`;
        })
        .join(';');
      const read = rangeOf(`${textOf(one.first)}-${textOf(one.last)}`);
      const made = read && rangeText(read, 65_536);
      if (!made) throw new Error('it is an IPv4 range within the bound');
      const isFound = new RegExp(addressPattern(made)).test(text);
      expect(isFound).toBe(plainly(text, one));
      if (isFound) expect(made.needles.some((needle) => text.includes(needle))).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 4_000 });
});

test('a range of any size has few needles; IPv6 and what is wider have none', () => {
  const needlesOf = (text: string) => {
    const read = rangeOf(text);
    return read && rangeText(read, 65_536)?.needles;
  };
  expect(needlesOf('203.0.113.0/24')).toEqual(['203.0.113.']);
  expect(needlesOf('203.0.0.0/16')).toEqual(['203.0.']);
  expect(needlesOf('203.0.112.0/23')).toEqual(['203.0.112.', '203.0.113.']);
  expect(needlesOf('203.0.96.0/19')).toEqual(['203.0.']);
  expect(needlesOf('203.0.113.7')).toEqual(['203.0.113.7']);
  expect(needlesOf('203.0.113.254-203.0.114.1')).toEqual([
    '203.0.113.254',
    '203.0.113.255',
    '203.0.114.0',
    '203.0.114.1',
  ]);
  expect(needlesOf('203.0.0.0/15')).toBeUndefined();
  expect(needlesOf('2001:db8::/32')).toBeUndefined();
});
