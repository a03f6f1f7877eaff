/**
 * PostgreSQL: 5,000 roles rotated with everything (seal, ledger, delivery, verification, proof), against a bare
 * loop of target calls on the same server in the same run, at the loop's best concurrency.
 */
import { randomBytes } from 'node:crypto';
import pMap from 'p-map';
import pg from 'pg';
import { scramVerifier } from '../src/connectors/postgres/scram.ts';
import { Secret } from '../src/kernel/secret.ts';
import { startTargetPostgres, type TargetPostgres } from '../test/lab/target-postgres.ts';
import { timeCampaign } from './campaign.ts';

const roles = Number(process.env.BENCH_ROLES ?? 5_000);
const sample = Math.min(roles, 400);
const concurrencies = [2, 4, 8, 16];

export async function benchPostgres() {
  const target = await startTargetPostgres({
    fsync: 'on',
    synchronous_commit: 'on',
    log_statement: 'none',
    log_min_messages: 'panic',
  });
  try {
    const names = Array.from({ length: roles }, (_, index) => `bench_${index}`);
    const secrets = new Map(names.map((name) => [name, `old-${name}-Secret`]));
    await createRoles(target, secrets);
    // The loop goes first and last, and the better of the two counts, so that a warm server favours nobody.
    const before = await bestOf(target, secrets);
    await createRoles(target, secrets);
    const ours = await timeCampaign({ connector: 'postgres', config: target.config }, secrets);
    const after = await bestOf(target, secrets);
    const raw = before.perSecond > after.perSecond ? before : after;
    return {
      name: 'rotate PostgreSQL roles',
      credentials: ours.credentials,
      perSecond: round(ours.perSecond),
      rawPerSecond: round(raw.perSecond),
      rawConcurrency: raw.concurrency,
      ratio: round(ours.perSecond / raw.perSecond),
    };
  } finally {
    await target.close();
  }
}

async function createRoles(target: TargetPostgres, secrets: ReadonlyMap<string, string>): Promise<void> {
  const statements = [...secrets].map(
    ([name, secret]) => `drop role if exists ${name}; create role ${name} login password '${secret}'`,
  );
  for (let at = 0; at < statements.length; at += 500)
    await target.sql(statements.slice(at, at + 500).join(';'));
}

async function bestOf(target: TargetPostgres, secrets: ReadonlyMap<string, string>) {
  let best = { perSecond: 0, concurrency: 0 };
  const entries = [...secrets].slice(0, sample);
  for (const concurrency of concurrencies) {
    const startedAt = performance.now();
    await bareLoop(target, entries, concurrency);
    const perSecond = entries.length / ((performance.now() - startedAt) / 1_000);
    if (perSecond > best.perSecond) best = { perSecond, concurrency };
  }
  return best;
}

/** Change, accepted login, two refused logins, session end: as many of each as a rotation makes, and nothing else. */
async function bareLoop(
  target: TargetPostgres,
  entries: [string, string][],
  concurrency: number,
): Promise<void> {
  const admin = new pg.Pool({
    host: '127.0.0.1',
    port: target.port,
    database: 'postgres',
    user: 'admin',
    password: target.adminPassword.reveal(),
    max: 4,
  });
  try {
    await pMap(
      entries,
      async ([name]) => {
        const fresh = `new-${randomBytes(12).toString('hex')}`;
        const verifier = await scramVerifier(new Secret(fresh), randomBytes(16), 4096);
        await admin.query(`alter role ${name} password '${verifier}'`);
        await tryLogin(target.port, name, fresh, true);
        await tryLogin(target.port, name, 'the-old-one', false);
        await tryLogin(target.port, name, 'the-old-one', false);
        await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [
          name,
        ]);
      },
      { concurrency },
    );
  } finally {
    await admin.end();
  }
}

async function tryLogin(port: number, user: string, password: string, accepted: boolean): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, database: 'postgres', user, password });
  client.on('error', () => undefined);
  const was = await client.connect().then(
    () => true,
    () => false,
  );
  await client.end().catch(() => undefined);
  if (was !== accepted)
    throw new Error(`the bare loop expected ${accepted ? 'an accepted' : 'a refused'} login`);
}

export const round = (value: number): number => Math.round(value * 100) / 100;
