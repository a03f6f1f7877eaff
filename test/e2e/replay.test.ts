/** The main job as a user runs it, on a smaller estate: to its end, and with servers killed on the way. */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runProgram, startProgram } from './program.ts';

// A whole response takes its time; on a machine that does other things too, minutes of it.
vi.setConfig({ testTimeout: 600_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-replay-'));
  // As root the practice servers run as another user, who must get here.
  execFileSync('chmod', ['711', folder]);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const replay = (scale: string) => ['replay', 'thanksgiving-2023', '--json', '--scale', scale];
const env = () => ({ FIREBREAK_DATA: folder });

interface ReplayJson {
  exitCode: number;
  folder: string;
  census: {
    complete: boolean;
    credentials: {
      total: number;
      outstanding: number;
      provenDead: number;
      excepted: number;
      outstandingBy: Record<string, number>;
    };
    descendants: { total: number; contained: number; outstanding: number };
    systems: { total: number; examined: number; partial: number; excepted: number };
    reboots: { total: number; proven: number; excepted: number; outstanding: number };
  };
  applications: { connected: number; total: number; reconnects: number };
  ledger: { bundle: string; verified: boolean };
  report: string;
  steps: { command: string; exitCode: number }[];
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test('every credential ends proven dead, nothing is outstanding, and no secret is left anywhere', async () => {
  const running = startProgram(replay('0.06'), { env: env() });
  await expectNoSecretInProcesses(running.stderr);
  const run = await running.finished;
  expect(run.stderr).not.toContain('Warning');
  const result = JSON.parse(run.stdout) as ReplayJson;
  expect(result, JSON.stringify(result.census)).toMatchObject({
    exitCode: 0,
    census: { complete: true, credentials: { outstanding: 0 } },
    ledger: { verified: true },
  });
  expect(run.exitCode).toBe(0);
  expect(result.census.credentials.total).toBeGreaterThan(300);
  // One is the password of the account that the intruder made: somebody signs for it.
  const { total, provenDead, excepted } = result.census.credentials;
  expect({ excepted, sum: provenDead + excepted }).toEqual({ excepted: 1, sum: total });
  expect(result.census.descendants).toMatchObject({ total: 7, contained: 7, outstanding: 0 });
  const { systems } = result.census;
  expect(systems.total).toBe(systems.examined + systems.excepted);
  expect(systems.examined).toBeGreaterThan(50);
  // Every system is restarted or somebody signs for it; then the outliers are looked at again.
  const { reboots } = result.census;
  expect(reboots).toMatchObject({ total: systems.total, outstanding: 0 });
  expect(reboots.proven).toBe(systems.examined);
  expect(result.steps.some(({ command }) => command.startsWith('firebreak triage survived'))).toBe(true);
  expect(result.applications.connected).toBe(result.applications.total);
  expect(result.applications.reconnects).toBeGreaterThan(0);

  const good = await runProgram(['evidence', 'verify', result.ledger.bundle]);
  expect(good.exitCode).toBe(0);
  const { size } = await stat(result.ledger.bundle);
  for (const at of [0, Math.floor(size / 3), Math.floor(size / 2), size - 2]) {
    const changed = join(folder, 'changed.txt');
    await copyFile(result.ledger.bundle, changed);
    const file = await open(changed, 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
    await file.close();
    expect((await runProgram(['evidence', 'verify', changed])).exitCode, `byte ${at} changed`).not.toBe(0);
  }

  // The present secrets, as delivered: none of them is anywhere but where it was delivered.
  const delivered = (await filesBelow(join(result.folder, 'estate', 'apps'))).map((file) =>
    readFile(file, 'utf8'),
  );
  const secrets = (await Promise.all(delivered)).join('\n').match(/(?<==)\S{20,}$/gm) ?? [];
  expect(secrets.length).toBeGreaterThan(200);
  const some = secrets.filter((_, index) => index % 7 === 0);
  const places = [...(await filesBelow(join(result.folder, 'data'))), result.ledger.bundle, result.report];
  for (const place of places) {
    const text = await readFile(place, 'latin1');
    for (const secret of some)
      expect(text.includes(secret), `${secret.slice(0, 4)}... in ${place}`).toBe(false);
  }
  for (const secret of some) expect(run.stdout.includes(secret) || run.stderr.includes(secret)).toBe(false);
});

/** While everything is at work: the servers, the rotation. */
async function expectNoSecretInProcesses(stderr: () => string): Promise<void> {
  await untilRotating(stderr, 5);
  const seen = execFileSync('ps', ['axww', '-o', 'args']).toString();
  const read = async (...path: string[]) => (await readFile(join(replayFolder(), ...path), 'utf8')).trim();
  const key = await read('data', 'keys', 'postgres.password');
  const admin = await read('estate', 'admin.password');
  expect(seen).toContain('replay thanksgiving-2023');
  expect(seen.includes(key) || seen.includes(admin)).toBe(false);
}

const replayFolder = () => join(folder, 'replay-thanksgiving-2023');

/** The rotation is under way when `delivered` replacements lie where the applications read them. */
async function untilRotating(stderr: () => string, delivered: number): Promise<void> {
  await expect.poll(stderr).toContain('rotate apply');
  const startedMs = Date.now();
  const apps = join(replayFolder(), 'estate', 'apps');
  const files = (await filesBelow(apps)).filter((file) => file.endsWith('.env'));
  const changed = async () =>
    (await Promise.all(files.map((file) => stat(file)))).filter(({ mtimeMs }) => mtimeMs >= startedMs).length;
  await expect.poll(changed).toBeGreaterThanOrEqual(delivered);
}

/** The process of a PostgreSQL, by its folder below the replay's. */
async function killPostgres(...path: string[]): Promise<void> {
  const file = await readFile(join(replayFolder(), ...path, 'cluster', 'postmaster.pid'), 'utf8');
  process.kill(Number(file.split('\n')[0]), 'SIGKILL');
}

test('a target that is killed half-way is in the census, and the exit code says so', async () => {
  const running = startProgram(replay('0.12'), { env: env() });
  await untilRotating(running.stderr, 100);
  await killPostgres('estate', 'core-db');
  const run = await running.finished;
  const result = JSON.parse(run.stdout) as ReplayJson;
  expect(run.exitCode).toBe(1);
  const { total, outstanding, provenDead, excepted } = result.census.credentials;
  expect(result.census.complete).toBe(false);
  expect(outstanding).toBeGreaterThan(0);
  expect(total).toBe(outstanding + provenDead + excepted);
  expect(result.ledger.verified).toBe(true);
});

test('our own PostgreSQL is killed half-way: it comes back, and everything ends proven dead', async () => {
  const running = startProgram(replay('0.12'), { env: env() });
  await untilRotating(running.stderr, 100);
  await killPostgres('data', 'postgres');
  const run = await running.finished;
  const result = JSON.parse(run.stdout) as ReplayJson;
  // What else is outstanding says why.
  expect(result, JSON.stringify(result.census)).toMatchObject({
    census: { complete: true, credentials: { outstanding: 0 } },
    ledger: { verified: true },
  });
});

test('bad input changes nothing and says where it is wrong', async () => {
  const file = join(folder, 'advisory.yaml');
  await writeFile(file, 'firebreak-advisory: 1\nid: x\nwindows: soon\n');
  const run = await runProgram(['advisory', 'check', file], { env: env() });
  expect(run.exitCode).toBe(2);
  expect(run.stderr + run.stdout).toMatch(/advisory\.yaml:3:\d+: windows: expected array/);
});
