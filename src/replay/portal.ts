/**
 * A web application of the practice estate: users, service tokens with labels, web sessions by cookie. It
 * enforces what it says: a revoked token is refused at once, a session outlives the token or password that
 * opened it until it is ended, and too many requests are answered 429. It keeps only hashes of what it gives
 * out, in one file, so it comes back after a restart as it was.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { coalesce } from '../connectors/calls.ts';
import { sha256Hex } from '../kernel/hash.ts';
import { Secret } from '../kernel/secret.ts';
import { createPortalRoutes } from './portal-routes.ts';
import type { PortalSession, PortalState, PortalStore, PortalToken, PortalUser } from './portal-state.ts';

export { portalCookie } from './portal-state.ts';

interface PortalOptions {
  /** Created when it does not exist. */
  folder: string;
  port: number;
  /** The administrator and the token that it works with. */
  admin: { name: string; token: Secret };
  /** Requests a second that one caller may make before it is answered 429. */
  ratePerSecond?: number;
}

export interface Portal {
  readonly url: string;
  readonly port: number;
  addUser(name: string, password?: Secret): Promise<void>;
  addToken(user: string, label: string): Promise<{ id: string; secret: Secret }>;
  addSession(user: string): Promise<{ id: string; secret: Secret }>;
  /** Cuts every connection and stops listening. */
  stop(): Promise<void>;
  /** Listens again on the same port with what the file says. */
  restart(): Promise<void>;
}

/** Starts the portal on 127.0.0.1. */
export async function startPortal(options: PortalOptions): Promise<Portal> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  let store = await openStore(options);
  let server = await listen(options, store);
  return {
    url: `http://127.0.0.1:${options.port}`,
    port: options.port,
    addUser: async (name, password) => {
      const passwordHash = password ? sha256Hex(password.reveal()) : null;
      store.state.users.set(name, { name, admin: false, disabled: false, passwordHash });
      await store.save();
    },
    addToken: async (user, label) => {
      const { token, secret } = await store.addToken(user, label);
      return { id: token.id, secret };
    },
    addSession: async (user) => {
      const { session, secret } = await store.addSession(user, null);
      return { id: session.id, secret };
    },
    stop: () => close(server),
    restart: async () => {
      if (server.listening) return;
      store = await openStore(options);
      server = await listen(options, store);
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function listen(options: PortalOptions, store: PortalStore): Promise<Server> {
  const routes = createPortalRoutes(store, options.ratePerSecond ?? 2_000);
  const server = createAdaptorServer({ fetch: routes.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  // Whoever started it may leave without stopping it.
  server.unref();
  return server;
}

async function openStore({ folder, admin }: PortalOptions): Promise<PortalStore> {
  const file = join(folder, 'portal.json');
  const state = parseState(await readFile(file, 'utf8').catch(() => undefined));
  let lastMs = 0;
  // Never the same moment twice, so that "before" and "after" are always told apart.
  const stamp = (): string => {
    lastMs = Math.max(Date.now(), lastMs + 1);
    return new Date(lastMs).toISOString();
  };
  const save = coalesce(async () => {
    await writeFile(`${file}.new`, printState(state), { mode: 0o600 });
    await rename(`${file}.new`, file);
  });
  const store: PortalStore = {
    state,
    save,
    addToken: async (user, label) => {
      const secret = newSecret('ptk_');
      const hash = sha256Hex(secret.reveal());
      const token = { id: newId(), user, label, hash, createdAt: stamp(), lastUsedAt: null };
      state.tokens.set(hash, token);
      await save();
      return { token, secret };
    },
    addSession: async (user, tokenId) => {
      const secret = newSecret('pss_');
      const hash = sha256Hex(secret.reveal());
      const session = { id: newId(), user, hash, tokenId, createdAt: stamp() };
      state.sessions.set(hash, session);
      await save();
      return { session, secret };
    },
  };
  const hash = sha256Hex(admin.token.reveal());
  state.users.set(admin.name, { name: admin.name, admin: true, disabled: false, passwordHash: null });
  if (!state.tokens.has(hash))
    state.tokens.set(hash, {
      id: newId(),
      user: admin.name,
      label: 'administrator',
      hash,
      createdAt: stamp(),
      lastUsedAt: null,
    });
  await save();
  return store;
}

const newId = (): string => randomBytes(9).toString('base64url');
const newSecret = (prefix: string): Secret => new Secret(prefix + randomBytes(24).toString('base64url'));

function parseState(text: string | undefined): PortalState {
  const saved = text === undefined ? { users: [], tokens: [], sessions: [] } : JSON.parse(text);
  const by = <T, K extends keyof T>(items: T[], key: K) => new Map(items.map((item) => [item[key], item]));
  return {
    users: by<PortalUser, 'name'>(saved.users, 'name'),
    tokens: by<PortalToken, 'hash'>(saved.tokens, 'hash'),
    sessions: by<PortalSession, 'hash'>(saved.sessions, 'hash'),
  };
}

const printState = (state: PortalState): string =>
  JSON.stringify({
    users: [...state.users.values()],
    tokens: [...state.tokens.values()],
    sessions: [...state.sessions.values()],
  });
