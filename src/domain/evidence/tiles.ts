/**
 * C2SP tlog-tiles: the tree cut into tiles of 256 hashes. The hashes of level L are roots of perfect subtrees
 * of 256^L leaves. https://c2sp.org/tlog-tiles
 */
import { assert } from '../../kernel/errors.ts';
import { Frontier, hashNode, type Range, subtreesOf } from './merkle.ts';

/** Levels in one tile: 2^8 = 256 hashes. */
export const tileHeight = 8;
export const tileWidth = 256;
export const hashBytes = 32;

/** The place of a tile: level 0 holds leaf hashes. */
export interface TilePlace {
  level: number;
  index: number;
}

/** A request for a tile, or for the entries below a tile of level 0. `width` is 1 to 256. */
export interface TileRequest {
  level: number | 'entries';
  index: number;
  width: number;
}

/** How many hashes level `level` of a tree of `size` leaves has. */
export const hashesAt = (level: number, size: number): number => Math.floor(size / tileWidth ** level);

/** The partial tile at the right edge of each level that has one. */
export function edgeOf(size: number): (TilePlace & { width: number })[] {
  const tiles = [];
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const width = hashesAt(level, size) % tileWidth;
    if (width > 0) tiles.push({ level, index: Math.floor(hashesAt(level, size) / tileWidth), width });
  }
  return tiles;
}

/** Rebuilds the accumulator from the tiles at the right edge. `read` gives the hashes of each. */
export function frontierFrom(size: number, read: (tile: TilePlace) => Buffer[]): Frontier {
  const frontier = new Frontier();
  for (const tile of edgeOf(size).reverse()) {
    for (const hash of read(tile)) frontier.addSubtree(tile.level * tileHeight, hash);
  }
  return frontier;
}

function placeOf({
  height,
  index,
}: {
  height: number;
  index: number;
}): TilePlace & { offset: number; count: number } {
  const level = Math.floor(height / tileHeight);
  const count = 2 ** (height % tileHeight);
  const first = index * count;
  return { level, index: Math.floor(first / tileWidth), offset: first % tileWidth, count };
}

/** The tiles that hold what is needed to hash `ranges`, each once. */
export function tilesFor(ranges: readonly Range[]): TilePlace[] {
  const places = ranges.flatMap(subtreesOf).map(placeOf);
  return [...new Map(places.map(({ level, index }) => [`${level}/${index}`, { level, index }])).values()];
}

/** The root of a perfect subtree, hashed from the tile that it stands in. */
export function subtreeFrom(
  read: (tile: TilePlace) => Buffer | undefined,
  height: number,
  index: number,
): Buffer {
  const place = placeOf({ height, index });
  const tile = read(place);
  assert(tile && tile.length >= (place.offset + place.count) * hashBytes, 'the tile holds the subtree');
  let row = splitHashes(tile.subarray(place.offset * hashBytes, (place.offset + place.count) * hashBytes));
  while (row.length > 1) row = pairUp(row);
  const [root] = row;
  assert(root, 'a subtree has a root');
  return root;
}

function pairUp(row: Buffer[]): Buffer[] {
  const above: Buffer[] = [];
  for (let at = 0; at + 1 < row.length; at += 2)
    above.push(hashNode(row[at] as Buffer, row[at + 1] as Buffer));
  return above;
}

/** The hashes of a tile's bytes. */
export function splitHashes(bytes: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += hashBytes) hashes.push(bytes.subarray(at, at + hashBytes));
  return hashes;
}

/** Entries as a C2SP entry bundle: each with its length in two bytes before it. */
export function encodeEntries(bodies: readonly string[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const bytes = Buffer.from(body);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
}

const tilePattern = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`; undefined when it is no such path. */
export function parseTilePath(path: string): TileRequest | undefined {
  const [, levelText = '', indexText = '', widthText] = tilePattern.exec(path) ?? [];
  const level = levelText === 'entries' ? 'entries' : Number(levelText);
  const index = Number(indexText.replaceAll(/[x/]/g, ''));
  const width = widthText === undefined ? tileWidth : Number(widthText);
  const request = { level, index, width } as const;
  // One spelling only: no leading group of zeros, no width of a full tile.
  if (!Number.isSafeInteger(index) || levelText === '' || (level !== 'entries' && level > 63))
    return undefined;
  return formatTilePath(request) === path ? request : undefined;
}

/** The path that `parseTilePath` reads, such as `tile/1/x001/x234/067.p/8`. */
export function formatTilePath({ level, index, width }: TileRequest): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${place}${width < tileWidth ? `.p/${width}` : ''}`;
}
