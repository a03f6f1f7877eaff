/**
 * Examines N hosts as `triage collect` does: inventory, census, workflow, evidence, verdicts, ledger and facts in the
 * lake. Prints how fast it was, and the most memory that this process and the engine of the lake had.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadShipped } from '../src/domain/advisory/index.ts';
import { createCollection, readProgress, resumeCollection } from '../src/domain/forensics/index.ts';
import { openIncident } from '../src/domain/incident/index.ts';
import { saveDeclaredHosts } from '../src/domain/inventory/index.ts';
import { type DomainLab, openDomainLab } from '../test/lab/domain.ts';
import { openTestLake, type TestLake } from '../test/lab/lake.ts';

const [count = '', port = '', identity = '', known = ''] = process.argv.slice(2);
const hosts = Number(count);
const artifacts = (
  process.env.BENCH_ARTIFACTS ?? 'identity,accounts,sudo,ssh-access,cron,key-programs'
).split(',');
const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);

const lake = await openTestLake();
const lab = await openDomainLab(async (folder) => {
  await writeHosts(join(folder, 'hosts.csv'));
  const ssh = {
    identities: [{ key: { file: identity } }],
    knownHosts: [known],
    concurrency: 64,
    perSubnet: 64,
  };
  return JSON.stringify({ firebreak: 1, organisation: 'Bench', fleet: { hosts: ['./hosts.csv'], ssh } });
});
try {
  process.stdout.write(JSON.stringify(await examine(lab, lake)));
} finally {
  await lab.close();
  await lake.close();
}

async function examine({ context, systems, startEngine, evidence }: DomainLab, lake: TestLake) {
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10');
  if (!advisory) throw new Error('the shipped advisory okta-2023-10 is gone');
  const { incident } = await openIncident(context, advisory);
  await saveDeclaredHosts(context, systems.config.fleet, { signal: new AbortController().signal });
  const engine = await startEngine(undefined, async () => lake);
  const what = { selection: {}, cost: 'full' as const, artifacts, since: null };
  const { id } = await createCollection(context, incident.id, what);
  const resident = watchResident();
  const startedAt = performance.now();
  await resumeCollection(context, engine, id);
  await engine.result(`${id}/1`);
  const seconds = (performance.now() - startedAt) / 1_000;
  const peak = resident.end();
  const { census, status, statusReason } = await readProgress(context.db, id, context.clock.now());
  if (census.examined !== hosts)
    throw new Error(`${census.examined} of ${hosts} were examined: ${status} ${statusReason ?? ''}`);
  const [rows] = await lake.rows<{ hosts: number; facts: number }>(
    "SELECT uniqExact(host) AS hosts, countIf(artifact != '') AS facts FROM facts",
  );
  if (rows?.hosts !== hosts) throw new Error(`facts of ${rows?.hosts} of ${hosts} hosts are in the lake`);
  const files = (await readdir(evidence.folder, { recursive: true })).filter((name) => name.endsWith('.gz'));
  if (files.length !== hosts) throw new Error(`the raw output of ${files.length} of ${hosts} hosts is kept`);
  return {
    seconds,
    perSecond: hosts / seconds,
    facts: rows.facts,
    ...peak,
    enginePeakMiB: await peakOf(await lake.enginePid()),
  };
}

/** Resident memory when the examination begins, and the most of it meanwhile. */
function watchResident() {
  globalThis.gc?.();
  const startMiB = mib(process.memoryUsage().rss);
  const samples = [startMiB];
  const timer = setInterval(() => samples.push(mib(process.memoryUsage().rss)), 200);
  return {
    end: () => {
      clearInterval(timer);
      // The middle of the last tenth shows what stays; the peak also shows what only waited to be cleared away.
      const last = samples.slice(-Math.ceil(samples.length / 10)).sort((a, b) => a - b);
      return { startMiB, peakMiB: Math.max(...samples), endMiB: last[last.length >> 1] ?? startMiB };
    },
  };
}

async function peakOf(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1_024);
}

async function writeHosts(file: string): Promise<void> {
  await writeFile(file, '');
  const stream = createWriteStream(file);
  stream.write('name,address,port,role,site,environment\n');
  for (let index = 0; index < hosts; index++) {
    const address = `127.${100 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
    const line = `host-${index},${address},${port},role-${index % 24},site-${index % 5},production\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}
