/**
 * Fields of a JSON record read by typed tuples: one pass over the record gives all of them. A path that leads
 * through another field (`a` and `a.b`) is read by a second tuple. Where an object is expected and a list stands,
 * the engine fills the elements of the tuple by their place: the first one of each, which no rule asks for, tells so.
 */
import { quote, quoteElement } from './sql-text.ts';

interface Node {
  children: Map<string, Node>;
  isLeaf: boolean;
}

const newNode = (): Node => ({ children: new Map(), isLeaf: false });

export class TypedTuples {
  readonly #trees: { root: Node; isApart: boolean }[] = [];

  /** Adds a path; says which tuple reads it. Paths that are apart are in tuples of their own. */
  add(steps: readonly string[], isApart: boolean): number {
    for (const [index, tree] of this.#trees.entries())
      if (tree.isApart === isApart && insert(tree.root, steps)) return index;
    const root = newNode();
    insert(root, steps);
    return this.#trees.push({ root, isApart }) - 1;
  }

  /** The expressions of the tuples: over `record`, and of what is apart over `some`. */
  expressions(record: string, some: string): { name: number; isApart: boolean; expression: string }[] {
    return this.#trees.map(({ root, isApart }, name) => ({
      name,
      isApart,
      expression: `JSONExtract(${isApart ? some : record}, ${quote(typeOf(root))})`,
    }));
  }

  /** How the value at the path is taken from its tuple, and what is not null where a list stands on the way to it. */
  element(tuple: string, index: number, steps: readonly string[]): { value: string; lists: string[] } {
    let node = this.#trees[index]?.root;
    let value = tuple;
    const lists: string[] = [];
    for (const [depth, step] of steps.entries()) {
      const place = node ? [...node.children.keys()].indexOf(step) + 1 : 0;
      if (depth > 0) lists.push(`tupleElement(${value}, 1)`);
      value = `tupleElement(${value}, ${depth > 0 ? place + 1 : place})`;
      node = node?.children.get(step);
    }
    return { value, lists };
  }
}

/** A record may have a field of this name: it is then only read the longer way. */
const listMark = `${quoteElement('[list]')} Nullable(String)`;

/** Puts the path into the tree, unless a field would have to be a value and an object at once. */
function insert(tree: Node, steps: readonly string[]): boolean {
  let node: Node | undefined = tree;
  for (const step of steps) {
    if (node.isLeaf) return false;
    node = node.children.get(step);
    if (!node) break;
  }
  if (node) return node.isLeaf;
  let at = tree;
  for (const step of steps) {
    const next = at.children.get(step) ?? newNode();
    at.children.set(step, next);
    at = next;
  }
  at.isLeaf = true;
  return true;
}

function typeOf(node: Node, depth = 0): string {
  const elements = [...node.children].map(
    ([name, child]) =>
      `${quoteElement(name)} ${child.isLeaf ? 'Nullable(String)' : typeOf(child, depth + 1)}`,
  );
  return `Tuple(${[...(depth > 0 ? [listMark] : []), ...elements].join(', ')})`;
}
