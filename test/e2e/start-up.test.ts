/** What a command that needs no host and no data loads: help must not wait for libraries of SSH, of the lake or of the store. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './program.ts';

const engines = ['ssh2', 'chdb', 'pg', '@dbos-inc'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-start-up-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The packages in CommonJS that a run loads: ssh2 and chdb are such. */
async function packagesOf(
  argv: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ packages: Set<string>; exitCode: number | null }> {
  const [hook, list] = [join(folder, 'hook.cjs'), join(folder, 'loaded.json')];
  await writeFile(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(Object.keys(require.cache))));`,
  );
  const { exitCode } = await runProgram(argv, { env: { ...env, NODE_OPTIONS: `--require ${hook}` } });
  const files = JSON.parse(await readFile(list, 'utf8')) as string[];
  const packages = new Set(files.flatMap((file) => file.split('/node_modules/')[1]?.split('/')[0] ?? []));
  return { packages, exitCode };
}

test.each([['--help'], ['triage', 'collect', '--help'], ['--version']])(
  'help loads neither ssh2 nor the engines of the lake and the store: %s',
  async (...argv) => {
    const { packages, exitCode } = await packagesOf(argv);
    expect(exitCode).toBe(0);
    // The list is a real one: this is loaded by every command.
    expect(packages).toContain('commander');
    for (const heavy of engines) expect(packages).not.toContain(heavy);
  },
);

test('a command whose installation a server holds loads only the way to it', async () => {
  const server = createServer((_, answer) => answer.writeHead(200).end('{"incidents":[]}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const env = { FIREBREAK_URL: `http://127.0.0.1:${port}`, FIREBREAK_TOKEN: 'x'.repeat(32) };
    const { packages, exitCode } = await packagesOf(['--json', 'incident', 'list'], env);
    expect(exitCode).toBe(0);
    for (const heavy of engines) expect(packages).not.toContain(heavy);
  } finally {
    server.close();
  }
});
