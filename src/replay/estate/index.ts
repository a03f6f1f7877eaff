/**
 * A practice estate: real servers with real credentials that applications use, and the files that were
 * uploaded to a supplier's support. Everything lies in one folder and listens on loopback only.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { sha256Hex } from '../../kernel/hash.ts';
import { seededRandom, systemRandom } from '../../kernel/random.ts';
import { freePort } from '../../store/postgres/server.ts';
import { type FleetEstate, startFleetEstate } from '../fleet/index.ts';
import { type LogEstate, writeLogs } from '../logs/index.ts';
import { startPortal } from '../portal.ts';
import { type RedisServer, startRedisServer } from '../redis-server.ts';
import { type Applications, startApplications } from './applications.ts';
import { writeConfig } from './config.ts';
import { startDatabase } from './database.ts';
import { envFile, type Placed, writeAssetList, writeEnvFiles, writeSupportCases } from './files.ts';
import type { Leak } from './har.ts';
import { writeIntelligence } from './intelligence.ts';
import { type Account, forgotten, makeAccounts, owners, password } from './names.ts';
import { fillPortal } from './portal-content.ts';

export interface EstateSize {
  roles: number;
  redisUsers: number;
  tokens: number;
  /** Web sessions that leaked while they were open. */
  sessions: number;
  applications: number;
  /** Records in the logs of all systems. */
  logEvents: number;
  /** Hosts to examine and to restart. */
  hosts: number;
}

export interface Estate {
  folder: string;
  configFile: string;
  assetList: string;
  supportCases: string;
  /** The logs of all systems, two months of them. */
  logs: LogEstate;
  /** Indicators that others have published of the same intruder, as STIX. */
  intelligence: string;
  fleet: FleetEstate;
  size: EstateSize;
  /** Why there is no Redis, where it is not installed. */
  redisMissing?: string;
  pids(): Promise<Record<string, number | undefined>>;
  applications: Applications;
  stop(): Promise<void>;
}

export type EstateProgress = (what: string, done?: number, total?: number) => void;

