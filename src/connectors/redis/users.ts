/** ACL users: read, changed, and the change made durable. https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/ */
import { limits } from '../../kernel/limits.ts';
import type { Log } from '../../kernel/log.ts';
import type { Discovered } from '../contract.ts';
import type { Admin } from './client.ts';
import type { Command } from './resp.ts';
import type { RedisConfig } from './schema.ts';

export interface User {
  enabled: boolean;
  /** The server asks it for no password: whoever names it is in. */
  open: boolean;
  /** SHA-256 of each, in hexadecimal. */
  passwords: string[];
  commands: string;
  keys: string;
}

/** One user, or undefined when there is none of that name. */
export async function readUser(admin: Admin, name: string, signal: AbortSignal): Promise<User | undefined> {
  const [answer] = await admin.send([['ACL', 'GETUSER', name]], signal);
  return parseUser(answer);
}

function parseUser(answer: unknown): User | undefined {
  if (!Array.isArray(answer)) return undefined;
  const fields = new Map<string, unknown>();
  for (let at = 0; at + 1 < answer.length; at += 2) fields.set(String(answer[at]), answer[at + 1]);
  const list = (name: string): string[] => {
    const value = fields.get(name);
    return Array.isArray(value) ? value.map(String) : [];
  };
  const text = (name: string): string => {
    const value = fields.get(name);
    return Array.isArray(value) ? value.join(' ') : String(value ?? '');
  };
  return {
    enabled: list('flags').includes('on'),
    open: list('flags').includes('nopass'),
    passwords: list('passwords'),
    commands: text('commands'),
    keys: text('keys'),
  };
}

/** Batches of users in the order of their names; `sessions` counts the open connections of each. */
export async function* discoverUsers(
  admin: Admin,
  config: RedisConfig,
  sessions: ReadonlyMap<string, readonly number[]>,
  signal: AbortSignal,
): AsyncIterable<Discovered[]> {
  const [info, users] = await admin.send(
    [
      ['INFO', 'server'],
      ['ACL', 'USERS'],
    ],
    signal,
  );
  const version = /^redis_version:(\S+)/m.exec(String(info))?.[1] ?? '';
  yield [{ type: 'system', name: `${config.host}:${config.port}`, version: `Redis ${version}` }];
  const names = Array.isArray(users) ? users.map(String).sort() : [];
  for (let at = 0; at < names.length; at += limits.discoverBatchRows) {
    const page = names.slice(at, at + limits.discoverBatchRows);
    const answers = await admin.send(
      page.map((name): Command => ['ACL', 'GETUSER', name]),
      signal,
    );
    yield page.flatMap((name, index) => {
      const user = parseUser(answers[index]);
      return user ? describeUser(name, user, sessions.get(name)?.length ?? 0, config.user) : [];
    });
  }
}

function describeUser(name: string, user: User, open: number, administrator: string): Discovered[] {
  const attributes: Record<string, string> = {
    enabled: String(user.enabled),
    passwords: user.open ? 'none needed' : String(user.passwords.length),
    openSessions: String(open),
    // Its password is the one that Firebreak itself works with: see the README.
    ...(name === administrator ? { administrative: 'true' } : {}),
  };
  return [
    { type: 'identity', name, kind: 'unknown', attributes },
    ...(user.passwords.length > 0 ? [credential(name, attributes)] : []),
    {
      type: 'grant',
      identity: name,
      resource: user.keys || '(no keys)',
      privilege: user.commands || '(no commands)',
    },
  ];
}

const credential = (name: string, attributes: Record<string, string>): Discovered => ({
  type: 'credential',
  target: { kind: 'password', name, attributes },
  principal: name,
});

export type Persist = 'acl-save' | 'config-rewrite' | 'none';

/** How changes outlive a restart here: what the configuration says, or the first that the server has. */
export async function choosePersistence(
  admin: Admin,
  config: RedisConfig,
  log: Log,
  signal: AbortSignal,
): Promise<Persist> {
  if (config.persist !== 'auto') return config.persist;
  const [aclFile, info] = await admin.send(
    [
      ['CONFIG', 'GET', 'aclfile'],
      ['INFO', 'server'],
    ],
    signal,
  );
  if (Array.isArray(aclFile) && aclFile[1]) return 'acl-save';
  if (/^config_file:\S+/m.test(String(info))) return 'config-rewrite';
  log.warn(
    { host: config.host, port: config.port },
    'Redis has no ACL file and no configuration file: a restart forgets every change of its users',
  );
  return 'none';
}

export const persistCommands: Record<Persist, Command[]> = {
  'acl-save': [['ACL', 'SAVE']],
  'config-rewrite': [['CONFIG', 'REWRITE']],
  none: [],
};
