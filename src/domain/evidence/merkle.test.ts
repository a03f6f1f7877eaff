import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  consistencyRanges,
  emptyRoot,
  Frontier,
  hashLeaf,
  hashRange,
  inclusionRanges,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
import { edgeOf, frontierFrom, hashesAt, subtreeFrom, type TilePlace, tileWidth } from './tiles.ts';

const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** MTH, PATH and PROOF word for word as RFC 6962 section 2.1 defines them, on the leaves' data. */
const naive = {
  split: (count: number) => 2 ** Math.floor(Math.log2(count - 1)),
  root(data: Buffer[]): Buffer {
    if (data.length === 0) return sha();
    if (data.length === 1) return sha(Buffer.of(0), data[0]!);
    const k = naive.split(data.length);
    return sha(Buffer.of(1), naive.root(data.slice(0, k)), naive.root(data.slice(k)));
  },
  path(m: number, data: Buffer[]): Buffer[] {
    if (data.length === 1) return [];
    const k = naive.split(data.length);
    return m < k
      ? [...naive.path(m, data.slice(0, k)), naive.root(data.slice(k))]
      : [...naive.path(m - k, data.slice(k)), naive.root(data.slice(0, k))];
  },
  proof(m: number, data: Buffer[], known = true): Buffer[] {
    if (m === data.length) return known ? [] : [naive.root(data)];
    const k = naive.split(data.length);
    return m <= k
      ? [...naive.proof(m, data.slice(0, k), known), naive.root(data.slice(k))]
      : [...naive.proof(m - k, data.slice(k), false), naive.root(data.slice(0, k))];
  },
};

const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => Buffer.from(`leaf ${index}`));

/** The tiles of a tree, kept as the ledger keeps them: by what the accumulator reports. */
function tilesOf(data: readonly Buffer[]) {
  const tiles = new Map<string, Buffer[]>();
  const counts: number[] = [];
  const frontier = new Frontier();
  for (const leaf of data) {
    frontier.add(hashLeaf(leaf), (height, root) => {
      if (height % 8 !== 0) return;
      const level = height / 8;
      const nth = counts[level] ?? 0;
      counts[level] = nth + 1;
      const key = `${level}/${Math.floor(nth / tileWidth)}`;
      tiles.set(key, [...(tiles.get(key) ?? []), root]);
    });
  }
  const read = ({ level, index }: TilePlace) => tiles.get(`${level}/${index}`) ?? [];
  const hashed = (ranges: { start: number; end: number }[]) =>
    ranges.map((range) =>
      hashRange(range, (height, index) => subtreeFrom((tile) => Buffer.concat(read(tile)), height, index)),
    );
  return { frontier, read, hashed };
}

test('the published vectors of Certificate Transparency', () => {
  const data = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const frontier = new Frontier();
  const roots = data.map((hex) => {
    frontier.add(hashLeaf(Buffer.from(hex, 'hex')));
    return frontier.root().toString('hex');
  });
  expect(emptyRoot.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(roots[0]).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  expect(roots[7]).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
});

test('text and bytes hash to the same leaf', () => {
  expect(hashLeaf('é𝄞')).toEqual(hashLeaf(Buffer.from('é𝄞')));
});

test('roots and proofs are those of the naive definition, for every size across two tiles', () => {
  const data = leavesOf(530);
  const { hashed } = tilesOf(data);
  for (const size of [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 530]) {
    expect(hashed([{ start: 0, end: size }])[0]).toEqual(naive.root(data.slice(0, size)));
    for (const index of [0, 1, Math.floor(size / 2), size - 1].filter((at) => at < size))
      expect(hashed(inclusionRanges(index, size))).toEqual(naive.path(index, data.slice(0, size)));
    for (const old of [1, 2, 255, 256, 257, size - 1, size].filter((at) => at > 0 && at <= size))
      expect(hashed(consistencyRanges(old, size))).toEqual(naive.proof(old, data.slice(0, size)));
  }
});

test('a frontier read back from its tiles grows to the same root', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 300 }), (size, more) => {
      const data = leavesOf(size + more);
      const { read } = tilesOf(data.slice(0, size));
      const frontier = frontierFrom(size, read);
      expect(frontier.root()).toEqual(naive.root(data.slice(0, size)));
      for (const leaf of data.slice(size)) frontier.add(hashLeaf(leaf));
      expect(frontier.root()).toEqual(naive.root(data));
      expect(frontier.size).toBe(size + more);
    }),
    { numRuns: 40 },
  );
});

