/** The portal's requests. Every refusal is `{"error": {"code": ...}}`, as its documentation would say. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { sha256Hex } from '../kernel/hash.ts';
import {
  type PortalSession,
  type PortalStore,
  type PortalToken,
  type PortalUser,
  portalCookie,
} from './portal-state.ts';

type Caller = { user: PortalUser; credential: { type: 'token' | 'session'; id: string } };
type Env = { Variables: { caller: Caller } };
type Status = 400 | 401 | 403 | 404 | 429;

const refuse = (c: Context, status: Status, code: string) => c.json({ error: { code } }, status);

export function createPortalRoutes(store: PortalStore, ratePerSecond: number): Hono<Env> {
  const routes = new Hono<Env>();
  routes.use(limitRate(ratePerSecond));
  addPages(routes, store);
  addSignIn(routes, store);
  routes.use('/api/admin/*', authenticate(store), async (c, next) =>
    c.get('caller').user.admin ? next() : refuse(c, 403, 'forbidden'),
  );
  addTokenAdmin(routes, store);
  addSessionAdmin(routes, store);
  addUserAdmin(routes, store);
  routes.notFound((c) => refuse(c, 404, 'no_such_path'));
  return routes;
}

/** A bucket a caller, filled `ratePerSecond` times a second and as deep as that. */
function limitRate(ratePerSecond: number): MiddlewareHandler<Env> {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return async (c, next) => {
    const caller = sha256Hex(c.req.header('authorization') ?? c.req.header('cookie') ?? '');
    const now = performance.now();
    const bucket = buckets.get(caller) ?? { tokens: ratePerSecond, at: now };
    bucket.tokens = Math.min(ratePerSecond, bucket.tokens + ((now - bucket.at) / 1_000) * ratePerSecond);
    bucket.at = now;
    if (buckets.size > 10_000) buckets.clear();
    buckets.set(caller, bucket);
    if (bucket.tokens < 1) {
      c.header('retry-after', '1');
      return refuse(c, 429, 'rate_limited');
    }
    bucket.tokens -= 1;
    return next();
  };
}

function findCaller(
  c: Context,
  { state }: PortalStore,
): Caller | 'invalid_token' | 'invalid_session' | 'user_disabled' {
  const bearer = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1];
  const cookie = getCookie(c, portalCookie);
  const token = bearer === undefined ? undefined : state.tokens.get(sha256Hex(bearer));
  const session =
    bearer !== undefined || cookie === undefined ? undefined : state.sessions.get(sha256Hex(cookie));
  const found = token ?? session;
  const user = found && state.users.get(found.user);
  if (!found || !user) return bearer === undefined ? 'invalid_session' : 'invalid_token';
  if (user.disabled) return 'user_disabled';
  if (token) token.lastUsedAt = new Date().toISOString();
  return { user, credential: { type: token ? 'token' : 'session', id: found.id } };
}

function authenticate(store: PortalStore): MiddlewareHandler<Env> {
  return async (c, next) => {
    const caller = findCaller(c, store);
    if (caller === 'user_disabled') return refuse(c, 403, caller);
    if (typeof caller === 'string') return refuse(c, 401, caller);
    c.set('caller', caller);
    return next();
  };
}

function addPages(routes: Hono<Env>, store: PortalStore): void {
  routes.get('/', (c) => {
    if (typeof findCaller(c, store) === 'string') return c.redirect('/login');
    return c.html('<!doctype html><title>Portal</title>');
  });
  routes.get('/login', (c) => c.html('<!doctype html><title>Sign in</title><form method="post"></form>'));
}

function addSignIn(routes: Hono<Env>, store: PortalStore): void {
  const start = async (c: Context<Env>, user: string, tokenId: string | null) => {
    const { session, secret } = await store.addSession(user, tokenId);
    setCookie(c, portalCookie, secret.reveal(), { httpOnly: true, sameSite: 'Lax', path: '/' });
    return c.json({ session: { id: session.id, created_at: session.createdAt } }, 201);
  };
  routes.post('/api/login', async (c) => {
    const { user: name, password } = await bodyOf(c);
    const user = store.state.users.get(String(name));
    const right = user?.passwordHash != null && user.passwordHash === sha256Hex(String(password));
    if (!user || !right || user.disabled) return refuse(c, 401, 'invalid_credentials');
    return start(c, user.name, null);
  });
  routes.get('/api/me', authenticate(store), (c) => {
    const { user, credential } = c.get('caller');
    return c.json({ user: user.name, credential });
  });
  routes.post('/api/sessions', authenticate(store), async (c) => {
    const { user, credential } = c.get('caller');
    return credential.type === 'token'
      ? start(c, user.name, credential.id)
      : refuse(c, 403, 'token_required');
  });
  routes.post('/api/logout', authenticate(store), async (c) => {
    const cookie = getCookie(c, portalCookie);
    if (cookie !== undefined) store.state.sessions.delete(sha256Hex(cookie));
    await store.save();
    return c.body(null, 204);
  });
  // RFC 7009, but for its rule to say nothing of an unknown token.
  routes.post('/api/revoke', async (c) => {
    const { token } = await bodyOf(c);
    if (!store.state.tokens.delete(sha256Hex(String(token)))) return refuse(c, 404, 'unknown_token');
    await store.save();
    return c.body(null, 204);
  });
}

