import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type ApiLab, openApiLab } from '../../test/lab/api.ts';
import { Sink } from '../../test/lab/cli.ts';
import type { JobTools } from '../api/jobs-table.ts';
import { FirebreakError } from '../kernel/errors.ts';
import { followJob } from './follow.ts';
import { createIo, type OpenIo } from './io.ts';
import { createUi } from './ui.ts';

let lab: ApiLab;
beforeAll(async () => {
  lab = await openApiLab('firebreak: 1\norganisation: Test\n');
});
afterAll(() => lab?.close());

function openIo(): { io: OpenIo; stderr: Sink; interrupt(): void; waits(): boolean } {
  const stderr = new Sink();
  let handler: (() => void) | undefined;
  const world = {
    stdout: new Sink(),
    stderr,
    env: {},
    isTTY: false,
    cwd: '/',
    progressEveryMs: 5,
    connect: async () => ({ client: lab.client, close: async () => {} }),
    serve: async () => 0,
    worker: async () => 0,
    replay: async () => 0,
    doctor: async () => [],
    conformance: async () => ({ missing: 'a server' }),
    onInterrupt: (given: () => void) => {
      handler = given;
      return () => {
        handler = undefined;
      };
    },
  };
  const io = createIo(world, createUi(world, false), 'test');
  return { io, stderr, interrupt: () => handler?.(), waits: () => handler !== undefined };
}

const start = (work: (tools: JobTools) => Promise<unknown>) => lab.jobs.start('scan', 'tester', work).id;
const options = {
  title: 'Scanning',
  schema: z.object({ n: z.number() }),
  again: 'firebreak exposure scan x',
};

test('gives the result, checked, and lets go of Ctrl-C', async () => {
  const { io, waits } = openIo();
  expect(
    await followJob(
      io,
      start(async () => ({ n: 1 })),
      options,
    ),
  ).toEqual({ n: 1 });
  expect(waits()).toBe(false);
});

test('throws the error that the job ended with, with its faults', async () => {
  const { io } = openIo();
  const faults = [{ file: 'a.csv', line: 2, expected: 'a name' }];
  const job = start(() => Promise.reject(new FirebreakError('bad_input', 'a.csv: 1 fault', { faults })));
  await expect(followJob(io, job, options)).rejects.toMatchObject({
    code: 'bad_input',
    message: 'a.csv: 1 fault',
    faults,
  });
});

test('Ctrl-C cancels the job and says how to go on', async () => {
  const { io, stderr, interrupt, waits } = openIo();
  const job = start(
    ({ signal, report }) =>
      new Promise((_, reject) => {
        report({ done: 1, total: 4, unit: 'bytes' });
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  const following = followJob(io, job, options).catch((error: unknown) => error);
  await expect.poll(() => stderr.text).toContain('1 bytes of 4 bytes (25 %)');
  interrupt();
  const error = await following;
  expect(error).toMatchObject({ code: 'outstanding' });
  expect((error as FirebreakError).message).toContain('to do the rest: firebreak exposure scan x');
  expect(lab.jobs.get(job).state).toBe('cancelled');
  expect(stderr.text).toContain('Ctrl-C again ends at once');
  expect(waits()).toBe(false);
});
