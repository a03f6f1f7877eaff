/** The typed client of the API: in this process, or over HTTP when a server runs. */
import { type ClientResponse, hc } from 'hono/client';
import type { StatusCode } from 'hono/utils/http-status';
import { FirebreakError, messageOf } from '../kernel/errors.ts';
import { actorHeader } from './actor.ts';
import type { AppType } from './app.ts';
import { errorFromBody } from './errors.ts';
import type { Entrance } from './router.ts';

/** Where the API is: an app of this process (see `inProcess`), or a server with its token. */
export type ClientBase = { fetch: typeof fetch } | { url: string; token: string };

const typed = (url: string, options: Parameters<typeof hc>[1]) => hc<AppType>(url, options);
export type Client = ReturnType<typeof typed>;

/** `actor` is the person who acts: every entry of the ledger names them. */
export function createClient(base: ClientBase, actor: string): Client {
  const headers = { [actorHeader]: encodeURIComponent(actor) };
  if ('fetch' in base) return typed('http://in-process', { fetch: base.fetch, headers });
  return typed(base.url, { headers: { ...headers, authorization: `Bearer ${base.token}` } });
}

/** The way into an app of this process: it needs no token, because whoever calls it has the process already. */
export function inProcess(app: AppType): { fetch: typeof fetch } {
  const entrance: Entrance = { kind: 'in-process' };
  return { fetch: async (input, init) => app.fetch(new Request(input, init), { entrance }) };
}

/** What a call answered, or the error that it answered with, thrown as it was on the other side. */
export async function unwrap<T>(call: Promise<ClientResponse<T, StatusCode, 'json'>>): Promise<T> {
  const response = await answerOf(call);
  return (await response.json()) as T;
}

/** The answer to a call whose body is no JSON. */
export async function answerOf<R extends { ok: boolean; status: number; json(): Promise<unknown> }>(
  call: Promise<R>,
): Promise<R> {
  const response = await call.catch((cause: unknown) => {
    if (cause instanceof FirebreakError) throw cause;
    throw new FirebreakError('unavailable', `the Firebreak server does not answer: ${reasonOf(cause)}`, {
      retry: 'later',
      cause,
    });
  });
  if (response.ok) return response;
  throw errorFromBody(await response.json().catch(() => undefined), response.status);
}

/** Node's fetch says "fetch failed" and why in the cause. */
const reasonOf = (error: unknown): string =>
  messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
