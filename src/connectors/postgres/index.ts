/** PostgreSQL: the passwords of roles that can log in. */
import { type Random, randomPassword } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import { cannotOpen, failed } from '../calls.ts';
import { lockoutRule, tlsOptions } from '../config.ts';
import type { Connector, Outcome, Ports, Session, Target } from '../contract.ts';
import { type Admin, openAdmin, quoteName, sqlState } from './client.ts';
import { discoverRoles, type Facts, readFacts } from './discover.ts';
import { createLogin } from './login.ts';
import { setPasswords, verifiers } from './passwords.ts';
import { PostgresConfig } from './schema.ts';
import { matchesVerifier, rememberSalted } from './scram.ts';
import { roleSessions } from './sessions.ts';
import { failure, judge } from './verdicts.ts';

export const postgres = {
  id: 'postgres',
  title: 'PostgreSQL',
  docs: 'https://www.postgresql.org/docs/current/sql-alterrole.html',
  config: PostgresConfig,
  kinds: { password: { title: 'Role password', class: 'password', replacement: 'swap' } },
  privileges: [
    'CREATEROLE with ADMIN OPTION on the roles to be rotated',
    'pg_signal_backend (end sessions) and pg_read_all_stats (see when they began)',
    'SELECT on pg_authid, to know who has a password and when it last changed (optional; a superuser has it)',
  ],
  quotas: { concurrency: 16 },
  lockout: (config) =>
    lockoutRule(config.lockout, {
      failuresMax: null,
      windowMs: 0,
      source: 'PostgreSQL has no lock-out of its own; declare one that a module or a proxy adds as lockout',
    }),
  open,
} as const satisfies Connector<typeof PostgresConfig>;

async function open(config: PostgresConfig, ports: Ports): Promise<Session> {
  const tls = config.tls && (await tlsOptions(config.tls));
  const admin = openAdmin(config, tls);
  let facts: Facts;
  try {
    facts = await readFacts(admin, ports.signal);
  } catch (error) {
    await admin.close();
    throw cannotOpen(`PostgreSQL at ${config.host}:${config.port}`, error);
  }
  const lock = (target: Target, word: 'LOGIN' | 'NOLOGIN', signal: AbortSignal) =>
    alter(admin, config, target, word, signal);
  const derive = rememberSalted();
  const login = createLogin(config, tls, derive);
  const setPassword = setPasswords(admin, ports.random, facts, derive);
  const readVerifier = verifiers(admin);
  const sessions = roleSessions(admin, ports.clock);
  return {
    admin: config.user,
    discover: (signal) => discoverRoles(admin, facts, config, signal),
    issue: {
      style: 'set',
      generate: (_target: Target, random: Random) => new Secret(randomPassword(random)),
      set: async (target, secret, signal) => {
        if (target.name === config.user) return ownCredential(target);
        try {
          return { outcome: 'done', cutover: await setPassword(target.name, secret, signal) };
        } catch (error) {
          return isMissing(error) ? missingRole(target) : failure(error);
        }
      },
    },
    verify: async (target, secret, signal) => {
      try {
        const principal = await login({ user: target.name, password: secret }, signal);
        return { verdict: 'accepted', principal };
      } catch (error) {
        return judge(error);
      }
    },
    ...(facts.readsAuthId
      ? {
          // Of a role that may log in now; anything else, and whatever goes wrong, is left to a login.
          recognises: async (target: Target, secret: Secret, signal: AbortSignal) => {
            const stored = await readVerifier(target.name, signal).catch(() => undefined);
            return stored === undefined ? undefined : matchesVerifier(secret, stored);
          },
        }
      : {}),
    revoke: async () => ({ outcome: 'absent', note: 'the old password died when the new one was set' }),
    endSessions: (target, before, signal) => sessions.terminate(target.name, before, signal),
    probeSessions: (target, before, signal) => sessions.count(target.name, before, signal),
    contain: async (target, signal) => {
      const locked = await lock(target, 'NOLOGIN', signal);
      if (locked.outcome !== 'done') return locked;
      const ended = await sessions.terminate(target.name, undefined, signal);
      return ended.outcome === 'absent' ? { outcome: 'done', count: 0 } : ended;
    },
    release: (target, signal) => lock(target, 'LOGIN', signal),
    [Symbol.asyncDispose]: async () => {
      derive.forget();
      await admin.close();
    },
  };
}

async function alter(
  admin: Admin,
  config: PostgresConfig,
  target: Target,
  word: 'LOGIN' | 'NOLOGIN',
  signal: AbortSignal,
): Promise<Outcome> {
  if (target.name === config.user) return ownCredential(target);
  try {
    await admin.query({ text: `alter role ${quoteName(target.name)} ${word}` }, signal);
    return { outcome: 'done' };
  } catch (error) {
    return isMissing(error) ? missingRole(target) : failure(error);
  }
}

const isMissing = (error: unknown): boolean => sqlState(error) === '42704';

const missingRole = (target: Target): Extract<Outcome, { outcome: 'absent' }> => ({
  outcome: 'absent',
  note: `there is no role ${target.name}`,
});

// Changing it would lock Firebreak out as soon as it reconnects: the reference still holds the old one.
const ownCredential = (target: Target) =>
  failed(
    'own-credential',
    `${target.name} is the role that Firebreak itself works as: change its password by hand, where the reference points`,
    'never',
  );
