/** kill -9 of the worker in the middle of an examination: no host is forgotten, and no fact is in the lake twice. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadShipped } from '../../src/domain/advisory/index.ts';
import { exportBundle, verifyBundle } from '../../src/domain/evidence/index.ts';
import { createCollection, readProgress } from '../../src/domain/forensics/index.ts';
import { openIncident } from '../../src/domain/incident/index.ts';
import { saveDeclaredHosts } from '../../src/domain/inventory/index.ts';
import { packageFile } from '../../src/kernel/paths.ts';
import { openLake } from '../../src/lake/index.ts';
import { answerCollector } from '../../src/replay/fleet/answer.ts';
import { castFleet } from '../../src/replay/fleet/cast.ts';
import { sectionsOf } from '../../src/replay/fleet/siblings.ts';
import { makeKey } from '../../src/replay/fleet/sshd.ts';
import { type StandIn, startStandIn } from '../../src/replay/fleet/stand-in.ts';
import { type DomainLab, openDomainLab } from '../lab/domain.ts';

const hostCount = 130;
const hosts = castFleet(hostCount + 6).slice(6);
const asked = new Map<string, number>();
const addressOf = (number: number) => `127.81.0.${number + 1}`;
const byAddress = new Map(hosts.map((host, index) => [addressOf(index), host]));

const boot = { id: '0f0e0d0c-0b0a-4908-8706-050403020100', at: 1_699_999_000 };

let standIn: StandIn;
let keyFolder: DomainLab;
beforeAll(async () => {
  keyFolder = await openDomainLab('firebreak: 1\norganisation: Keys\n');
  const publicKey = await makeKey(join(keyFolder.folder, 'responder'));
  standIn = await startStandIn({
    authorizedKeys: [publicKey],
    answer: ({ address, script }) => {
      const host = byAddress.get(address);
      asked.set(address, (asked.get(address) ?? 0) + 1);
      if (!host) return { output: '', exitCode: 1 };
      return { output: answerCollector(script, sectionsOf(host, boot, 1_700_000_000), 1_700_000_000) ?? '' };
    },
  });
});
afterAll(async () => {
  await standIn?.stop();
  await keyFolder?.close();
});

async function setUp(): Promise<{ lab: DomainLab; id: string; incidentId: string }> {
  const lab = await openDomainLab(async (folder) => {
    await writeFile(join(folder, 'known_hosts'), `[127.81.*]:${standIn.port} ${standIn.hostKey}\n`);
    const rows = hosts.map(({ name, role }, index) => `${name},${addressOf(index)},${standIn.port},${role}`);
    await writeFile(join(folder, 'hosts.csv'), `name,address,port,role\n${rows.join('\n')}\n`);
    const ssh = {
      identities: [{ key: { file: join(keyFolder.folder, 'responder') } }],
      knownHosts: ['./known_hosts'],
      perSubnet: 16,
      concurrency: 16,
    };
    const text = stringify({ firebreak: 1, organisation: 'Test', fleet: { hosts: ['./hosts.csv'], ssh } });
    await writeFile(join(folder, 'firebreak.yaml'), text);
    return text;
  });
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10');
  if (!advisory) throw new Error('the shipped advisory okta-2023-10 is gone');
  const { incident } = await openIncident(lab.context, advisory);
  await saveDeclaredHosts(lab.context, lab.systems.config.fleet, { signal: new AbortController().signal });
  const what = { selection: {}, cost: 'full' as const, artifacts: [], since: null };
  const { id } = await createCollection(lab.context, incident.id, what);
  asked.clear();
  return { lab, id, incidentId: incident.id };
}

const child = packageFile('dist', 'test', 'lab', 'triage-child.js');

function runWorker(
  lab: DomainLab,
  id: string,
  fault?: string,
): Promise<{ signal: string | null; output: string }> {
  const env = {
    ...process.env,
    LAB_URL: lab.store.url,
    LAB_FOLDER: lab.folder,
    LAB_COLLECTION: id,
    ...(fault ? { FIREBREAK_FAULT: fault } : {}),
  };
  const worker = spawn(process.execPath, [child], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  worker.stdout.on('data', (data) => {
    output += data;
  });
  return new Promise((resolve) => worker.once('close', (_code, signal) => resolve({ signal, output })));
}

test.each([
  'kill:after:triage.intent',
  'kill:after:triage.host:40',
  'kill:after:triage.lake',
  'kill:after:triage.record',
  'kill:after:triage.batch',
])(
  '%s',
  async (fault) => {
    const { lab, id, incidentId } = await setUp();
    try {
      expect((await runWorker(lab, id, fault)).signal).toBe('SIGKILL');
      const between = await readProgress(lab.context.db, id, new Date());
      const { total, examined, notAttempted } = between.census;
      expect(examined + notAttempted).toBe(total);
      const { signal, output } = await runWorker(lab, id);
      expect(signal).toBeNull();
      expect(JSON.parse(output)).toMatchObject({
        status: 'finished',
        pending: 0,
        census: { total: hostCount, examined: hostCount, outstanding: 0 },
      });
      const lake = await openLake({ folder: join(lab.folder, 'lake') });
      try {
        const rows = await lake.rows<{ host: string; facts: number; distinct: number; loads: number }>(
          'SELECT host, count() AS facts, uniqExact(artifact, key, value) AS distinct, uniqExact(load) AS loads FROM facts GROUP BY host',
        );
        expect(rows).toHaveLength(hostCount);
        for (const row of rows) expect(row).toMatchObject({ facts: row.distinct, loads: 1 });
      } finally {
        await lake.close();
      }
      // Those that were written before the crash were left in peace.
      const twice = [...asked.values()].filter((times) => times > 1).length;
      expect(twice).toBeLessThanOrEqual(hostCount - examined);
      const leftovers = await lab.context.db.selectFrom('fact_leftover').selectAll().execute();
      expect(leftovers).toEqual([]);
      // Every host stands in exactly one entry of what came back.
      const entries = await lab.context.ledger.list({ incidentId, kind: 'triage.examined' });
      const named = entries.flatMap((entry) =>
        (entry.data as { hosts: { host: string }[] }).hosts.map(({ host }) => host),
      );
      expect(named).toHaveLength(hostCount);
      expect(new Set(named).size).toBe(hostCount);
      const bundle = join(lab.folder, 'bundle.txt');
      await exportBundle(lab.context.ledger, bundle, {});
      expect(await verifyBundle(bundle)).toMatchObject({ ok: true, faults: [] });
    } finally {
      await lab.close();
    }
  },
  120_000,
);
