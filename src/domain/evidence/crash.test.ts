import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestStore } from '../../../test/lab/store.ts';
import { systemClock } from '../../kernel/clock.ts';
import { packageRoot } from '../../kernel/paths.ts';
import { Secret } from '../../kernel/secret.ts';
import { openPool, openStore, type Store, type Tables } from '../../store/index.ts';
import { startPostgres } from '../../store/postgres/server.ts';
import { exportBundle, loadOrCreateSigner, openLedger, verifyBundle } from './index.ts';

const origin = 'example.com/log';
/** The number of the lock that children wait for. */
const gate = 77_001;
const script = fileURLToPath(new URL('__fixtures__/append-child.ts', import.meta.url));

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-crash-'));
  store = await createTestStore();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

interface Child {
  process: ChildProcess;
  /** Subjects by the numbers that the child was given. */
  acknowledged: Map<number, string>;
  /** Resolves when so many were acknowledged, or the child has ended. */
  until(count: number): Promise<void>;
  ended: Promise<unknown>;
}

function startChild(tag: string, appenders: number, appends: number): Child {
  const task = { url: store.url, keyFile: join(folder, 'ledger.pem'), origin, tag, appenders, appends, gate };
  const load = `import { runnerImport } from 'vite'; await runnerImport(${JSON.stringify(script)}, { configFile: false });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', load], {
    cwd: packageRoot,
    env: { ...process.env, APPEND_TASK: JSON.stringify(task) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Map<number, string>();
  const lines = createInterface({ input: child.stdout });
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  let wake = () => {};
  lines.on('line', (line) => {
    const [seq, subject] = line.split(' ');
    // A line that the kill has cut has no subject.
    if (subject) acknowledged.set(Number(seq), subject);
    wake();
  });
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      wake = () => acknowledged.size >= count && resolve();
      void ended.then(() => resolve());
      wake();
    });
  return { process: child, acknowledged, until, ended };
}

/** The ledger as it stands verifies, and has every acknowledged entry under its number. */
async function checkLedger(children: readonly Child[]): Promise<number> {
  const ledger = openLedger(
    store.db,
    await loadOrCreateSigner(join(folder, 'ledger.pem'), origin),
    systemClock,
  );
  await exportBundle(ledger, join(folder, 'bundle'), { overwrite: true });
  const report = await verifyBundle(join(folder, 'bundle'));
  expect(report.faults).toEqual([]);
  const rows = await store.db.selectFrom('ledger_entry').select(['seq', 'subject']).orderBy('seq').execute();
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index));
  expect(report.entries).toBe(rows.length);
  for (const { acknowledged } of children)
    for (const [seq, subject] of acknowledged) expect(rows[seq]?.subject).toBe(subject);
  return rows.length;
}

test('killed at any moment, the ledger verifies and has all that was acknowledged', async () => {
  const children: Child[] = [];
  for (const [round, count] of [1, 40, 333, 90].entries()) {
    const child = startChild(`round${round}`, 8, 1_000_000);
    await child.until(count);
    child.process.kill('SIGKILL');
    await child.ended;
    expect(child.process.signalCode).toBe('SIGKILL');
    children.push(child);
    expect(await checkLedger(children)).toBeGreaterThanOrEqual(count);
  }
});

async function waiting(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_locks where locktype = 'advisory' and objid = ${gate} and not granted`.execute(
    store.db,
  );
  return rows[0]?.n ?? 0;
}

test('two processes write to one ledger at the same time: no gaps, nothing lost, nothing twice', async () => {
  // Held until both are ready: on a busy machine one could be done before the other begins.
  const children = await store.db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${gate})`.execute(tx);
    const both = [startChild('one', 8, 60), startChild('two', 8, 60)];
    await expect.poll(waiting).toBe(2);
    return both;
  });
  await Promise.all(children.map((child) => child.ended));
  expect(children.map((child) => child.acknowledged.size)).toEqual([480, 480]);
  expect(await checkLedger(children)).toBe(960);
  const turns = await store.db.selectFrom('ledger_entry').select('actor').orderBy('seq').execute();
  const changes = turns.filter(({ actor }, index) => index > 0 && actor !== turns[index - 1]?.actor).length;
  expect(changes).toBeGreaterThan(1);
});

test('a PostgreSQL that is killed comes back with all that was acknowledged', async () => {
  // Started as root, PostgreSQL runs as another user, who has to pass through.
  await chmod(folder, 0o711);
  const server = await startPostgres({
    folder: join(folder, 'postgres'),
    user: 'lab',
    password: new Secret('lab'),
  });
  await (await openStore(server.url('postgres'))).close();
  const pool = openPool(server.url('postgres'), 10);
  // A connection that breaks between two statements of a transaction says so by an event, and only so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    const signer = await loadOrCreateSigner(join(folder, 'ledger.pem'), origin);
    const ledger = openLedger(db, signer, systemClock);
    const acknowledged: [number, number][] = [];
    const appender = async (id: number) => {
      for (;;) {
        const [seq] = await ledger.append({ kind: 'test.appended', actor: 'one', data: { id } });
        acknowledged.push([seq!, id]);
        if (acknowledged.length === 500) process.kill((await server.pid())!, 'SIGKILL');
      }
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, id) => appender(id)));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    // Its orphans hold the shared memory for a moment.
    const restart = () =>
      server
        .restart()
        .then(() => true)
        .catch(() => false);
    await expect.poll(restart).toBe(true);
    await ledger.append({ kind: 'test.returned', actor: 'one', data: {} });
    for (const [seq, id] of acknowledged) expect((await ledger.entry(seq)).data).toEqual({ id });
    await exportBundle(ledger, join(folder, 'bundle'));
    expect((await verifyBundle(join(folder, 'bundle'))).faults).toEqual([]);
  } finally {
    await db.destroy();
    await server.stop('immediate');
  }
});
