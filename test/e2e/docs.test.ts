/**
 * The how-to pages, run as a reader would: every command of every `sh` block, in the order of README's list, on a
 * small estate of real servers. Commands in running text must at least exist, with the options that they name.
 */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectors } from '../../src/connectors/registry.ts';
import { loadConfig } from '../../src/domain/inventory/index.ts';
import { packageFile } from '../../src/kernel/paths.ts';
import { type Estate, startEstate } from '../../src/replay/estate/index.ts';
import { writeLogs } from '../../src/replay/logs/index.ts';
import { runProgram, startProgram } from './program.ts';

const page = (name: string) => readFile(packageFile('docs', 'howto', name), 'utf8');
const readme = await readFile(packageFile('README.md'), 'utf8');
const pages = [...readme.matchAll(/\(docs\/howto\/([^)]+)\)/g)].map(([, name]) => name ?? '');

let folder: string;
let estate: Estate;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-docs-'));
  execFileSync('chmod', ['711', folder]);
  const size = {
    roles: 150,
    redisUsers: 4,
    tokens: 6,
    sessions: 2,
    applications: 4,
    logEvents: 20_000,
    hosts: 60,
  };
  estate = await startEstate(join(folder, 'estate'), size, () => undefined);
  await copyFile(estate.assetList, join(folder, 'credentials.csv'));
  await symlink(estate.supportCases, join(folder, 'support-cases'));
  const logs = await writeLogs({ folder: join(folder, 'practice'), events: 4_000, broken: false });
  await symlink(logs.folder, join(folder, 'logs'));
});
afterAll(async () => {
  await estate?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The lines of a page's blocks of one language, comments taken off. */
function commandsOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))]
    .flatMap(([, block]) => (block ?? '').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** The words of a command line; our pages quote with double quotes only. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

test('the list in README names every page', async () => {
  expect([...pages].sort()).toEqual((await readdir(packageFile('docs', 'howto'))).sort());
});

/** Something is outstanding where these stand, and they say so with exit code 1. */
const outstanding = new Map([
  ['firebreak incident next', 1],
  // Every credential is accounted for, and nobody has looked into logs and systems.
  ['firebreak incident census', 1],
  ['firebreak incident questions', 1],
  // So few logs cover nothing in full, so nobody can say that everything was seen.
  ['firebreak logs coverage --from 2023-11-14 --to 2023-11-24', 1],
  ['firebreak hunt ioc', 1],
  ['firebreak hunt sigma --min-level medium', 1],
  ['firebreak hunt descendants', 1],
  ['firebreak hunt made --state outstanding', 1],
  ['firebreak hunt access', 1],
]);

/** The pages as somebody would follow them, and what a page takes for granted that the one before it has undone. */
const order = [
  'describe-your-systems.md',
  'respond-to-a-breach.md',
  'scan-for-leaks.md',
  'read-the-logs.md',
  'hunt.md',
  'check-the-evidence.md',
];
const presumed = new Map([['scan-for-leaks.md', ['firebreak incident open --advisory okta-2023-10']]]);

test('every command of the pages does what it says, one after the other', async () => {
  const env = { FIREBREAK_DATA: join(folder, 'data'), FIREBREAK_CONFIG: estate.configFile };
  const commands = (await Promise.all(order.map(async (name) => commandsOf(await page(name), 'sh')))).flatMap(
    (some, index) => [...(presumed.get(order[index] ?? '') ?? []), ...some],
  );
  expect(commands.length).toBeGreaterThan(20);
  for (const command of commands) {
    const [program, ...argv] = wordsOf(command);
    expect(program, command).toBe('firebreak');
    const run = await runProgram(argv, { env, cwd: folder });
    const expected = outstanding.get(command) ?? 0;
    expect(run.exitCode, `${command}\n${run.stdout}\n${run.stderr}`).toBe(expected);
  }
});

test('serve and worker run on a PostgreSQL of your own, as the page says', async () => {
  const admin = new pg.Client({ connectionString: process.env.FIREBREAK_TEST_POSTGRES });
  await admin.connect();
  await admin.query('create database docs_workers');
  await admin.end();
  const url = new URL(process.env.FIREBREAK_TEST_POSTGRES ?? '');
  url.pathname = '/docs_workers';
  const lines = commandsOf(await page('run-more-workers.md'), 'sh');
  const exported = lines
    .filter((line) => line.startsWith('export '))
    .map((line) => line.slice('export '.length));
  expect(exported.map((line) => line.split('=')[0])).toEqual(['FIREBREAK_DATABASE_URL', 'FIREBREAK_KEYS']);
  const env = {
    FIREBREAK_CONFIG: estate.configFile,
    FIREBREAK_DATABASE_URL: url.href,
    FIREBREAK_KEYS: join(folder, 'worker-keys'),
  };
  const started = lines
    .filter((line) => line.startsWith('firebreak '))
    .map((line) => startProgram(wordsOf(line).slice(1), { env, cwd: folder }));
  expect(started).toHaveLength(2);
  for (const { stderr, child, finished } of started) {
    await expect.poll(stderr).toContain('Stop it with Ctrl-C');
    child.kill('SIGTERM');
    expect((await finished).exitCode).toBe(0);
  }
});

test('the example of firebreak.yaml is a valid one, and so is what init writes', async () => {
  const [example] = /^```yaml\n(.*?)^```/ms.exec(await page('describe-your-systems.md'))?.slice(1) ?? [];
  const recipient = await identityToRecipient(await generateX25519Identity());
  const file = join(folder, 'example.yaml');
  await writeFile(file, (example ?? '').replace('age1...', recipient));
  const config = await loadConfig(file, new Map(Object.entries(connectors)));
  expect(config.systems.map((system) => system.name)).toEqual(['core-db']);
  const fresh = join(folder, 'fresh');
  await mkdir(fresh);
  expect((await runProgram(['init'], { cwd: fresh })).exitCode).toBe(0);
  await loadConfig(join(fresh, 'firebreak.yaml'), new Map(Object.entries(connectors)));
});

test('commands named in running text exist, with the options that they name', async () => {
  const texts = [readme, ...(await Promise.all(pages.map(page)))];
  const named = texts.flatMap((text) =>
    [...text.replace(/^```.*?^```/gms, '').matchAll(/`(?:npx )?firebreak ([^`]+)`/g)].map(
      ([, rest]) => rest ?? '',
    ),
  );
  expect(named.length).toBeGreaterThan(4);
  for (const command of new Set(named)) {
    const words = wordsOf(command).filter((word) => !word.startsWith('--'));
    const verbs = words.filter((word, at) => at < 2 && /^[a-z]+$/.test(word));
    const help = await runProgram([...verbs, '--help']);
    expect(help.exitCode, command).toBe(0);
    expect(help.stdout).toContain(['Usage: firebreak', ...verbs].join(' '));
    for (const option of command.match(/--[a-z-]+/g) ?? []) expect(help.stdout, command).toContain(option);
  }
});
