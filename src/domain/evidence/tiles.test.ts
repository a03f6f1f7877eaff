import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeEntries, formatTilePath, parseTilePath } from './tiles.ts';

test('paths as the specification writes them', () => {
  expect(formatTilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
  expect(parseTilePath('tile/0/x001/x234/067')).toEqual({ level: 0, index: 1_234_067, width: 256 });
  expect(parseTilePath('tile/1/000.p/17')).toEqual({ level: 1, index: 0, width: 17 });
  expect(parseTilePath('tile/entries/273.p/112')).toEqual({ level: 'entries', index: 273, width: 112 });
});

test('every request has one path', () => {
  const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }));
  const request = fc.record({ level, index: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 }) });
  fc.assert(
    fc.property(request, (given) => {
      expect(parseTilePath(formatTilePath(given))).toEqual({ ...given });
    }),
  );
});

test.each([
  'tile/0/67',
  'tile/00/067',
  'tile/64/067',
  'tile/0/x000/067',
  'tile/0/001/067',
  'tile/0/x001',
  'tile/0/067.p/0',
  'tile/0/067.p/256',
  'tile/0/067.p/07',
  'tile/0/067/',
  'tile/../067',
  'tile/0/x999/x999/x999/x999/x999/999',
  '',
])('%j is no tile', (path) => expect(parseTilePath(path)).toBeUndefined());

test('an entry bundle has each length in two bytes, counted in bytes', () => {
  expect(encodeEntries(['a', 'éé', '']).toString('hex')).toBe('000161' + '0004c3a9c3a9' + '0000');
});
