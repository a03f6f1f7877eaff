import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { newKeyPair } from './key-pair.ts';

test('every new key can be read', () => {
  const unread = Array.from({ length: 2_000 }, newKeyPair).filter((pair) =>
    [pair.public, pair.private].some((key) => ssh2.utils.parseKey(key) instanceof Error),
  );
  expect(unread).toEqual([]);
});