/** Starts everything. On a failure what was started is stopped again. */
export async function startEstate(folder: string, size: EstateSize, say: EstateProgress): Promise<Estate> {
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    return { ...(await build(folder, size, say, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  folder: string,
  size: EstateSize,
  say: EstateProgress,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<Estate, 'stop'>> {
  // Names are the same every time; passwords of a real server are not, even in practice.
  const admin = { name: 'firebreak_admin', password: password(systemRandom) };
  const { roles, users, tokens } = makeEveryAccount(size);

  const database = await startDatabase(folder, admin, roles, (done) =>
    say('PostgreSQL: login roles', done, roles.length),
  );
  stops.push(() => database.stop('immediate'));
  const redis = await startRedis(folder, admin, users);
  const redisServer = 'missing' in redis ? undefined : redis;
  if (redisServer) stops.push(() => redisServer.stop('crash'));
  const portalAdmin = { name: 'firebreak-admin', token: password(systemRandom) };
  const portal = await startPortal({
    folder: join(folder, 'portal'),
    port: await freePort(),
    admin: portalAdmin,
  });
  stops.push(() => portal.stop());
  const { sessions, ended, control } = await fillPortal(portal, tokens, size.sessions);

  const placed = placeAll(roles, redisServer ? users : [], tokens);
  await writeEnvFiles(folder, placed);
  const leaks = chooseLeaks(roles, tokens, [...sessions, ...ended]);
  const identity = await generateX25519Identity();
  await writeSecrets(folder, {
    'owners.age-identity': `${identity}\n`,
    'admin.password': admin.password.reveal(),
    'portal-admin.token': portalAdmin.token.reveal(),
    'portal-control.session': control.reveal(),
  });
  const fleet = await startFleetEstate(join(folder, 'fleet'), size.hosts);
  stops.push(() => fleet.stop());
  const configFile = await writeConfig(folder, {
    fleet: fleet.settings,
    recipient: await identityToRecipient(identity),
    owners,
    databasePort: database.port,
    redisPort: redisServer?.port,
    portalUrl: portal.url,
  });
  const progress = (done: number, total: number) => say('Logs of all systems: records', done, total);
  const logs = await writeLogs({ folder, events: size.logEvents, progress });
  const connected = pickEvenly(roles, size.applications);
  const applications = await startApplications(database.port, connected, (account) =>
    envFile(folder, account),
  );
  stops.push(() => applications.stop());
  return {
    folder,
    configFile,
    assetList: await writeAssetList(folder, placed),
    supportCases: await writeSupportCases(folder, seededRandom('support cases'), leaks),
    logs,
    intelligence: await writeIntelligence(folder),
    fleet,
    size: {
      ...{ ...size, roles: roles.length, redisUsers: redisServer ? users.length : 0 },
      ...{ tokens: tokens.length, logEvents: logs.events, hosts: fleet.size },
    },
    ...('missing' in redis ? { redisMissing: redis.missing } : {}),
    pids: async () => ({ 'core-db': await database.pid(), cache: redisServer?.pid() }),
    applications,
  };
}

async function writeSecrets(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
}

function makeEveryAccount(size: EstateSize) {
  const withPasswords = (accounts: Account[]) =>
    accounts.map((account) => ({ ...account, password: password(systemRandom) }));
  const idle = (name: string): Account => ({
    name,
    app: name,
    owner: 'team-audit',
    password: password(systemRandom),
    claimedUnusedBy: forgotten.claimedBy,
  });
  return {
    roles: [
      ...withPasswords(makeAccounts('roles', '', size.roles - forgotten.database.length)),
      ...forgotten.database.map(idle),
    ],
    users: withPasswords(makeAccounts('redis', 'c_', size.redisUsers)),
    tokens: [...withPasswords(makeAccounts('tokens', 't_', size.tokens - 1)), idle(forgotten.token)],
  };
}

async function startRedis(
  folder: string,
  admin: { name: string; password: Account['password'] },
  users: Account[],
): Promise<RedisServer | { missing: string }> {
  const lines = users.map(
    (user) =>
      `user ${user.name} on #${sha256Hex(user.password.reveal())} ~${user.app}:* +@read +@write +@connection`,
  );
  return startRedisServer({
    folder: join(folder, 'cache'),
    port: await freePort(),
    user: admin.name,
    password: admin.password,
    users: lines,
  });
}

function placeAll(roles: Account[], users: Account[], tokens: Account[]): Placed[] {
  return [
    // Some owners fetch their replacements themselves.
    ...roles.map((account, index) => ({
      system: 'core-db',
      kind: 'password',
      account,
      handOff: index % 50 === 49,
    })),
    ...users.map((account) => ({ system: 'cache', kind: 'password', account })),
    ...tokens.map((account) => ({ system: 'portal', kind: 'token', account })),
  ];
}

/** Sessions that were open in the recorded browser, tokens in requests, connection strings that somebody pasted. */
function chooseLeaks(roles: Account[], tokens: Account[], sessions: Leak[]): Leak[] {
  const named = (accounts: Account[], name: string) => accounts.filter((account) => account.name === name);
  const leakedTokens = [...named(tokens, forgotten.token), ...pickEvenly(tokens.slice(0, -1), 4)];
  const leakedRoles = [
    ...forgotten.database.flatMap((name) => named(roles, name)),
    ...pickEvenly(roles.slice(0, -3), 3),
  ];
  return [
    ...sessions,
    ...leakedTokens.map((account): Leak => ({ kind: 'token', secret: account.password })),
    ...leakedRoles.map(
      (account): Leak => ({ kind: 'database', secret: account.password, account: account.name }),
    ),
  ];
}

function pickEvenly<T>(items: T[], count: number): T[] {
  const step = Math.max(1, Math.floor(items.length / Math.max(1, count)));
  return items.filter((_, index) => index % step === 0).slice(0, count);
}
