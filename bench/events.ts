/**
 * Logs read in and hunted through at two sizes, by the verbs that the command line calls: how time grows with events, and
 * how much memory all processes of ours hold together. FIREBREAK_BENCH_EVENTS and FIREBREAK_BENCH_EVENTS_LARGER choose the
 * sizes; FIREBREAK_BENCH_RULES which Sigma rules.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadShipped } from '../src/domain/advisory/index.ts';
import {
  coverageBetween,
  type HuntContext,
  huntIndicators,
  huntSigma,
  ingestIntoLake,
} from '../src/domain/hunt/index.ts';
import { openIncident } from '../src/domain/incident/index.ts';
import { packageFile } from '../src/kernel/paths.ts';
import { openLake, sources } from '../src/lake/index.ts';
import { openDomainLab } from '../test/lab/domain.ts';
import { recordBytes, writeCloudTrail } from './sigma-events.ts';

const memoryBytesMax = 3 * 1024 ** 3;
const steps = ['ingest', 'coverage', 'sigma', 'ioc'] as const;
type Seconds = Record<(typeof steps)[number], number>;

export async function benchEvents() {
  const events = Number(process.env.FIREBREAK_BENCH_EVENTS ?? 2_000_000);
  const larger = Number(process.env.FIREBREAK_BENCH_EVENTS_LARGER ?? 5 * events);
  const few = await runOnce(events);
  const many = await runOnce(larger);
  const growth = many.events / few.events;
  const peak = Math.max(few.peakBytes, many.peakBytes);
  if (peak >= memoryBytesMax) throw new Error(`${peak} bytes of memory`);
  return {
    name: 'Logs read in and hunted through',
    events: few.events,
    largerEvents: many.events,
    growth: rounded(growth),
    ...Object.fromEntries(
      steps.map((step) => [
        step,
        `${rounded(few.seconds[step])} s, larger ${rounded(many.seconds[step])} s, growth ${rounded(many.seconds[step] / few.seconds[step])}`,
      ]),
    ),
    whole: `${rounded(sumOf(few.seconds))} s, larger ${rounded(sumOf(many.seconds))} s, growth ${rounded(sumOf(many.seconds) / sumOf(few.seconds))}`,
    peakMegabytes: rounded(few.peakBytes / 1e6),
    largerPeakMegabytes: rounded(many.peakBytes / 1e6),
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
const sumOf = (seconds: Seconds): number => steps.reduce((sum, step) => sum + seconds[step], 0);

async function runOnce(wanted: number): Promise<{ events: number; seconds: Seconds; peakBytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-bench-events-'));
  const lab = await openDomainLab(
    'firebreak: 1\norganisation: Bench\nenvironments: []\nsuppliers: []\nsystems: []\n',
  );
  try {
    const path = join(folder, 'cloudtrail.ndjson');
    const maker = await openLake({ folder: join(folder, 'maker') });
    const events = await writeCloudTrail(maker, path, wanted * recordBytes);
    await maker.close();
    const lake = await openLake({ folder: join(folder, 'lake') });
    try {
      const memory = watchMemory();
      const seconds = await hunt({ ...lab.context, lake: async () => lake }, path, events);
      return { events, seconds, peakBytes: await memory.stop() };
    } finally {
      await lake.close();
    }
  } finally {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function hunt(context: HuntContext, path: string, events: number): Promise<Seconds> {
  const advisory = (await loadShipped()).find(({ id }) => id === 'okta-2023-10');
  if (!advisory) throw new Error('the shipped advisory okta-2023-10 is gone');
  const { incident } = await openIncident(context, advisory);
  const { id: incidentId } = incident;
  // An event a second from here on.
  const from = new Date('2023-11-01T00:00:00Z');
  const period = { from, to: new Date(from.getTime() + events * 1_000) };
  const rules =
    process.env.FIREBREAK_BENCH_RULES ??
    packageFile('..', 'shared', 'data', 'sigma', 'rules', 'cloud', 'aws');
  const verbs: Record<keyof Seconds, () => Promise<number>> = {
    ingest: async () => (await ingestIntoLake(context, { incidentId, paths: [path], sources })).totals.events,
    coverage: async () => (await coverageBetween(context, period, { sources })).hosts[0]?.events ?? 0,
    sigma: async () => {
      const { results } = await huntSigma(context, { incidentId, rules: [rules], period, sources });
      return results.some((one) => one.events > 0) ? events : 0;
    },
    ioc: async () => {
      const report = await huntIndicators(context, { incidentId, advisories: [advisory], period, sources });
      return report.results.length > 0 ? events : 0;
    },
  };
  const seconds: Seconds = { ingest: 0, coverage: 0, sigma: 0, ioc: 0 };
  for (const step of steps) {
    const started = performance.now();
    const found = await verbs[step]();
    seconds[step] = (performance.now() - started) / 1_000;
    if (found === 0 || (step === 'ingest' && found !== events))
      throw new Error(`${step}: ${found} of ${events} events`);
  }
  return seconds;
}

/** Samples what this process and all that it started hold together. */
function watchMemory(): { stop(): Promise<number> } {
  let peak = 0;
  const sample = async (): Promise<void> => {
    peak = Math.max(peak, await treeBytes());
  };
  const timer = setInterval(() => void sample(), 250);
  return {
    stop: async () => {
      clearInterval(timer);
      await sample();
      return peak;
    },
  };
}

/** Pages that several processes share, as those of PostgreSQL do, count once for each: it is rather too much. */
async function treeBytes(): Promise<number> {
  const known = new Map<number, { parent: number; bytes: number }>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    const fieldOf = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    known.set(Number(name), { parent: fieldOf('PPid'), bytes: fieldOf('VmRSS') * 1024 });
  }
  let total = 0;
  for (const [pid, { bytes }] of known) {
    let [at, isOurs] = [pid, false];
    for (let steps = 0; at > 1 && steps < 64 && !isOurs; steps++) {
      isOurs = at === process.pid;
      at = known.get(at)?.parent ?? 0;
    }
    if (isOurs) total += bytes;
  }
  return total;
}
