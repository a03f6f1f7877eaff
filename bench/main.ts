/**
 * `npm run bench [NAME...]`: our figures, each beside the raw limit or the peer measured in the same run, and
 * the ratio. Results go to bench/results.json too.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../src/kernel/paths.ts';
import { Secret } from '../src/kernel/secret.ts';
import { openStore } from '../src/store/index.ts';
import { startPostgres } from '../src/store/postgres/server.ts';

// Each is loaded when it is run: one bench's libraries must not weigh on another's figure.
const benches: Record<string, (url: string) => Promise<object>> = {
  scan: async () => (await import('./scan.ts')).benchScan(),
  ledger: async (url) => (await import('./ledger.ts')).benchLedger(url),
  inventory: async () => (await import('./inventory.ts')).benchInventory(),
  redis: async () => (await import('./redis.ts')).benchRedis(),
  stack: async () => (await import('./stack.ts')).benchStack(),
  postgres: async () => (await import('./postgres.ts')).benchPostgres(),
  ingest: async () => (await import('./ingest.ts')).benchIngest(),
  ssh: async () => (await import('./ssh.ts')).benchSsh(),
  fleet: async () => (await import('./fleet.ts')).benchFleet(),
  collector: async () => (await import('./collector.ts')).benchCollector(),
  sigma: async () => (await import('./sigma.ts')).benchSigma(),
  ioc: async () => (await import('./ioc.ts')).benchIoc(),
  events: async () => (await import('./events.ts')).benchEvents(),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(', ')}; there are: ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}

// The store under test is durable, as in use.
const folder = await mkdtemp(join(tmpdir(), 'firebreak-bench-'));
const server = await startPostgres({ folder, user: 'bench', password: new Secret('bench') });
try {
  await (await openStore(server.url('template1'))).close();
  process.env.FIREBREAK_TEST_POSTGRES = server.url('postgres');
  const machine = {
    node: process.version,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
  process.stdout.write(`${JSON.stringify(machine)}\n`);
  const file = packageFile('bench', 'results.json');
  const results = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, unknown>;
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const figure = await bench(server.url('postgres'));
    process.stdout.write(`${JSON.stringify(figure)}\n`);
    results[name] = { ...figure, machine };
  }
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
} finally {
  await server.stop('immediate');
  await rm(folder, { recursive: true, force: true });
}
