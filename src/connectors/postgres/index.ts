/** PostgreSQL: the passwords of roles that can log in. */
import { type Random, randomPassword } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import { cannotOpen, failed } from '../calls.ts';
import { lockoutRule, tlsOptions } from '../config.ts';
import type { Connector, Issued, Outcome, Ports, Session, Target } from '../contract.ts';
import { type Admin, login, openAdmin, quoteName, quoteText, sqlState } from './client.ts';
import { discoverRoles, type Facts, readFacts } from './discover.ts';
import { PostgresConfig } from './schema.ts';
import { matchesVerifier, scramVerifier } from './scram.ts';
import { countSessions, terminateSessions } from './sessions.ts';
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
  return {
    admin: config.user,
    discover: (signal) => discoverRoles(admin, facts, config, signal),
    issue: {
      style: 'set',
      generate: (_target: Target, random: Random) => new Secret(randomPassword(random)),
      set: (target, secret, signal) =>
        setPassword(admin, config, ports.random, facts, target, secret, signal),
    },
    verify: async (target, secret, signal) => {
      try {
        const principal = await login(config, tls, { user: target.name, password: secret }, signal);
        return { verdict: 'accepted', principal };
      } catch (error) {
        return judge(error);
      }
    },
    ...(facts.readsAuthId
      ? {
          recognises: (target: Target, secret: Secret, signal: AbortSignal) =>
            recognises(admin, target, secret, signal),
        }
      : {}),
    revoke: async () => ({ outcome: 'absent', note: 'the old password died when the new one was set' }),
    endSessions: (target, before, signal) =>
      terminateSessions(admin, ports.clock, target.name, before, signal),
    probeSessions: (target, before, signal) => countSessions(admin, target.name, before, signal),
    contain: async (target, signal) => {
      const locked = await lock(target, 'NOLOGIN', signal);
      if (locked.outcome !== 'done') return locked;
      const ended = await terminateSessions(admin, ports.clock, target.name, undefined, signal);
      return ended.outcome === 'absent' ? { outcome: 'done', count: 0 } : ended;
    },
    release: (target, signal) => lock(target, 'LOGIN', signal),
    [Symbol.asyncDispose]: () => admin.close(),
  };
}

/** Compares with the stored verifier, of a role that may log in now; anything else is left to a login. */
async function recognises(
  admin: Admin,
  target: Target,
  secret: Secret,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const text = `select rolpassword as stored from pg_authid
    where rolname = $1 and rolcanlogin and coalesce(rolvaliduntil, 'infinity') > now()`;
  try {
    const statement = { name: 'read-verifier', text, values: [target.name] };
    const [row] = await admin.query<{ stored: string | null }>(statement, signal);
    return row?.stored ? await matchesVerifier(secret, row.stored) : undefined;
  } catch {
    return undefined;
  }
}

/** Sets the password by its verifier. The cutover is the server's clock after the commit, in microseconds. */
async function setPassword(
  admin: Admin,
  config: PostgresConfig,
  random: Random,
  facts: Facts,
  target: Target,
  secret: Secret,
  signal: AbortSignal,
): Promise<Issued> {
  if (target.name === config.user) return ownCredential(target);
  const verifier = await scramVerifier(secret, random.bytes(16), facts.scramIterations);
  // One round trip. The clock is read after the commit: whoever logged in with the old password had
  // connected before.
  const text = `begin; alter role ${quoteName(target.name)} password ${quoteText(verifier)}; commit;
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as cutover`;
  try {
    const [row] = await admin.script<{ cutover: string }>(text, signal);
    return row ? { outcome: 'done', cutover: row.cutover } : failed('protocol', 'no time came back', 'later');
  } catch (error) {
    return isMissing(error) ? missingRole(target) : failure(error);
  }
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
