import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fingerprinter } from '../../../kernel/hash.ts';
import { zipOf } from './__fixtures__/har.ts';
import { openRunner } from './runner.ts';
import { type Step, scanFile } from './scan-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bounds-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function stepsOf(name: string, content: Buffer, archiveBytesMax: number): Promise<Step[]> {
  const path = join(folder, name);
  await writeFile(path, content);
  await using runner = openRunner(0);
  const scanning = {
    fingerprinter: new Fingerprinter(new Uint8Array(32)),
    signal: new AbortController().signal,
    runner,
    archiveBytesMax,
    onBytes: () => {},
  };
  const steps: Step[] = [];
  for await (const step of scanFile(path, name, content.length, scanning)) steps.push(step);
  return steps;
}

const errorsOf = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => (step.type === 'error' ? [`${step.file}: ${step.message}`] : []));
const endsOf = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => (step.type === 'end' ? [step.file.file] : []));

test('an archive that expands without end is stopped, said once, and ended', async () => {
  const zeros = Buffer.alloc(20_000_000, 'a\n');
  const bomb = zipOf({
    'a.txt': 'password=hunter22',
    'b.txt': zeros,
    'c.txt': zeros,
    'd.gz': gzipSync(zeros),
  });
  const steps = await stepsOf('bomb.zip', bomb, 5_000_000);
  expect(errorsOf(steps)).toEqual([
    expect.stringContaining(
      'bomb.zip!/b.txt: the archive expands to more than 5000000 bytes; the rest is not scanned',
    ),
  ]);
  expect(endsOf(steps)).toEqual(['bomb.zip!/a.txt', 'bomb.zip!/b.txt', 'bomb.zip']);
  const read = steps.flatMap((step) => (step.type === 'end' ? [step.file.bytes] : [])).slice(0, 2);
  expect(read.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(5_000_000);
});

test('the bound holds for archives inside archives together', async () => {
  const inner = gzipSync(Buffer.alloc(3_000_000, 'a\n'));
  const steps = await stepsOf('two.zip', zipOf({ 'a.gz': inner, 'b.gz': inner }), 5_000_000);
  expect(errorsOf(steps)).toHaveLength(1);
  expect(errorsOf(await stepsOf('two.zip', zipOf({ 'a.gz': inner, 'b.gz': inner }), 7_000_000))).toEqual([]);
});

test('a thread that dies fails its job without telling of its bytes; the next job gets another thread', async () => {
  const file = join(folder, 'worker.mjs');
  await writeFile(
    file,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ id, job }) => {
       if (job.overlap === 1) throw new Error('password=hunter22');
       if (job.overlap === 2) process.exit(3);
       parentPort.postMessage({ id, answer: { result: { sighted: [], faults: [], newlines: 7 } } });
     });`,
  );
  await using runner = openRunner(1, pathToFileURL(file));
  const run = (overlap: number) =>
    runner.run({ type: 'text', bytes: new ArrayBuffer(8), overlap, last: true });
  await expect(run(1)).rejects.toThrow('the scanning thread died (Error)');
  await expect(run(2)).rejects.toThrow('the scanning thread died (exit)');
  expect(await run(0)).toMatchObject({ newlines: 7 });
});
