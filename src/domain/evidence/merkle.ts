/**
 * The tree of RFC 6962 section 2.1: hashes, an accumulator that grows by one leaf at a time, and proofs.
 * Proofs are planned as ranges of leaves, so that the caller can load just the tiles that they need.
 * Sizes go up to 2^53, so halves are taken with division and not with 32-bit shifts.
 */
import { hash } from 'node:crypto';
import { assert } from '../../kernel/errors.ts';

/** The root of the tree without leaves. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer');

/** SHA-256(0x00 || data); text is taken as UTF-8. */
export function hashLeaf(data: string | Uint8Array): Buffer {
  if (typeof data === 'string') return hash('sha256', `\0${data}`, 'buffer');
  return hash('sha256', Buffer.concat([Buffer.of(0), data]), 'buffer');
}

/** SHA-256(0x01 || left || right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer');
}

/** Called for each perfect subtree as it is completed: 2^height leaves, the last of them just added. */
export type OnSubtree = (height: number, root: Buffer) => void;

/** The perfect subtrees along the right edge of a tree: enough to add leaves and to know the root. */
export class Frontier {
  #size = 0;
  /** At index h the subtree of 2^h leaves, when the size has that bit. */
  readonly #subtrees: (Buffer | undefined)[] = [];

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf; about two hashes on average with its own. */
  add(leafHash: Buffer, onSubtree?: OnSubtree): void {
    this.addSubtree(0, leafHash, onSubtree);
  }

  /** Adds 2^height leaves by the root of their subtree. The size must be a multiple of 2^height. */
  addSubtree(height: number, root: Buffer, onSubtree?: OnSubtree): void {
    assert(this.#size % 2 ** height === 0, 'a subtree stands at a multiple of its own size');
    let node = root;
    let at = height;
    onSubtree?.(at, node);
    for (let left = this.#subtrees[at]; left; left = this.#subtrees[at]) {
      node = hashNode(left, node);
      this.#subtrees[at++] = undefined;
      onSubtree?.(at, node);
    }
    this.#subtrees[at] = node;
    this.#size += 2 ** height;
  }

  /** The root of the tree as it is now. */
  root(): Buffer {
    let root: Buffer | undefined;
    for (const subtree of this.#subtrees) {
      if (subtree) root = root ? hashNode(subtree, root) : subtree;
    }
    return root ?? emptyRoot;
  }

  clone(): Frontier {
    const copy = new Frontier();
    copy.#size = this.#size;
    copy.#subtrees.push(...this.#subtrees);
    return copy;
  }
}

/** Leaves from `start` up to but without `end`. */
export interface Range {
  start: number;
  end: number;
}

/** The greatest power of two below `count`: where RFC 6962 splits a tree of `count` leaves. */
function splitPoint(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** The perfect subtrees that make up `range`, from left to right. */
export function subtreesOf(range: Range): { height: number; index: number }[] {
  const count = range.end - range.start;
  const height = Math.log2(count);
  if (Number.isInteger(height)) return [{ height, index: range.start / count }];
  const middle = range.start + splitPoint(count);
  return [
    ...subtreesOf({ start: range.start, end: middle }),
    ...subtreesOf({ start: middle, end: range.end }),
  ];
}

/** MTH(D[start:end]) for a range that RFC 6962 splits off. `subtree` gives the roots of perfect subtrees. */
export function hashRange(range: Range, subtree: (height: number, index: number) => Buffer): Buffer {
  const roots = subtreesOf(range).map(({ height, index }) => subtree(height, index));
  return roots.reduceRight((right, left) => hashNode(left, right));
}

/** The ranges whose hashes are PATH(index, D[size]), in the proof's order. */
export function inclusionRanges(index: number, size: number): Range[] {
  assert(index >= 0 && index < size, 'a leaf of the tree is asked for');
  const path = (start: number, end: number): Range[] => {
    if (end - start === 1) return [];
    const middle = start + splitPoint(end - start);
    return index < middle
      ? [...path(start, middle), { start: middle, end }]
      : [...path(middle, end), { start, end: middle }];
  };
  return path(0, size);
}

/** The ranges whose hashes are PROOF(oldSize, D[newSize]), in the proof's order; none from an empty tree. */
export function consistencyRanges(oldSize: number, newSize: number): Range[] {
  assert(oldSize >= 0 && oldSize <= newSize, 'a tree only grows');
  const subproof = (start: number, end: number, known: boolean): Range[] => {
    if (oldSize === end) return known ? [] : [{ start, end }];
    const middle = start + splitPoint(end - start);
    return oldSize <= middle
      ? [...subproof(start, middle, known), { start: middle, end }]
      : [...subproof(middle, end, false), { start, end: middle }];
  };
  return oldSize === 0 ? [] : subproof(0, newSize, true);
}

const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

export interface InclusionClaim {
  index: number;
  size: number;
  leafHash: Uint8Array;
  path: readonly Uint8Array[];
  root: Uint8Array;
}

/** Whether the path proves that the leaf stands at `index` of the tree (RFC 9162 section 2.1.3.2). */
export function verifyInclusion({ index, size, leafHash, path, root }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let node = index;
  let last = size - 1;
  let hashed: Buffer = Buffer.from(leafHash);
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hashed = hashNode(sibling, hashed);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hashed = hashNode(hashed, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && hashed.equals(root);
}

export interface ConsistencyClaim {
  oldSize: number;
  newSize: number;
  oldRoot: Uint8Array;
  newRoot: Uint8Array;
  path: readonly Uint8Array[];
}

/** Whether the path proves that the newer tree begins with the older one (RFC 9162 section 2.1.4.2). */
export function verifyConsistency({ oldSize, newSize, oldRoot, newRoot, path }: ConsistencyClaim): boolean {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) return false;
  if (oldSize === newSize) return path.length === 0 && Buffer.from(oldRoot).equals(newRoot);
  if (oldSize === 0) return path.length === 0 && emptyRoot.equals(oldRoot);
  const [first, ...rest] = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...path] : path;
  if (first === undefined || path.length === 0) return false;
  let [node, last] = [oldSize - 1, newSize - 1];
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  let older: Buffer = Buffer.from(first);
  let newer: Buffer = older;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      older = hashNode(sibling, older);
      newer = hashNode(sibling, newer);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newer = hashNode(newer, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && older.equals(oldRoot) && newer.equals(newRoot);
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
