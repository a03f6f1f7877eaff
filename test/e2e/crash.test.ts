/** kill -9 of the worker before and after every effect of a rotation: afterwards each credential is in a true state. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadShipped } from '../../src/domain/advisory/index.ts';
import { exportBundle, verifyBundle } from '../../src/domain/evidence/index.ts';
import { countExposures, exposeAsPrecaution } from '../../src/domain/exposure/index.ts';
import { openIncident } from '../../src/domain/incident/index.ts';
import { discoverSystem } from '../../src/domain/inventory/index.ts';
import { approvePlan, planRotation } from '../../src/domain/rotation/index.ts';
import { packageFile } from '../../src/kernel/paths.ts';
import { envValue } from '../../src/kernel/reference.ts';
import { type DomainLab, openDomainLab } from '../lab/domain.ts';
import { startTargetPostgres, type TargetPostgres } from '../lab/target-postgres.ts';

let target: TargetPostgres;
beforeAll(async () => {
  target = await startTargetPostgres();
});
afterAll(() => target.close());

const child = packageFile('dist', 'test', 'lab', 'campaign-child.js');

/** Runs the worker process to its end; says what it printed, or that it was killed. */
function runWorker(
  lab: DomainLab,
  plan: string,
  fault?: string,
): Promise<{ signal: string | null; output: string }> {
  const env = {
    ...process.env,
    LAB_URL: lab.store.url,
    LAB_FOLDER: lab.folder,
    LAB_PLAN: plan,
    ...(fault ? { FIREBREAK_FAULT: fault } : {}),
  };
  const worker = spawn(process.execPath, [child], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  worker.stdout.on('data', (data) => {
    output += data;
  });
  return new Promise((resolve) => worker.once('close', (_code, signal) => resolve({ signal, output })));
}

const old = (name: string) => `old-${name}-Secret1`;

async function setUp(names: string[]): Promise<{ lab: DomainLab; plan: string; incidentId: string }> {
  await target.sql(
    names
      .map((name) => `drop role if exists ${name}; create role ${name} login password '${old(name)}'`)
      .join(';'),
  );
  const lab = await openDomainLab(async (folder) => {
    await mkdir(join(folder, 'apps'));
    for (const name of names)
      await writeFile(join(folder, 'apps', `${name}.env`), `PGPASSWORD=${old(name)}\n`);
    const system = {
      name: 'core-db',
      connector: 'postgres',
      environment: 'production',
      config: target.config,
      delivery: { kind: 'env-file', path: 'apps/{name}.env', key: 'PGPASSWORD' },
      oldSecret: { file: 'apps/{name}.env', key: 'PGPASSWORD' },
    };
    const text = JSON.stringify({
      firebreak: 1,
      organisation: 'Test',
      environments: [{ name: 'production' }],
      systems: [system],
    });
    await writeFile(join(folder, 'firebreak.yaml'), text);
    return text;
  });
  await discoverSystem(lab.context, lab.systems, 'core-db', AbortSignal.timeout(60_000));
  await lab.store.db.deleteFrom('credential_claim').execute();
  await lab.store.db.deleteFrom('credential').where('name', 'not in', names).execute();
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10')!;
  const { incident } = await openIncident(lab.context, advisory);
  await exposeAsPrecaution(lab.context, incident.id, advisory, {
    scope: { environment: 'production' },
    reason: 'test',
  });
  const plan = await planRotation(lab.context, lab.systems, incident.id);
  await approvePlan(lab.context, plan.id, 'alice');
  return { lab, plan: plan.id, incidentId: incident.id };
}

async function opens(user: string, password: string): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: target.port,
    database: 'postgres',
    user,
    password,
  });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: '28P01' });
    return false;
  }
}

const points = ['seal', 'issue', 'deliver', 'probe', 'end', 'prove'].flatMap((stage) => [
  `kill:after:rotation.${stage}.intent`,
  `kill:after:rotation.${stage}.effect`,
  `kill:after:rotation.${stage}`,
]);

test.each(points)('%s', async (fault) => {
  const names = ['x_one', 'x_two', 'x_three'];
  const { lab, plan, incidentId } = await setUp(names);
  try {
    expect((await runWorker(lab, plan, fault)).signal).toBe('SIGKILL');
    // Whatever the moment, nothing is claimed that is not so.
    const between = await countExposures(lab.context.db, incidentId);
    expect(between.total).toBe(between.provenDead + between.outstanding);
    const { signal, output } = await runWorker(lab, plan);
    expect(signal).toBeNull();
    expect(JSON.parse(output)).toMatchObject({ status: 'finished', total: 3, done: 3 });
    for (const name of names) {
      expect(await opens(name, old(name))).toBe(false);
      const delivered = envValue(
        await readFile(join(lab.folder, 'apps', `${name}.env`), 'utf8'),
        'PGPASSWORD',
      )!;
      expect(await opens(name, delivered)).toBe(true);
    }
    expect(await countExposures(lab.context.db, incidentId)).toMatchObject({
      total: 3,
      provenDead: 3,
      outstanding: 0,
    });
    // No harm twice: one proof each.
    const proofs = await lab.context.ledger.list({ incidentId, kind: 'proof' });
    expect(new Set(proofs.map((entry) => entry.subject)).size).toBe(3);
    expect(proofs).toHaveLength(3);
    const bundle = join(lab.folder, 'bundle.txt');
    await exportBundle(lab.context.ledger, bundle, {});
    expect(await verifyBundle(bundle)).toMatchObject({ ok: true, faults: [] });
  } finally {
    await lab.close();
  }
});
