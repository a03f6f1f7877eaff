/** What the portal keeps: hashes of what it gave out, never the secrets. */
import type { Secret } from '../kernel/secret.ts';

export interface PortalUser {
  name: string;
  admin: boolean;
  disabled: boolean;
  passwordHash: string | null;
}

export interface PortalToken {
  id: string;
  user: string;
  label: string;
  hash: string;
  createdAt: string;
  lastUsedAt: string | null;
}

export interface PortalSession {
  id: string;
  user: string;
  hash: string;
  /** The token that opened it; null when a password did. */
  tokenId: string | null;
  createdAt: string;
}

export interface PortalState {
  users: Map<string, PortalUser>;
  /** By the hash of the secret, and so is `sessions`. */
  tokens: Map<string, PortalToken>;
  sessions: Map<string, PortalSession>;
}

/** What the routes may do with the state. Every change is in the file before it returns. */
export interface PortalStore {
  readonly state: PortalState;
  addToken(user: string, label: string): Promise<{ token: PortalToken; secret: Secret }>;
  addSession(user: string, tokenId: string | null): Promise<{ session: PortalSession; secret: Secret }>;
  save(): Promise<void>;
}

/** The cookie that carries a web session. */
export const portalCookie = 'portal_session';
