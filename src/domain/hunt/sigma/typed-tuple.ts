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
  readonly #trees: Node[] = [];

  /** Adds a path; says which tuple reads it. */
  add(steps: readonly string[]): number {
    for (const [index, tree] of this.#trees.entries()) if (insert(tree, steps)) return index;
    const tree = newNode();
    insert(tree, steps);
    return this.#trees.push(tree) - 1;
  }

  /** Which tuple reads the path; undefined when none does. */
  indexOf(steps: readonly string[]): number | undefined {
    const at = this.#trees.findIndex((tree) => leafAt(tree, steps));
    return at < 0 ? undefined : at;
  }

  /** The expressions of the tuples: the first over `record`, the others over `some`. */
  expressions(record: string, some: string): string[] {
    return this.#trees.map(
      (tree, index) => `JSONExtract(${index === 0 ? record : some}, ${quote(typeOf(tree))})`,
    );
  }

  /** How the value at the path is taken from its tuple, and what is not null where a list stands on the way to it. */
  element(tuple: string, index: number, steps: readonly string[]): { value: string; lists: string[] } {
    let node = this.#trees[index];
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

function leafAt(tree: Node, steps: readonly string[]): boolean {
  let node: Node | undefined = tree;
  for (const step of steps) node = node?.children.get(step);
  return node?.isLeaf ?? false;
}

function typeOf(node: Node, depth = 0): string {
  const elements = [...node.children].map(
    ([name, child]) =>
      `${quoteElement(name)} ${child.isLeaf ? 'Nullable(String)' : typeOf(child, depth + 1)}`,
  );
  return `Tuple(${[...(depth > 0 ? [listMark] : []), ...elements].join(', ')})`;
}
