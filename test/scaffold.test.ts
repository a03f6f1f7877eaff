/** `npm run new connector <id>`, in a copy of the sources. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageFile } from '../src/kernel/paths.ts';
import { createConnector } from '../tools/new/connector.ts';

const run = promisify(execFile);
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'firebreak-scaffold-'));
  for (const path of [
    'package.json',
    'src/kernel',
    'src/connectors',
    'src/replay',
    'src/store/postgres',
    'test/lab',
    'tools',
  ])
    await cp(packageFile(path), join(root, path), { recursive: true });
  await symlink(packageFile('node_modules'), join(root, 'node_modules'));
  const { compilerOptions } = JSON.parse(await readFile(packageFile('tsconfig.json'), 'utf8'));
  const tsconfig = { compilerOptions, include: ['src/connectors', 'tools/new', 'tools/gen/registry.ts'] };
  await writeFile(join(root, 'tsconfig.json'), JSON.stringify(tsconfig));
  const config = { test: { include: ['src/connectors/conformance.test.ts'], pool: 'forks', cache: false } };
  await writeFile(join(root, 'vitest.config.ts'), `export default ${JSON.stringify(config)};\n`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a new connector', () => {
  beforeAll(() => createConnector(root, 'acme-vault'));

  test('is a folder of its own, renamed throughout and registered', async () => {
    const folder = join(root, 'src/connectors/acme-vault');
    const files = await readdir(folder);
    expect(files.sort()).toEqual((await readdir(packageFile('src/connectors/_template'))).sort());
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
    expect(texts.join('')).not.toMatch(/template/i);
    expect(texts.join('')).toContain("id: 'acme-vault'");
    const registry = await readFile(join(root, 'src/connectors/registry.ts'), 'utf8');
    expect(registry).toContain("'acme-vault': acmeVault,");
    expect(registry).not.toContain('_template');
  });

  test('compiles', async () => {
    const tsc = run(process.execPath, [packageFile('node_modules/typescript/bin/tsc'), '-p', root]);
    expect(
      await tsc.then(
        () => 'clean',
        ({ stdout }) => stdout,
      ),
    ).toBe('clean');
  });

  test('fails the conformance suite with a word on what to do', async () => {
    const env = { PATH: process.env.PATH, CONNECTOR: 'acme-vault', NO_COLOR: '1' };
    const vitest = run(process.execPath, [packageFile('node_modules/vitest/vitest.mjs'), 'run'], {
      cwd: root,
      env,
    });
    const output = await vitest.then(
      () => 'passed',
      ({ stdout, stderr }) => stdout + stderr,
    );
    expect(output).toContain('src/connectors/acme-vault/harness.ts starts no server yet');
    // The registry's own test stands: the folder is registered.
    expect(output).toMatch(/\b1 passed/);
  });
});

test.each(['postgres', 'conformance', '_template'])('%s is taken or no id', async (id) => {
  await expect(createConnector(root, id)).rejects.toMatchObject({
    code: expect.stringMatching(/conflict|bad_input/),
  });
});

test.each(['', 'Acme', '../acme', 'acme_vault', '-acme', 'default', 'a'.repeat(41)])(
  '%j is no id',
  async (id) => {
    await expect(createConnector(root, id)).rejects.toMatchObject({ code: 'bad_input' });
  },
);
