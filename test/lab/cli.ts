/** The command line on a real API, with its streams captured. */
import { Writable } from 'node:stream';
import { type CliWorld, runCli } from '../../src/cli/index.ts';
import type { ApiLab } from './api.ts';

export interface CliRun {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** stdout as the one JSON document that it must be. */
  json(): unknown;
}

/** A stream that keeps what is written to it. */
export class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs one command line. Without a lab, a command that opens an installation fails the test. */
export async function runFirebreak(
  argv: string[],
  lab?: ApiLab,
  extra: Partial<CliWorld> = {},
): Promise<CliRun> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const world: CliWorld = {
    stdout,
    stderr,
    env: {},
    isTTY: false,
    cwd: lab?.domain.folder ?? '/',
    connect: async (command) => {
      if (!lab) throw new Error(`${command} opened the installation`);
      return { client: lab.client, close: async () => {} };
    },
    serve: async () => 0,
    worker: async () => 0,
    replay: async () => 0,
    doctor: async () => [],
    conformance: async () => ({ missing: 'a server' }),
    ...extra,
  };
  const exitCode = await runCli(argv, world);
  return { exitCode, stdout: stdout.text, stderr: stderr.text, json: () => JSON.parse(stdout.text) };
}
