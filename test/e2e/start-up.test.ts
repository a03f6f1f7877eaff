/** What a command that needs no host and no data loads: help must not wait for libraries of SSH or of the lake. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-start-up-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The packages in CommonJS that a run loads: ssh2 and chdb are such. */
async function packagesOf(argv: string[]): Promise<Set<string>> {
  const [hook, list] = [join(folder, 'hook.cjs'), join(folder, 'loaded.json')];
  await writeFile(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(Object.keys(require.cache))));`,
  );
  const { exitCode, stderr } = await runProgram(argv, { env: { NODE_OPTIONS: `--require ${hook}` } });
  expect(exitCode, stderr).toBe(0);
  const files = JSON.parse(await readFile(list, 'utf8')) as string[];
  return new Set(files.flatMap((file) => file.split('/node_modules/')[1]?.split('/')[0] ?? []));
}

test.each([['--help'], ['triage', 'collect', '--help'], ['--version']])(
  'help loads neither ssh2 nor the engine of the lake: %s',
  async (...argv) => {
    const packages = await packagesOf(argv);
    // The list is a real one: this is loaded by every command.
    expect(packages).toContain('commander');
    expect(packages).not.toContain('ssh2');
    expect(packages).not.toContain('chdb');
  },
);
