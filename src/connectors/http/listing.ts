/** Listings of an application: what exists, page by page, and what a crash of ours left behind. */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Discovered, Target } from '../contract.ts';
import { HttpFault, pointTo, type Reply, textAt, type Variables } from './client.ts';
import type { List, Request } from './schema.ts';

/** Sends a request as the administrator. */
export type Ask = (request: Request, variables: Variables, signal: AbortSignal) => Promise<Reply>;

/** The items of a listing, a page at a time. Throws unavailable when a page can't be read. */
async function* listItems(
  ask: Ask,
  list: Request & { items: string; next?: string | undefined },
  variables: Variables,
  signal: AbortSignal,
): AsyncIterable<unknown[]> {
  let cursor = '';
  for (let page = 0; page < limits.httpPagesMax; page++) {
    const reply = await ask(list, { ...variables, cursor }, signal).catch((error: unknown) => {
      const message = error instanceof HttpFault ? error.message : 'the call failed';
      throw new FirebreakError('unavailable', `can't list ${list.path}: ${message}`, { retry: 'later' });
    });
    const items = pointTo(reply.json, list.items);
    if (reply.status < 200 || reply.status > 299 || !Array.isArray(items))
      throw new FirebreakError(
        'unavailable',
        `can't list ${list.path}: ${reply.status}, and no list at ${list.items}`,
        {
          retry: 'later',
        },
      );
    yield items;
    const next = textAt(reply.json, list.next);
    if (next === undefined) return;
    if (next === cursor)
      throw new FirebreakError('unavailable', `${list.path} names the same next page for ever`);
    cursor = next;
  }
  throw new FirebreakError('limit_exceeded', `${list.path} has more than ${limits.httpPagesMax} pages`);
}

/** One kind's credentials, and the identities that they belong to. */
export async function* discoverKind(
  ask: Ask,
  kind: string,
  list: List,
  signal: AbortSignal,
): AsyncIterable<Discovered[]> {
  for await (const items of listItems(ask, list, {}, signal)) {
    const batch = items.flatMap((item) => describeItem(kind, list, item));
    for (let at = 0; at < batch.length; at += limits.discoverBatchRows)
      yield batch.slice(at, at + limits.discoverBatchRows);
  }
}

function describeItem(kind: string, list: List, item: unknown): Discovered[] {
  const id = textAt(item, list.id);
  const principal = textAt(item, list.principal);
  if (id === undefined || principal === undefined)
    throw new FirebreakError(
      'unavailable',
      `an item of ${list.path} has no ${id === undefined ? list.id : list.principal}`,
    );
  const changedAt = timeAt(item, list.createdAt);
  const lastUsedAt = timeAt(item, list.lastUsedAt);
  const expiresAt = timeAt(item, list.expiresAt);
  return [
    { type: 'identity', name: principal, kind: 'unknown' },
    {
      type: 'credential',
      target: { kind, name: textAt(item, list.name) ?? id, attributes: { id, principal } },
      principal,
      ...(changedAt ? { changedAt } : {}),
      ...(lastUsedAt ? { lastUsedAt } : {}),
      ...(expiresAt ? { expiresAt } : {}),
    },
  ];
}

function timeAt(item: unknown, pointer: string | undefined): Date | undefined {
  const text = textAt(item, pointer);
  const time = text === undefined ? undefined : new Date(text);
  return time && !Number.isNaN(time.getTime()) ? time : undefined;
}

/** The items that carry exactly `key`. An application that ignores an unknown filter lists everything. */
export async function findByKey(
  ask: Ask,
  orphans: Request & { items: string; id: string; key: string },
  target: Target,
  variables: Variables,
  signal: AbortSignal,
): Promise<Target[]> {
  const found: Target[] = [];
  for await (const items of listItems(ask, orphans, variables, signal)) {
    for (const item of items) {
      const id = textAt(item, orphans.id);
      if (id === undefined || textAt(item, orphans.key) !== variables.key) continue;
      found.push({ kind: target.kind, name: id, attributes: { ...target.attributes, id } });
    }
  }
  return found;
}
