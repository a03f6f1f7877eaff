/** How many of a row of rules were met in their order. */

/** `[slot][depth]`: the latest beginning of a chain of so many rules that ends with this one. */
export type Reach = number[][];

export const reachOf = (slots: number): Reach =>
  Array.from({ length: slots }, () => Array<number>(slots + 1).fill(Number.NEGATIVE_INFINITY));

/** Adds a match, and gives the length of the longest chain that ends with it and is no longer than the span. */
export function orderedDepth(
  reach: Reach,
  { slot, at }: { slot: number; at: number },
  spanMs: number,
): number {
  const own = reach[slot];
  if (!own) return 0;
  let depth = 1;
  for (let length = slot + 1; length >= 2; length--) {
    const begun = Math.max(
      ...reach.slice(0, slot).map((before) => before[length - 1] ?? Number.NEGATIVE_INFINITY),
    );
    own[length] = Math.max(own[length] ?? Number.NEGATIVE_INFINITY, begun);
    if (begun >= at - spanMs) depth = Math.max(depth, length);
  }
  own[1] = at;
  return depth;
}
