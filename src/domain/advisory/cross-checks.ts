/**
 * What no field can tell by itself: ids are unique, references have a target, windows end after they begin.
 * Runs on documents whose fields are at fault too, so that one check names every fault; hence it trusts no type.
 */
import type { z } from 'zod';
import { firstOf, lastOf, Moment } from './moment.ts';

type Fields = Record<string, unknown>;
type Place = (string | number)[];

/** Adds an issue for each contradiction between fields of an advisory. */
export function checkAcross(advisory: unknown, context: z.RefinementCtx): void {
  const report = (path: Place, message: string) => context.addIssue({ code: 'custom', path, message });
  checkWindows(advisory, report);
  checkWindowReferences(advisory, report);
  checkUnique(namedIndicators(advisory), report);
}

type Report = (path: Place, message: string) => void;

function checkWindows(advisory: unknown, report: Report): void {
  const windows = listOf(advisory, 'windows');
  checkUnique(
    windows.map(({ id }, index) => ({ name: textOf(id), path: ['windows', index, 'id'] })),
    report,
  );
  for (const [index, window] of windows.entries()) {
    const from = Moment.safeParse(window.from);
    const to = Moment.safeParse(window.to);
    if (from.success && to.success && firstOf(from.data) > lastOf(to.data))
      report(['windows', index, 'to'], `a time after ${from.data}, where the window begins`);
  }
}

function checkWindowReferences(advisory: unknown, report: Report): void {
  const known = listOf(advisory, 'windows').map(({ id }) => textOf(id));
  for (const [index, exposed] of listOf(advisory, 'exposes').entries()) {
    const windows = Array.isArray(exposed.windows) ? exposed.windows : [];
    for (const [at, id] of windows.entries())
      if (typeof id === 'string' && !known.includes(id))
        report(
          ['exposes', index, 'windows', at],
          `the id of a window of this advisory (${known.filter(Boolean).join(', ')})`,
        );
  }
}

function namedIndicators(advisory: unknown): { name: string | undefined; path: Place }[] {
  return listOf(advisory, 'indicators').flatMap(({ type, values }, index) =>
    (Array.isArray(values) ? values : []).map((value, at) => ({
      name: typeof type === 'string' && typeof value === 'string' ? `${type} ${value}` : undefined,
      path: ['indicators', index, 'values', at],
    })),
  );
}

function checkUnique(names: { name: string | undefined; path: Place }[], report: Report): void {
  const first = new Map<string, Place>();
  for (const { name, path } of names) {
    if (name === undefined) continue;
    const earlier = first.get(name);
    if (earlier) report(path, `a value that does not stand at ${describe(earlier)} already`);
    else first.set(name, path);
  }
}

const describe = (path: Place): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
    '',
  );

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The objects of a list; anything else in it is somebody else's fault and an empty object here. */
function listOf(parent: unknown, field: string): Fields[] {
  const list = isFields(parent) ? parent[field] : undefined;
  return Array.isArray(list) ? list.map((entry) => (isFields(entry) ? entry : {})) : [];
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
