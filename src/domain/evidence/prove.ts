/** Inclusion and consistency proofs from the tiles that they need. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Db } from '../../store/index.ts';
import {
  consistencyRanges,
  emptyRoot,
  hashLeaf,
  hashRange,
  inclusionRanges,
  type Range,
  verifyInclusion,
} from './merkle.ts';
import { readTile } from './store.ts';
import { subtreeFrom, type TilePlace, tilesFor } from './tiles.ts';
import type { Checkpoint, ConsistencyProof, InclusionProof, LedgerEntry } from './types.ts';

const keyOf = ({ level, index }: TilePlace): string => `${level}/${index}`;

async function hashRanges(db: Db, ranges: readonly Range[]): Promise<Buffer[]> {
  const tiles = new Map<string, Buffer>();
  for (const tile of tilesFor(ranges)) tiles.set(keyOf(tile), await readTile(db, tile));
  const read = (tile: TilePlace) => tiles.get(keyOf(tile));
  return ranges.map((range) => hashRange(range, (height, index) => subtreeFrom(read, height, index)));
}

const hex = (hash: Buffer): string => hash.toString('hex');

/** The path of an entry to the root of `head`, walked once to see whether it arrives. */
export async function proveInclusion(
  db: Db,
  head: Checkpoint,
  { seq, body }: LedgerEntry,
): Promise<InclusionProof> {
  const { size, root, note } = head;
  if (seq >= size)
    throw new FirebreakError('not_found', `entry ${seq} is not among the ${size} that are signed`);
  const path = await hashRanges(db, inclusionRanges(seq, size));
  const leafHash = hashLeaf(body);
  const included = verifyInclusion({ index: seq, size, leafHash, path, root: Buffer.from(root, 'hex') });
  return { seq, size, leafHash: hex(leafHash), path: path.map(hex), root, included, checkpoint: note };
}

/** The path from the tree of `oldSize` to the tree of `newSize`, and both roots. */
export async function proveConsistency(
  db: Db,
  head: Checkpoint,
  oldSize: number,
  newSize: number,
): Promise<ConsistencyProof> {
  const fits = Number.isSafeInteger(oldSize) && oldSize >= 0 && oldSize <= newSize && newSize <= head.size;
  if (!fits || !Number.isSafeInteger(newSize))
    throw new FirebreakError(
      'not_found',
      `no proof from ${oldSize} to ${newSize}: the ledger has ${head.size} entries`,
    );
  const path = await hashRanges(db, consistencyRanges(oldSize, newSize));
  const [oldRoot, newRoot] = [await rootAt(db, oldSize), await rootAt(db, newSize)];
  return { oldSize, newSize, oldRoot: hex(oldRoot), newRoot: hex(newRoot), path: path.map(hex) };
}

async function rootAt(db: Db, size: number): Promise<Buffer> {
  const [root] = size === 0 ? [emptyRoot] : await hashRanges(db, [{ start: 0, end: size }]);
  return root ?? emptyRoot;
}
