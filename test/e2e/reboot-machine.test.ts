/** A machine with systemd restarts for real, and the proof says so. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadShipped } from '../../src/domain/advisory/index.ts';
import { openIncident } from '../../src/domain/incident/index.ts';
import { saveDeclaredHosts } from '../../src/domain/inventory/index.ts';
import { membersOf, settled } from '../../src/domain/reboot/__fixtures__/lab.ts';
import { applyReboot, approveReboot, planReboot } from '../../src/domain/reboot/index.ts';
import { makeKey } from '../../src/replay/fleet/sshd.ts';
import { openDomainLab } from '../lab/domain.ts';
import { startMachine } from '../lab/nspawn.ts';
import { isMissing, openTestFleet, runOn } from '../lab/sshd.ts';

const folder = await mkdtemp(join(tmpdir(), 'firebreak-machine-'));
const publicKey = await makeKey(join(folder, 'id'));
const machine = await startMachine(folder, publicKey);
const missing = isMissing(machine) ? ` (skipped: ${machine.missing} is missing)` : '';
afterAll(async () => {
  if (!isMissing(machine)) await machine.stop();
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(isMissing(machine))(`a machine restarts and is proven${missing}`, async () => {
  if (isMissing(machine)) return;
  await writeFile(join(folder, 'known'), `[127.0.0.1]:${machine.port} ${machine.hostKey}\n`);
  const ssh = { identities: [{ key: { file: join(folder, 'id') } }], knownHosts: [join(folder, 'known')] };
  const fleet = await openTestFleet(ssh);
  const where = { name: 'machine', address: '127.0.0.1', port: machine.port };
  await expect
    .poll(async () => (await runOn(fleet, where, 'true')).outcome.state, { interval: 250 })
    .toBe('answered');
  await fleet.close();
  const host = { ...where, role: 'machine' };
  const suppliers = [{ id: 'okta', name: 'Okta' }];
  const lab = await openDomainLab(
    JSON.stringify({ firebreak: 1, organisation: 'Test', suppliers, fleet: { hosts: [host], ssh } }),
  );
  try {
    const advisory = (await loadShipped()).find(({ id }) => id === 'okta-2023-10');
    if (!advisory) throw new Error('the shipped advisory is gone');
    const { incident } = await openIncident(lab.context, advisory);
    await saveDeclaredHosts(lab.context, lab.systems.config.fleet, { signal: new AbortController().signal });
    const engine = await lab.startEngine();
    const plan = await planReboot(lab.context, lab.systems, incident.id);
    await approveReboot(lab.context, plan.id, 'a.person');
    await applyReboot(lab.context, engine, plan.id);
    await settled(lab, plan.id);
    const [member] = await membersOf(lab, plan.id);
    expect(member).toMatchObject({
      status: 'done',
      requests: 1,
      before: { container: 'systemd-nspawn', sharesBootId: false },
    });
    expect(member?.after?.bootId).not.toBe(member?.before?.bootId);
    expect(Date.parse(member?.after?.bootedAt ?? '')).toBeGreaterThan(
      Date.parse(member?.before?.bootedAt ?? ''),
    );
  } finally {
    await lab.close();
  }
});
