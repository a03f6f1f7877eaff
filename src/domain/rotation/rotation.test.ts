/** The whole rotation against a real PostgreSQL: what is proven, and what must never be. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DomainLab, openDomainLab } from '../../../test/lab/domain.ts';
import { signForQuestions } from '../../../test/lab/questions.ts';
import {
  declareCoreDb,
  startTargetPostgres,
  type TargetPostgres,
} from '../../../test/lab/target-postgres.ts';
import type { Engine } from '../../engine/index.ts';
import { envValue } from '../../kernel/reference.ts';
import { loadShipped } from '../advisory/index.ts';
import { countExposures, exposeAsPrecaution, listExposures } from '../exposure/index.ts';
import { closeIncident, findIncident, type Incident, openIncident } from '../incident/index.ts';
import { discoverSystem, showCredential } from '../inventory/index.ts';
import {
  applyPlan,
  approvePlan,
  cancelCampaign,
  pauseCampaign,
  planRotation,
  readProgress,
  readProof,
  retryCampaign,
} from './index.ts';

let target: TargetPostgres;
let lab: DomainLab;
let engine: Engine;
let incident: Incident;

beforeAll(async () => {
  target = await startTargetPostgres();
});
afterAll(() => target.close());

const oldPassword = (name: string) => `old-${name}-Secret1`;

async function makeRoles(names: string[]): Promise<void> {
  await target.sql(
    names
      .map((name) => `drop role if exists ${name}; create role ${name} login password '${oldPassword(name)}'`)
      .join(';'),
  );
}

const yaml = (extra?: string) => declareCoreDb(target.config, { canary: 1, size: 100 }, extra);

/** Opens a lab whose inventory has these roles, exposed as a precaution, and an engine. */
async function setUp(names: string[], options: { secrets?: (name: string) => string } = {}): Promise<void> {
  await makeRoles(names);
  lab = await openDomainLab(async (folder) => {
    await mkdir(join(folder, 'apps'), { recursive: true });
    for (const name of names)
      await writeFile(
        join(folder, 'apps', `${name}.env`),
        `# ${name}\nPGPASSWORD=${(options.secrets ?? oldPassword)(name)}\n`,
      );
    return yaml();
  });
  await discoverSystem(lab.context, lab.systems, 'core-db', AbortSignal.timeout(60_000));
  await lab.store.db.deleteFrom('credential_claim').execute();
  await lab.store.db.deleteFrom('credential').where('name', 'not in', names).execute();
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10')!;
  ({ incident } = await openIncident(lab.context, advisory));
  await exposeAsPrecaution(lab.context, incident.id, advisory, {
    scope: { environment: 'production' },
    reason: 'in doubt',
  });
  engine = await lab.startEngine();
}

async function runPlan(): Promise<string> {
  const plan = await planRotation(lab.context, lab.systems, incident.id);
  await approvePlan(lab.context, plan.id, 'alice');
  await applyPlan(lab.context, engine, plan.id);
  await engine.result(`${plan.id}/1`);
  return plan.id;
}

afterEach(() => lab?.close());
beforeEach(() =>
  target.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename like 'r\\_%'"),
);

const login = async (user: string, password: string) => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: target.port,
    database: 'postgres',
    user,
    password,
  });
  await client.connect();
  client.on('error', () => {});
  return client;
};

test('every old password is refused, every new one delivered, every old session gone, and the proof holds', async () => {
  const names = ['r_one', 'r_two', 'r_three'];
  await setUp(names);
  const session = await login('r_one', oldPassword('r_one'));
  const ended = new Promise((resolve) => session.once('end', resolve));
  const id = await runPlan();
  expect(await readProgress(lab.context.db, id)).toMatchObject({
    status: 'finished',
    total: 3,
    done: 3,
    failed: 0,
    indeterminate: 0,
  });
  await ended;
  for (const name of names) {
    await expect(login(name, oldPassword(name))).rejects.toMatchObject({ code: '28P01' });
    const fresh = envValue(await readFile(join(lab.folder, 'apps', `${name}.env`), 'utf8'), 'PGPASSWORD')!;
    await (await login(name, fresh)).end();
  }
  const proof = await readProof(lab.context, incident.id, 'core-db/password/r_one');
  expect(proof).toMatchObject({ signatureValid: true, included: true });
  expect(proof.statement).toMatchObject({
    predicate: {
      acceptedBeforeTheChange: true,
      oldSessionsOpen: 0,
      probes: [
        { role: 'old', verdict: 'rejected', code: '28P01' },
        { role: 'control', verdict: 'accepted', principal: 'r_one' },
        { role: 'old', verdict: 'rejected' },
      ],
    },
  });
  expect(await countExposures(lab.context.db, incident.id)).toMatchObject({
    total: 3,
    provenDead: 3,
    outstanding: 0,
  });
  // Every door is shut, and nobody has looked who came through: that does not close it.
  await expect(closeIncident(lab.context, incident)).rejects.toMatchObject({
    message: expect.stringContaining('not begun'),
  });
  await signForQuestions(lab.context, incident);
  const census = await closeIncident(lab.context, await findIncident(lab.context.db));
  expect(census.complete).toBe(true);
});