async function bodyOf(c: Context): Promise<Record<string, unknown>> {
  const body: unknown = await c.req.json().catch(() => undefined);
  return body !== null && typeof body === 'object' ? (body as Record<string, unknown>) : {};
}

/** One page of `items`, in the order in which they were made. */
function page<T extends { id: string }>(c: Context, items: T[]): { items: T[]; next: string | null } {
  const limit = Math.min(Number(c.req.query('limit')) || 100, 500);
  const after = Number(c.req.query('after')) || 0;
  const more = after + limit < items.length;
  return { items: items.slice(after, after + limit), next: more ? String(after + limit) : null };
}

const showToken = ({ id, user, label, createdAt, lastUsedAt }: PortalToken) => ({
  id,
  user,
  label,
  created_at: createdAt,
  last_used_at: lastUsedAt,
});

function addTokenAdmin(routes: Hono<Env>, store: PortalStore): void {
  const { tokens, users } = store.state;
  routes.get('/api/admin/tokens', (c) => {
    const { label, user } = c.req.query();
    const all = [...tokens.values()].filter(
      (token) => (!label || token.label === label) && (!user || token.user === user),
    );
    const { items, next } = page(c, all);
    return c.json({ tokens: items.map(showToken), next });
  });
  routes.post('/api/admin/users/:user/tokens', async (c) => {
    const name = c.req.param('user');
    if (!users.has(name)) return refuse(c, 404, 'unknown_user');
    const { label } = await bodyOf(c);
    if (typeof label !== 'string' || label === '') return refuse(c, 400, 'label_required');
    const { token, secret } = await store.addToken(name, label);
    return c.json({ ...showToken(token), token: secret.reveal() }, 201);
  });
  routes.delete('/api/admin/tokens/:id', async (c) => {
    const token = [...tokens.values()].find(({ id }) => id === c.req.param('id'));
    if (!token) return refuse(c, 404, 'unknown_token');
    tokens.delete(token.hash);
    await store.save();
    return c.body(null, 204);
  });
}

const showSession = ({ id, user, tokenId, createdAt }: PortalSession) => ({
  id,
  user,
  token_id: tokenId,
  created_at: createdAt,
});

function addSessionAdmin(routes: Hono<Env>, store: PortalStore): void {
  const { sessions } = store.state;
  const select = (c: Context): PortalSession[] => {
    const { user, token, before } = c.req.query();
    return [...sessions.values()].filter(
      (session) =>
        (!user || session.user === user) &&
        (!token || session.tokenId === token) &&
        (!before || session.createdAt < before),
    );
  };
  routes.get('/api/admin/sessions', (c) => {
    const all = select(c);
    const { items, next } = page(c, all);
    return c.json({ sessions: items.map(showSession), total: all.length, next });
  });
  // Without a filter it would end everybody's: somebody left out what they meant.
  routes.delete('/api/admin/sessions', async (c) => {
    const { user, token } = c.req.query();
    if (!user && !token) return refuse(c, 400, 'filter_required');
    const chosen = select(c);
    for (const session of chosen) sessions.delete(session.hash);
    await store.save();
    return c.json({ ended: chosen.length });
  });
  routes.delete('/api/admin/sessions/:id', async (c) => {
    const session = [...sessions.values()].find(({ id }) => id === c.req.param('id'));
    if (!session) return refuse(c, 404, 'unknown_session');
    sessions.delete(session.hash);
    await store.save();
    return c.body(null, 204);
  });
}

function addUserAdmin(routes: Hono<Env>, store: PortalStore): void {
  const set = (disabled: boolean) => async (c: Context<Env, '/api/admin/users/:user/x'>) => {
    const user = store.state.users.get(c.req.param('user'));
    if (!user) return refuse(c, 404, 'unknown_user');
    user.disabled = disabled;
    await store.save();
    return c.json({ user: user.name, disabled });
  };
  routes.post('/api/admin/users/:user/disable', set(true));
  routes.post('/api/admin/users/:user/enable', set(false));
  routes.post('/api/admin/users/:user/password', async (c) => {
    const user = store.state.users.get(c.req.param('user'));
    const { password } = await bodyOf(c);
    if (!user) return refuse(c, 404, 'unknown_user');
    if (typeof password !== 'string' || password === '') return refuse(c, 400, 'password_required');
    user.passwordHash = sha256Hex(password);
    await store.save();
    return c.json({ user: user.name });
  });
}
