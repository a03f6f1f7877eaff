/**
 * The tree as the writer keeps it in memory: the right edge only. It is read from the database whenever
 * another process has written, and checked against the signed head before anything is added to it.
 */

import { FirebreakError } from '../../kernel/errors.ts';
import { count } from '../../kernel/text.ts';
import type { Tx } from '../../store/index.ts';
import { parseCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import type { LedgerSigner } from './keys.ts';
import { emptyRoot, Frontier } from './merkle.ts';
import { type CheckpointRow, countEntries, readTileHashes } from './store.ts';
import { edgeOf, frontierFrom, hashesAt, type TilePlace, tileHeight, tileWidth } from './tiles.ts';

/** A tree and what identifies it: two trees of the same size and root are the same. */
export interface Tree {
  size: number;
  root: Buffer;
  frontier: Frontier;
  /** The partial tile at the right edge of each level from 1 up. */
  edge: Map<number, Buffer[]>;
}

export const emptyTree = (): Tree => ({
  size: 0,
  root: emptyRoot,
  frontier: new Frontier(),
  edge: new Map(),
});

/** Whether `tree` is the one that the head has signed. */
export const isTreeOf = (tree: Tree, head: CheckpointRow | undefined): boolean =>
  tree.size === (head?.size ?? 0) && tree.root.equals(head?.root ?? emptyRoot);

/**
 * Reads the tree below `head`. Throws refused when another key has signed it, and corrupt when what is stored
 * does not hash to what was signed: a ledger must not sign a continuation of that.
 */
export async function loadTree(tx: Tx, head: CheckpointRow | undefined, signer: LedgerSigner): Promise<Tree> {
  const stored = await countEntries(tx);
  if (stored !== (head?.size ?? 0))
    throw corrupt(`${count(head?.size ?? 0)} entries are signed, but ${count(stored)} are stored`);
  if (!head) return emptyTree();
  checkHead(head, signer);
  const edge = new Map<string, Buffer[]>();
  for (const tile of edgeOf(head.size)) {
    const hashes = await readTileHashes(tx, tile, tile.width);
    if (!hashes) throw corrupt(`tile ${tile.index} of level ${tile.level} is incomplete`);
    edge.set(keyOf(tile), hashes);
  }
  const frontier = frontierFrom(head.size, (tile) => edge.get(keyOf(tile)) ?? []);
  if (!frontier.root().equals(head.root))
    throw corrupt('the stored tree does not hash to the root that was signed');
  const upper = edgeOf(head.size).filter(({ level }) => level > 0);
  return {
    size: head.size,
    root: head.root,
    frontier,
    edge: new Map(upper.map((tile) => [tile.level, edge.get(keyOf(tile)) ?? []])),
  };
}

const keyOf = ({ level, index }: TilePlace): string => `${level}/${index}`;

function checkHead({ size, root, note }: CheckpointRow, signer: LedgerSigner): void {
  const signed = verifyCheckpoint(note, signer.key);
  if (signed.ok && signed.value.size === size && signed.value.root.equals(root)) return;
  const origin = parseCheckpoint(note);
  if (!signed.ok && origin.ok && origin.value.size === size && origin.value.root.equals(root))
    throw new FirebreakError(
      'refused',
      `the head of this ledger was not signed with our key: expected ${signed.error}. Use the keys it was made with.`,
    );
  throw corrupt('the newest checkpoint does not say what was signed');
}

function corrupt(what: string): FirebreakError {
  return new FirebreakError(
    'corrupt',
    `the ledger was changed from outside: ${what}. Nothing was written; export it and verify the bundle.`,
  );
}

/** The tree with the leaves added, and the tiles of level 1 and up that this changed. `tree` stays as it is. */
export function growTree(
  tree: Tree,
  leafHashes: readonly Buffer[],
): { tree: Tree; tiles: (TilePlace & { hashes: Buffer })[] } {
  const frontier = tree.frontier.clone();
  const edge = new Map([...tree.edge].map(([level, hashes]) => [level, [...hashes]]));
  const tiles = new Map<string, TilePlace & { hashes: Buffer }>();
  const onSubtree = (height: number, root: Buffer) => {
    const level = height / tileHeight;
    if (level === 0 || !Number.isInteger(level)) return;
    const hashes = edge.get(level) ?? [];
    hashes.push(root);
    // The frontier counts the leaf only after its subtrees are complete.
    const index = Math.ceil(hashesAt(level, frontier.size + 1) / tileWidth) - 1;
    tiles.set(`${level}/${index}`, { level, index, hashes: Buffer.concat(hashes) });
    edge.set(level, hashes.length === tileWidth ? [] : hashes);
  };
  for (const leafHash of leafHashes) frontier.add(leafHash, onSubtree);
  const grown = { size: frontier.size, root: frontier.root(), frontier, edge };
  return { tree: grown, tiles: [...tiles.values()] };
}
