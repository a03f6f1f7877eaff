/** Redis: the passwords of ACL users. */
import type { ConnectionOptions } from 'node:tls';
import { sha256Hex } from '../../kernel/hash.ts';
import { randomPassword } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import { bounded, cannotOpen, coalesce, failed, indeterminate } from '../calls.ts';
import { lockoutRule, tlsOptions } from '../config.ts';
import type {
  Connector,
  Cutover,
  Issued,
  Outcome,
  Ports,
  Session,
  SessionProbe,
  Target,
} from '../contract.ts';
import { type Admin, openAdmin } from './client.ts';
import { login } from './login.ts';
import { RedisRefusal } from './resp.ts';
import { RedisConfig } from './schema.ts';
import { markCutover, openBefore, type Snapshot, snapshots } from './sessions.ts';
import { choosePersistence, discoverUsers, persistCommands, readUser } from './users.ts';
import { failure, judge } from './verdicts.ts';

export const redis = {
  id: 'redis',
  title: 'Redis',
  docs: 'https://redis.io/docs/latest/commands/acl-setuser/',
  config: RedisConfig,
  kinds: { password: { title: 'ACL user password', class: 'password', replacement: 'swap' } },
  privileges: [
    '+acl|getuser +acl|setuser +acl|users +acl|whoami +acl|save (or +config|rewrite)',
    '+client|list +client|kill +client|id +info +config|get +auth',
  ],
  quotas: { concurrency: 256 },
  lockout: (config) =>
    lockoutRule(config.lockout, {
      failuresMax: null,
      windowMs: 0,
      source: 'Redis has no lock-out of its own; declare one that a proxy adds as lockout',
    }),
  open,
} as const satisfies Connector<typeof RedisConfig>;

/** What the verbs below share. */
interface Context {
  config: RedisConfig;
  admin: Admin;
  /** Makes every change so far durable and returns the marker of a moment after it. */
  settle: () => Promise<Cutover>;
  snapshot: () => Promise<Snapshot>;
}

async function open(config: RedisConfig, ports: Ports): Promise<Session> {
  const tls = config.tls && (await tlsOptions(config.tls));
  const admin = openAdmin(config, tls, ports.signal);
  try {
    const persist = await choosePersistence(admin, config, ports.log, ports.signal);
    // One save and one marker serve every change that was made before them.
    const settle = coalesce(async () => {
      await admin.send(persistCommands[persist], ports.signal);
      return markCutover(admin);
    });
    return createSession({ config, admin, settle, snapshot: snapshots(admin, ports.signal) }, tls);
  } catch (error) {
    admin.close();
    throw cannotOpen(`Redis at ${config.host}:${config.port}`, error);
  }
}

function createSession(context: Context, tls: ConnectionOptions | undefined): Session {
  const { config, admin } = context;
  return {
    admin: config.user,
    discover: async function* (signal) {
      const { clients } = await wait(signal, context.snapshot);
      yield* discoverUsers(admin, config, clients, signal);
    },
    issue: {
      style: 'set',
      generate: (_target, random) => new Secret(randomPassword(random)),
      set: (target, secret, signal) => setPassword(context, target, secret, signal),
    },
    verify: async (target, secret, signal) => {
      try {
        const principal = await login(config, tls, { user: target.name, password: secret }, admin, signal);
        return { verdict: 'accepted', principal };
      } catch (error) {
        return judge(error);
      }
    },
    recognises: (target, secret, signal) => recognises(context, target, secret, signal),
    revoke: async () => ({ outcome: 'absent', note: 'every old password died when the new one was set' }),
    endSessions: (target, before, signal) => endSessions(context, target, before, signal),
    probeSessions: (target, before, signal) => probeSessions(context, target, before, signal),
    contain: (target, signal) => contain(context, target, signal),
    release: (target, signal) => attempt(() => change(context, target, ['on'], signal)),
    [Symbol.asyncDispose]: async () => admin.close(),
  };
}