test('proofs verify, and nothing else does', () => {
  const data = leavesOf(300);
  const { hashed } = tilesOf(data);
  const size = fc.integer({ min: 2, max: 300 });
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), fc.nat(), (size, first, second, flip) => {
      const index = first % size;
      const root = naive.root(data.slice(0, size));
      const path = hashed(inclusionRanges(index, size));
      const claim = { index, size, leafHash: hashLeaf(data[index]!), path, root };
      expect(verifyInclusion(claim)).toBe(true);
      expect(verifyInclusion({ ...claim, index: (index + 1) % size })).toBe(false);
      expect(verifyInclusion({ ...claim, leafHash: hashLeaf('another') })).toBe(false);
      expect(verifyInclusion({ ...claim, path: flipOne(path, flip) })).toBe(false);
      expect(verifyInclusion({ ...claim, path: path.slice(1) })).toBe(false);
      expect(verifyInclusion({ ...claim, path: [...path, root] })).toBe(false);

      const oldSize = 1 + (second % (size - 1));
      const proof = hashed(consistencyRanges(oldSize, size));
      const grown = {
        oldSize,
        newSize: size,
        oldRoot: naive.root(data.slice(0, oldSize)),
        newRoot: root,
        path: proof,
      };
      expect(verifyConsistency(grown)).toBe(true);
      expect(verifyConsistency({ ...grown, oldRoot: hashLeaf('another') })).toBe(false);
      expect(verifyConsistency({ ...grown, newRoot: hashLeaf('another') })).toBe(false);
      expect(verifyConsistency({ ...grown, path: flipOne(proof, flip) })).toBe(false);
      expect(verifyConsistency({ ...grown, path: proof.slice(0, -1) })).toBe(false);
      expect(verifyConsistency({ ...grown, path: [...proof, root] })).toBe(false);
    }),
  );
});

test('the edges of consistency: equal sizes and the empty tree', () => {
  const root = hashLeaf('a');
  expect(verifyConsistency({ oldSize: 1, newSize: 1, oldRoot: root, newRoot: root, path: [] })).toBe(true);
  expect(verifyConsistency({ oldSize: 1, newSize: 1, oldRoot: root, newRoot: emptyRoot, path: [] })).toBe(
    false,
  );
  expect(verifyConsistency({ oldSize: 0, newSize: 1, oldRoot: emptyRoot, newRoot: root, path: [] })).toBe(
    true,
  );
  expect(verifyConsistency({ oldSize: 0, newSize: 1, oldRoot: root, newRoot: root, path: [] })).toBe(false);
  expect(verifyConsistency({ oldSize: 2, newSize: 1, oldRoot: root, newRoot: root, path: [] })).toBe(false);
  expect(verifyConsistency({ oldSize: 1, newSize: 2, oldRoot: root, newRoot: root, path: [] })).toBe(false);
});

test('sizes beyond 32 bits are counted right', () => {
  const size = 2 ** 40 + 70_000;
  expect(hashesAt(0, 70_000)).toBe(70_000);
  expect(edgeOf(70_000)).toEqual([
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
  expect(edgeOf(size).map(({ level }) => level)).toEqual([0, 1, 2, 5]);
  expect(inclusionRanges(2 ** 40, size)).toHaveLength(18);
});

function flipOne(path: Buffer[], seed: number): Buffer[] {
  const at = seed % path.length;
  return path.map((hash, index) => {
    if (index !== at) return hash;
    const copy = Buffer.from(hash);
    copy[seed % copy.length]! ^= 1 << (seed % 8);
    return copy;
  });
}
