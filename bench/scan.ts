/** Scanning HAR files, beside the raw limit: reading them, cutting them into entries and parsing each, with the same threads. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFile } from '../src/domain/exposure/scan/byte-reader.ts';
import { splitHar } from '../src/domain/exposure/scan/har-splitter.ts';
import { scanPaths } from '../src/domain/exposure/scan/index.ts';
import { openRunner } from '../src/domain/exposure/scan/runner.ts';
import { Fingerprinter } from '../src/kernel/hash.ts';
import { packageFile } from '../src/kernel/paths.ts';
import { seededRandom } from '../src/kernel/random.ts';
import { writeHar } from './scan-files.ts';

const megabyte = 1_000_000;
const smallFiles = 6;
const smallFileBytes = 25 * megabyte;
const largeFileBytes = 150 * megabyte;
const rounds = 3;

export async function benchScan() {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-bench-scan-'));
  try {
    for (let index = 0; index < smallFiles; index++)
      await writeHar(
        join(folder, `case-${index}.har`),
        smallFileBytes,
        seededRandom(`case-${index}`),
        index % 2 === 0 ? 2 : undefined,
      );
    await writeHar(join(folder, 'large.har'), largeFileBytes, seededRandom('large'), 2);
    const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    let [seconds, rawSeconds, peakBytes, hits] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
    // In turns, and the best of each: what else the machine does falls on both alike.
    for (let round = 0; round < rounds; round++) {
      rawSeconds = Math.min(rawSeconds, await timed(() => parseOnly(paths)));
      hits = 0;
      const scanning = async () => {
        const options = {
          fingerprinter: new Fingerprinter(new Uint8Array(32)),
          signal: new AbortController().signal,
        };
        for await (const event of scanPaths([folder], options)) {
          if (event.type === 'hit') hits++;
          if (event.type === 'error') throw new Error(`the scan reports ${event.message}`);
          if (event.type === 'progress') peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
        }
      };
      seconds = Math.min(seconds, await timed(scanning));
    }
    if (hits === 0) throw new Error('the scan found nothing');
    const round = (value: number): number => Math.round(value * 100) / 100;
    return {
      name: 'scan of HAR files',
      bytes,
      seconds: round(seconds),
      mbPerSecond: Math.round(bytes / megabyte / seconds),
      rawSeconds: round(rawSeconds),
      rawMbPerSecond: Math.round(bytes / megabyte / rawSeconds),
      ratio: round(rawSeconds / seconds),
      hits,
      peakMiB: Math.round(peakBytes / 2 ** 20),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1_000;
}

async function parseOnly(paths: readonly string[]): Promise<void> {
  const threads = availableParallelism();
  const worker = new URL(`file://${packageFile('dist', 'bench', 'scan-raw-worker.js')}`);
  await using runner = openRunner(threads, worker);
  const { signal } = new AbortController();
  const waiting: Promise<unknown>[] = [];
  for (const path of paths) {
    const source = await openFile(path, () => {});
    for await (const piece of splitHar(source, signal)) {
      if (piece.type === 'entries') waiting.push(runner.run(piece));
      if (waiting.length > threads * 2) await waiting.shift();
    }
    await source[Symbol.asyncDispose]();
  }
  await Promise.all(waiting);
}
