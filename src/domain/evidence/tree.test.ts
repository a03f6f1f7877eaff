import { expect, test } from 'vitest';
import { hashLeaf } from './merkle.ts';
import { splitHashes } from './tiles.ts';
import { emptyTree, growTree } from './tree.ts';

test('a tree that outgrows a tile of level 1 goes on in the next one', () => {
  const leaves = Array.from({ length: 66_100 }, (_, index) => hashLeaf(String(index)));
  const saved = new Map<string, Buffer[]>();
  let tree = emptyTree();
  for (let at = 0; at < leaves.length; at += 4_999) {
    const grown = growTree(tree, leaves.slice(at, at + 4_999));
    for (const { level, index, hashes } of grown.tiles) saved.set(`${level}/${index}`, splitHashes(hashes));
    tree = grown.tree;
  }
  expect([...saved].map(([tile, hashes]) => [tile, hashes.length])).toEqual([
    ['1/0', 256],
    ['2/0', 1],
    ['1/1', 2],
  ]);
  const whole = growTree(emptyTree(), leaves);
  expect(tree).toEqual(whole.tree);
  expect(saved).toEqual(
    new Map(whole.tiles.map(({ level, index, hashes }) => [`${level}/${index}`, splitHashes(hashes)])),
  );
  expect(saved.get('2/0')?.[0]).toEqual(growTree(emptyTree(), leaves.slice(0, 65_536)).tree.root);
});