const wait = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
  bounded(signal, work, () => undefined);

async function attempt<T>(act: () => Promise<T>): Promise<T | Extract<Outcome, { outcome: 'error' }>> {
  try {
    return await act();
  } catch (error) {
    return failure(error);
  }
}

/** Compares with the stored hashes, of a user that is on and needs a password; anything else is left to a login. */
async function recognises(
  context: Context,
  target: Target,
  secret: Secret,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const user = await readUser(context.admin, target.name, signal).catch(() => undefined);
  if (!user?.enabled || user.open) return undefined;
  return user.passwords.includes(sha256Hex(secret.reveal()));
}

/**
 * Replaces all passwords of the user by one, in one command. Only the hash crosses. A repeat leaves the same
 * state; the cutover is taken after it is durable.
 */
function setPassword(context: Context, target: Target, secret: Secret, signal: AbortSignal): Promise<Issued> {
  return attempt(() => change(context, target, ['resetpass', `#${sha256Hex(secret.reveal())}`], signal));
}

/** Applies ACL rules to a user that exists: ACL SETUSER would make one that does not. */
async function change(
  context: Context,
  target: Target,
  rules: string[],
  signal: AbortSignal,
): Promise<{ outcome: 'done'; cutover: Cutover } | Exclude<Outcome, { outcome: 'done' }>> {
  if (target.name === context.config.user) return ownCredential(target);
  const user = await readUser(context.admin, target.name, signal);
  if (!user) return { outcome: 'absent', note: `there is no user ${target.name}` };
  await context.admin.send([['ACL', 'SETUSER', target.name, ...rules]], signal);
  return { outcome: 'done', cutover: await wait(signal, context.settle) };
}

function contain(context: Context, target: Target, signal: AbortSignal): Promise<Outcome> {
  return attempt(async () => {
    const locked = await change(context, target, ['off'], signal);
    if (locked.outcome !== 'done') return locked;
    return { outcome: 'done', count: await killAll(context.admin, target, signal) };
  });
}

function endSessions(
  context: Context,
  target: Target,
  before: Cutover | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  return attempt(async () => {
    const open =
      before === undefined ? [] : openBefore(await wait(signal, context.snapshot), target.name, before);
    const ended =
      before === undefined
        ? await killAll(context.admin, target, signal)
        : await kill(context.admin, open, signal);
    return ended === 0 ? { outcome: 'absent' } : { outcome: 'done', count: ended };
  });
}

async function kill(admin: Admin, clients: readonly number[], signal: AbortSignal): Promise<number> {
  const answers = await admin.send(
    clients.map((id) => ['CLIENT', 'KILL', 'ID', id] as const),
    signal,
  );
  return answers.reduce<number>((sum, answer) => sum + Number(answer), 0);
}

async function killAll(admin: Admin, target: Target, signal: AbortSignal): Promise<number> {
  const [answer] = await admin.trySend([['CLIENT', 'KILL', 'USER', target.name, 'SKIPME', 'yes']], signal);
  if (answer instanceof RedisRefusal && /no such user/i.test(answer.message)) return 0;
  if (answer instanceof Error) throw answer;
  return Number(answer);
}

async function probeSessions(
  context: Context,
  target: Target,
  before: Cutover | undefined,
  signal: AbortSignal,
): Promise<SessionProbe> {
  try {
    const snapshot = await wait(signal, context.snapshot);
    return { verdict: 'counted', alive: openBefore(snapshot, target.name, before).length };
  } catch (error) {
    const verdict = judge(error);
    return verdict.verdict === 'indeterminate'
      ? verdict
      : indeterminate('unknown-error', 'the connections could not be listed');
  }
}

// Changing it would lock Firebreak out as soon as it reconnects: the reference still holds the old one.
const ownCredential = (target: Target) =>
  failed(
    'own-credential',
    `${target.name} is the user that Firebreak itself works as: change its password by hand, where the reference points`,
    'never',
  );
