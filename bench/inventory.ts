/**
 * Memory of an import: flat between 5,000 and 100,000 credentials. Each size runs in a process of its own, with the
 * same small heap: V8 collects late when it may grow, which would measure its habits. What needs more than that fails.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { packageFile } from '../src/kernel/paths.ts';

const run = promisify(execFile);
const sizes = [5_000, 100_000] as const;
const heapMiB = 64;

interface Run {
  seconds: number;
  peakMiB: number;
}

export async function benchInventory() {
  const [small, large] = [await importIn(sizes[0]), await importIn(sizes[1])];
  return {
    name: 'import into the inventory',
    small: sizes[0],
    large: sizes[1],
    heapMiB,
    perSecond: Math.round(sizes[1] / large.seconds),
    smallPeakMiB: small.peakMiB,
    largePeakMiB: large.peakMiB,
    ratio: Math.round((large.peakMiB / small.peakMiB) * 100) / 100,
  };
}

async function importIn(credentials: number): Promise<Run> {
  const { stdout } = await run(
    process.execPath,
    [
      `--max-old-space-size=${heapMiB}`,
      packageFile('dist', 'bench', 'inventory-child.js'),
      String(credentials),
    ],
    { env: process.env },
  );
  return JSON.parse(stdout) as Run;
}
