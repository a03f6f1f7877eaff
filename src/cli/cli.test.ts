import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiLab, openApiLab } from '../../test/lab/api.ts';
import { runFirebreak } from '../../test/lab/cli.ts';
import { connectors } from '../connectors/registry.ts';
import { parseConfig } from '../domain/inventory/index.ts';
import { type ErrorCode, FirebreakError } from '../kernel/errors.ts';
import { createProgram } from './program.ts';
import { configSkeleton } from './skeleton.ts';

let lab: ApiLab;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-cli-'));
  lab = await openApiLab('firebreak: 1\norganisation: Test\n');
});
afterAll(async () => {
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});

const program = createProgram(() => async () => {}, { version: '0', write: () => {} });
const leaves = (command: Command, path: string[] = []): string[][] =>
  command.commands.length === 0
    ? [path]
    : command.commands.flatMap((one) => leaves(one, [...path, one.name()]));

describe('help', () => {
  test.each(leaves(program).map((path) => [path.join(' '), path] as const))(
    '%s has an example',
    async (_, path) => {
      const { exitCode, stdout, stderr } = await runFirebreak([...path, '--help']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\\n.*firebreak ${path.join(' ')}`));
      expect(stderr).toBe('');
    },
  );

  test('with --json it is one document', async () => {
    const { exitCode, json } = await runFirebreak(['rotate', '--help', '--json']);
    expect([exitCode, json()]).toEqual([0, { help: expect.stringContaining('Usage: firebreak rotate') }]);
  });

  test('a group without a command shows it, and is a fault', async () => {
    const { exitCode, stdout, stderr } = await runFirebreak(['rotate']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: firebreak rotate');
    expect(stderr).toContain('error: a command is missing');
  });
});

describe('exit codes', () => {
  const expected: Record<ErrorCode, number> = {
    bad_input: 2,
    not_found: 2,
    conflict: 1,
    refused: 3,
    in_use: 1,
    unavailable: 1,
    outstanding: 1,
    limit_exceeded: 1,
    unsupported: 1,
    corrupt: 1,
    internal: 1,
  };
  const cases = Object.entries(expected) as [ErrorCode, number][];

  test.each(cases)('%s exits with %i, and --json is one document', async (code, exitCode) => {
    const faults = [
      { file: 'a.yaml', line: 3, column: 5, field: 'windows[0].from', expected: 'a day', got: '"soon"' },
    ];
    const connect = () => Promise.reject(new FirebreakError(code, 'this is why', { faults }));
    const plain = await runFirebreak(['incident', 'list'], undefined, { connect });
    expect(plain).toMatchObject({ exitCode, stdout: '' });
    expect(plain.stderr).toContain('a.yaml:3:5: windows[0].from: expected a day, got "soon"');
    const json = await runFirebreak(['incident', 'list', '--json'], undefined, { connect });
    expect(json).toMatchObject({ exitCode, stderr: '' });
    expect(json.json()).toEqual({
      error: { code, message: 'this is why', retry: 'never', facts: {}, faults },
    });
  });

  test.each([
    ['an unknown command', ['incident', 'opne']],
    ['an unknown option', ['incident', 'list', '--all']],
    ['a missing argument', ['rotate', 'prove']],
    ['a missing option', ['incident', 'open']],
    ['a number that is none', ['serve', '--port', 'http']],
    ['a page that is none', ['exposure', 'list', '--limit', 'many']],
    ['a state that is none', ['exposure', 'list', '--state', 'fine']],
    ['a scope that is none', ['exposure', 'match', '--precaution', 'everything', '--reason', 'x']],
    ['a precaution without a reason', ['exposure', 'match', '--precaution', 'environment=production']],
    ['a shell that is none', ['completion', 'tcsh']],
  ])('%s is a usage fault', async (_, argv) => {
    expect(await runFirebreak(argv, lab)).toMatchObject({ exitCode: 2, stdout: '' });
    const json = await runFirebreak([...argv, '--json'], lab);
    expect(json).toMatchObject({ exitCode: 2, stderr: '' });
    expect(json.json()).toMatchObject({ error: { code: 'bad_input' } });
  });

  test('what nobody expected is told, without a stack, and exits with 1', async () => {
    const connect = () => Promise.reject(new TypeError('x is not a function'));
    const run = await runFirebreak(['incident', 'list', '--json'], undefined, { connect });
    expect(run.json()).toMatchObject({
      error: { code: 'internal', message: 'unexpected: x is not a function' },
    });
    expect(run.exitCode).toBe(1);
  });
});

describe('commands that open no installation', () => {
  test('advisory check names every fault by line', async () => {
    const file = join(folder, 'bad.yaml');
    await writeFile(file, 'firebreak-advisory: 1\nid: "Not An Id"\ntitle: 7\n');
    const run = await runFirebreak(['advisory', 'check', 'bad.yaml'], undefined, { cwd: folder });
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toMatch(/bad\.yaml:2:5: id: expected /);
    expect(run.stderr).toMatch(/bad\.yaml:3:8: title: expected string, got number/);
  });

  test.each(['', 'key: [', '\u0000\u0001', '\ufffe'])('advisory check of %j is bad input', async (text) => {
    const file = join(folder, 'broken.yaml');
    await writeFile(file, text);
    expect((await runFirebreak(['advisory', 'check', file])).exitCode).toBe(2);
    expect((await runFirebreak(['evidence', 'verify', file])).exitCode).not.toBe(0);
  });

  test('init writes a valid firebreak.yaml once', async () => {
    const run = () => runFirebreak(['init'], undefined, { cwd: folder });
    expect((await run()).exitCode).toBe(0);
    const text = await readFile(join(folder, 'firebreak.yaml'), 'utf8');
    expect(
      parseConfig(text, 'firebreak.yaml', folder, new Map(Object.entries(connectors))).organisation,
    ).toBe('Our organisation');
    await writeFile(join(folder, 'firebreak.yaml'), 'mine');
    expect(await run()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is there already') });
    expect(await readFile(join(folder, 'firebreak.yaml'), 'utf8')).toBe('mine');
  });

  test('what the skeleton shows in comments is valid too', () => {
    const whole = configSkeleton
      .replace(/^(owners|systems|imports): (\[\]|\{\})$/gm, '$1:')
      .replace(/^# {2,}/gm, (comment) => comment.replace('#', ''));
    const owned = whole.replace('age1...', 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p');
    const config = parseConfig(owned, 'firebreak.yaml', folder, new Map(Object.entries(connectors)));
    expect(config.systems.map(({ name }) => name)).toEqual(['core-db']);
    expect(Object.keys(config.imports)).toEqual(['cmdb']);
  });
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s has a script with every command', async (shell) => {
    const { exitCode, stdout } = await runFirebreak(['completion', shell]);
    expect(exitCode).toBe(0);
    for (const path of leaves(program)) expect(stdout).toContain(path.join(' '));
  });

  test('bash takes the script and completes with it', async () => {
    const { stdout } = await runFirebreak(['completion', 'bash']);
    execFileSync('bash', ['-n'], { input: stdout });
    const complete = (...words: string[]) => {
      const line = words.map((word) => `'${word}'`).join(' ');
      const script = `${stdout}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _firebreak; echo "\${COMPREPLY[@]}"`;
      return execFileSync('bash', { input: script, encoding: 'utf8' }).trim().split(' ');
    };
    expect(complete('firebreak', 'ro')).toEqual(['rotate']);
    expect(complete('firebreak', 'rotate', 'pl')).toEqual(['plan']);
    expect(complete('firebreak', '--json', 'rotate', 'apply', '--no')).toEqual(['--no-wait']);
    expect(complete('firebreak', 'incident', '')).toContain('census');
  });
});

describe('doctor, serve, worker, replay', () => {
  test('doctor exits with 1 when a check failed', async () => {
    const doctor = async () => [
      { name: 'Node.js', status: 'ok', detail: 'v20' } as const,
      { name: 'PostgreSQL', status: 'failed', detail: 'not found', fix: 'npm ci' } as const,
    ];
    const run = await runFirebreak(['doctor'], undefined, { doctor });
    expect(run).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('not found. npm ci') });
  });

  test('the others get their options, and their exit code is ours', async () => {
    const seen: unknown[] = [];
    const extra = {
      serve: async (options: unknown) => seen.push(options) && 0,
      worker: async () => seen.push('worker') && 0,
      replay: async (name: string, options: unknown) => seen.push([name, options]) && 1,
    };
    expect((await runFirebreak(['serve', '--port', '0'], undefined, extra)).exitCode).toBe(0);
    expect((await runFirebreak(['worker'], undefined, extra)).exitCode).toBe(0);
    expect(
      (await runFirebreak(['replay', 'thanksgiving-2023', '--scale', '0.1', '--serve'], undefined, extra))
        .exitCode,
    ).toBe(1);
    expect(seen).toEqual([
      { host: '127.0.0.1', port: 0 },
      'worker',
      ['thanksgiving-2023', { serve: true, scale: 0.1 }],
    ]);
  });
});
