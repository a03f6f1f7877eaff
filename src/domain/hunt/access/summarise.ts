/**
 * Counts things, not requests: the same ticket read twice, by two names, or standing in an access log and an audit
 * log, is one ticket. What was asked for and never answered is listed apart.
 */
import { limits } from '../../../kernel/limits.ts';
import type { AccessRow } from './find.ts';
import type { AccessAct, AccessedResource, TypeCount } from './types.ts';

/** Host logs name a repository of some server; which one, another log knows. */
const hostSources = new Set(['auditd', 'linux-auth']);

/** Things that were read, in the order in which they first were, and those that were only asked for. */
export function mergeRows(rows: readonly AccessRow[]): {
  read: AccessedResource[];
  refused: AccessedResource[];
} {
  const homes = new Map<string, string>();
  for (const { type, key, realm, sources } of rows)
    if (!sources.every((source) => hostSources.has(source))) homes.set(`${type}\0${key}`, realm);
  const [read, refused] = [new Map<string, AccessedResource>(), new Map<string, AccessedResource>()];
  const sorted = [...rows].sort((a, b) => a.first.getTime() - b.first.getTime());
  for (const row of sorted) {
    const realm = homes.get(`${row.type}\0${row.key}`) ?? row.realm;
    const id = [row.type, row.key, realm.startsWith('=') ? realm : realm.split('|')[0]].join('\0');
    add(row.answered ? read : refused, id, row);
  }
  foldTitles(read);
  for (const id of read.keys()) refused.delete(id);
  return { read: inOrder(read), refused: inOrder(refused) };
}

function add(found: Map<string, AccessedResource>, id: string, row: AccessRow): void {
  const known = found.get(id);
  if (!known) {
    const { act, answered: _, ...rest } = row;
    found.set(id, { ...rest, acts: [act] });
    return;
  }
  if (!known.acts.includes(row.act)) known.acts.push(row.act);
  known.title ||= row.title;
  known.events += row.events;
  known.actors = union(known.actors, row.actors);
  known.addresses = union(known.addresses, row.addresses);
  known.sources = union(known.sources, row.sources);
  if (row.last > known.last) known.last = row.last;
  if (row.first < known.first) {
    known.first = row.first;
    known.proof = row.proof;
  }
}

/** A page that one log knows by its title alone is the one page of that title that another log knows by number. */
function foldTitles(found: Map<string, AccessedResource>): void {
  const numbered = new Map<string, AccessedResource[]>();
  for (const one of found.values())
    if (one.type === 'page' && one.title !== '' && /^\d+$/.test(one.key)) {
      const title = one.title.toLowerCase();
      numbered.set(title, [...(numbered.get(title) ?? []), one]);
    }
  for (const [id, one] of found) {
    const [same, ...more] =
      one.type === 'page' && !/^\d+$/.test(one.key) ? (numbered.get(one.key) ?? []) : [];
    if (!same || more.length > 0) continue;
    found.delete(id);
    for (const act of one.acts) if (!same.acts.includes(act)) same.acts.push(act);
    same.events += one.events;
    same.actors = union(same.actors, one.actors);
    same.addresses = union(same.addresses, one.addresses);
    same.sources = union(same.sources, one.sources);
    if (one.last > same.last) same.last = one.last;
    if (one.first < same.first) {
      same.first = one.first;
      same.proof = one.proof;
    }
  }
}

const union = (one: readonly string[], other: readonly string[]): string[] =>
  [...new Set([...one, ...other])].sort();

const inOrder = (found: ReadonlyMap<string, AccessedResource>): AccessedResource[] =>
  [...found.values()].sort((a, b) => a.first.getTime() - b.first.getTime() || (a.key < b.key ? -1 : 1));

/** How many of each type there are at all, by the type's name. */
export type Totals = Readonly<Record<string, number>>;

/** Types with most things first. */
export function countTypes(
  read: readonly AccessedResource[],
  refused: readonly AccessedResource[],
  totals: Totals,
): TypeCount[] {
  const names = new Set([...read, ...refused].map(({ type }) => type));
  return [...names]
    .map((type): TypeCount => {
      const own = read.filter((one) => one.type === type);
      const byAct: Partial<Record<AccessAct, number>> = {};
      for (const act of own.flatMap(({ acts }) => acts)) byAct[act] = (byAct[act] ?? 0) + 1;
      return {
        type,
        resources: own.length,
        byAct,
        total: totals[type] ?? null,
        refused: refused.filter((one) => one.type === type).length,
        topics: topicsOf(own),
      };
    })
    .sort((a, b) => b.resources - a.resources || (a.type < b.type ? -1 : 1));
}

/** Too common in titles to say what they are about. */
const fillers = new Set(
  'the and for with from how what when your our this that are was not into use using about all new git com http https www html'.split(
    ' ',
  ),
);

/** Words of titles, or of names where there are no titles, by the number of things that have them. */
function topicsOf(resources: readonly AccessedResource[]): { word: string; resources: number }[] {
  const counts = new Map<string, number>();
  for (const { title, key } of resources)
    for (const word of new Set((title || key).toLowerCase().split(/[^\p{L}\p{N}]+/u)))
      if (word.length > 2 && !fillers.has(word) && !/^\d+$/.test(word))
        counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .map(([word, number]) => ({ word, resources: number }))
    .sort((a, b) => b.resources - a.resources || (a.word < b.word ? -1 : 1))
    .slice(0, limits.accessTopicsMax);
}