test('a stale secret in the inventory is never a proof: its refusal says nothing of the live one', async () => {
  await setUp(['r_stale'], { secrets: () => 'long-outdated-Secret9' });
  const id = await runPlan();
  expect(await readProgress(lab.context.db, id)).toMatchObject({ done: 0, indeterminate: 1 });
  const [exposure] = await listExposures(lab.context.db, { incidentId: incident.id, limit: 10 });
  expect(exposure).toMatchObject({ state: 'outstanding', reasonCode: 'old-not-live' });
  // Replaced all the same: the live secret that nobody here knew is dead.
  await expect(login('r_stale', oldPassword('r_stale'))).rejects.toMatchObject({ code: '28P01' });
});

test('an application that holds a session by another role is not disturbed', async () => {
  await makeRoles(['r_bystander']);
  await setUp(['r_four']);
  const bystander = await login('r_bystander', oldPassword('r_bystander'));
  await runPlan();
  expect((await bystander.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await bystander.end();
});

test('nothing is applied without its approvals, and an approval signs one digest', async () => {
  await setUp(['r_five']);
  const plan = await planRotation(lab.context, lab.systems, incident.id);
  await expect(applyPlan(lab.context, engine, plan.id)).rejects.toMatchObject({ code: 'refused' });
  await lab.store.db
    .updateTable('campaign')
    .set({ plan: JSON.stringify({ ...plan, members: 2 }) })
    .execute();
  await expect(approvePlan(lab.context, plan.id, 'alice')).rejects.toMatchObject({ code: 'corrupt' });
  await (await login('r_five', oldPassword('r_five'))).end();
});

test('a target that goes away leaves its credentials outstanding, and a retry finishes them', async () => {
  await setUp(['r_six', 'r_seven']);
  const plan = await planRotation(lab.context, lab.systems, incident.id);
  await approvePlan(lab.context, plan.id, 'alice');
  await target.kill();
  await applyPlan(lab.context, engine, plan.id);
  await engine.result(`${plan.id}/1`);
  expect(await countExposures(lab.context.db, incident.id)).toMatchObject({
    total: 2,
    provenDead: 0,
    outstanding: 2,
  });
  await expect(closeIncident(lab.context, incident)).rejects.toMatchObject({ code: 'outstanding' });
  await target.server.restart();
  expect(await retryCampaign(lab.context, engine, plan.id)).toBe(2);
  await engine.result(`${plan.id}/2`);
  expect(await readProgress(lab.context.db, plan.id)).toMatchObject({
    status: 'finished',
    done: 2,
    failed: 0,
  });
});

test('a paused campaign rests and continues; a cancelled one leaves what it did not reach outstanding', async () => {
  const names = Array.from({ length: 150 }, (_, index) => `r_many_${index}`);
  await setUp(names);
  const plan = await planRotation(lab.context, lab.systems, incident.id);
  await approvePlan(lab.context, plan.id, 'alice');
  await applyPlan(lab.context, engine, plan.id);
  await pauseCampaign(lab.context, plan.id);
  await engine.result(`${plan.id}/1`);
  const paused = await readProgress(lab.context.db, plan.id);
  expect(paused.status).toBe('paused');
  expect(paused.done).toBeLessThan(150);
  await applyPlan(lab.context, engine, plan.id);
  await expect.poll(async () => (await readProgress(lab.context.db, plan.id)).done).toBeGreaterThan(0);
  await cancelCampaign(lab.context, plan.id);
  await engine.result(`${plan.id}/2`);
  const after = await readProgress(lab.context.db, plan.id);
  expect(after.done + after.failed + after.indeterminate + after.cancelled).toBe(150);
  const census = await countExposures(lab.context.db, incident.id);
  expect(census.total).toBe(census.provenDead + census.outstanding);
  expect(census.outstanding).toBe(after.cancelled);
});

test('a proof changes what the inventory knows of the credential', async () => {
  await setUp(['r_eight']);
  const before = await showCredential(lab.context.db, 'core-db/password/r_eight');
  await runPlan();
  const after = await showCredential(lab.context.db, 'core-db/password/r_eight');
  expect(after.credential.fingerprint).not.toBe(before.credential.fingerprint);
  expect(after.credential.changedEvidence).toMatch(/^ledger entry \d+$/);
});
