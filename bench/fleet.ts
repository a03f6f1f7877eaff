/**
 * Many hosts through the whole examination: its memory is flat between 5,000 and 50,000. The hosts are answered by
 * a stand-in in one process of its own, which does half of the work of SSH on the same machine.
 */
import { execFile, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { packageFile } from '../src/kernel/paths.ts';

const run = promisify(execFile);
const large = Number(process.env.BENCH_HOSTS ?? 50_000);
const small = Math.max(1, Math.round(large / 10));

interface Run {
  seconds: number;
  perSecond: number;
  facts: number;
  startMiB: number;
  peakMiB: number;
  endMiB: number;
  enginePeakMiB: number;
}

interface StandIn {
  port: number;
  identity: string;
  known: string;
  folder: string;
}

export async function benchFleet() {
  const server = spawn(process.execPath, [packageFile('dist', 'bench', 'fleet-hosts.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const standIn = await new Promise<StandIn>((resolve, reject) => {
    server.stdout.once('data', (line: Buffer) => resolve(JSON.parse(line.toString())));
    server.once('exit', () => reject(new Error('the stand-in ended')));
  });
  try {
    const few = await examine(small, standIn);
    const many = await examine(large, standIn);
    const two = (value: number): number => Math.round(value * 100) / 100;
    return {
      name: 'many hosts examined, in flat memory',
      standIn: true,
      hosts: large,
      facts: many.facts,
      seconds: two(many.seconds),
      perSecond: two(many.perSecond),
      peakMiB: many.peakMiB,
      enginePeakMiB: many.enginePeakMiB,
      fewHosts: small,
      fewPerSecond: two(few.perSecond),
      fewPeakMiB: few.peakMiB,
      fewEnginePeakMiB: few.enginePeakMiB,
      ratio: two(many.peakMiB / few.peakMiB),
      startMiB: many.startMiB,
      endMiB: many.endMiB,
      fewEndMiB: few.endMiB,
    };
  } finally {
    server.kill();
    await rm(standIn.folder, { recursive: true, force: true });
  }
}

/** In a process of its own, so that the one run's memory is not the other's. */
async function examine(hosts: number, { port, identity, known }: StandIn): Promise<Run> {
  const { stdout } = await run(
    process.execPath,
    [packageFile('dist', 'bench', 'fleet-child.js'), String(hosts), String(port), identity, known],
    { env: process.env, maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout) as Run;
}
