/** The built program as a process, for end-to-end tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { packageFile } from '../../src/kernel/paths.ts';

export interface Finished {
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  finished: Promise<Finished>;
  /** What it has written to stderr so far. */
  stderr(): string;
}

/** Starts `firebreak ...`; `env` is added to ours. */
export function startProgram(
  argv: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Running {
  const env = { ...process.env, FIREBREAK_DATABASE_URL: undefined, NO_COLOR: '1', ...options.env };
  const child = spawn(process.execPath, [packageFile('bin', 'firebreak.js'), ...argv], {
    env,
    cwd: options.cwd ?? process.cwd(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  return { child, finished, stderr: () => stderr };
}

/** Runs it to its end. */
export const runProgram = (
  argv: string[],
  options?: { env?: NodeJS.ProcessEnv; cwd?: string },
): Promise<Finished> => startProgram(argv, options).finished;
