/** What stands before every route: the size of the body, who asks, and how often. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context as HonoContext, MiddlewareHandler, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Clock } from '../kernel/clock.ts';
import { badInput, FirebreakError } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import { printable } from '../kernel/text.ts';
import { actorHeader } from './actor.ts';
import { errorBody } from './errors.ts';
import type { ApiPorts } from './ports.ts';
import type { AppEnv, Entrance } from './router.ts';

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Refuses bodies that are larger than the limit before anything reads them. */
export const limitBody: MiddlewareHandler<AppEnv> = bodyLimit({
  maxSize: limits.apiBodyBytesMax,
  onError: (c) => {
    const message = `a request's body holds at most ${limits.apiBodyBytesMax} bytes`;
    return c.json(errorBody(new FirebreakError('limit_exceeded', message)), 413);
  },
});

/** Lets in calls from this process, and others with the token. Sets who acts. */
export function authenticate(ports: ApiPorts): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (!isAdmitted(c.env?.entrance, c.req.header('authorization'))) {
      c.header('www-authenticate', 'Bearer');
      return c.json(
        errorBody(new FirebreakError('refused', 'a bearer token of this installation is missing')),
        401,
      );
    }
    const actor = readActor(c.req.header(actorHeader));
    c.set('actor', actor);
    const context = ports.context(actor);
    c.set('context', context);
    c.set('hunt', { ...context, lake: ports.lake });
    return next();
  };
}

function isAdmitted(entrance: Entrance | undefined, header: string | undefined): boolean {
  if (entrance?.kind === 'in-process') return true;
  const token = /^Bearer ([^\s]{1,512})$/i.exec(header ?? '')?.[1];
  // Hashes have one length, so the comparison takes the same time whatever was sent.
  return (
    entrance !== undefined && token !== undefined && timingSafeEqual(hashToken(token), entrance.tokenHash)
  );
}

function readActor(header: string | undefined): string {
  if (header === undefined) return 'api';
  let actor = '';
  try {
    actor = decodeURIComponent(header);
  } catch {
    // Stays empty, which is refused below.
  }
  if (actor.trim() === '' || actor.length > limits.apiNameCharsMax || printable(actor) !== actor)
    throw badInput("the request's header", [
      { field: actorHeader, expected: 'a name without control characters' },
    ]);
  return actor;
}

const minuteMs = 60_000;

/** Counts the requests of each caller a minute; those above the limit get 429 and when to come again. */
export function limitRate(
  clock: Clock,
  perMinute: number = limits.apiRequestsPerMinuteMax,
): MiddlewareHandler<AppEnv> {
  const windows = new Map<string, { startedMs: number; requests: number }>();
  return async (c: HonoContext<AppEnv>, next: Next) => {
    const caller = callerOf(c);
    const nowMs = clock.monotonicMs();
    let window = windows.get(caller);
    if (!window || nowMs - window.startedMs >= minuteMs) window = { startedMs: nowMs, requests: 0 };
    windows.set(caller, window);
    if (++window.requests <= perMinute) return next();
    c.header('retry-after', String(Math.ceil((window.startedMs + minuteMs - nowMs) / 1_000)));
    const message = `more than ${perMinute} requests in a minute`;
    return c.json(errorBody(new FirebreakError('limit_exceeded', message, { retry: 'later' })), 429);
  };
}

/** Three at most: this process, the one with the token, and all who have none, so that guessing is slow too. */
function callerOf(c: HonoContext<AppEnv>): string {
  const entrance = c.env?.entrance;
  if (entrance?.kind === 'in-process') return 'in-process';
  return isAdmitted(entrance, c.req.header('authorization')) ? 'token' : 'stranger';
}
