/** A worker that is killed at any moment of a restart: the next one goes on, and every host restarts exactly once. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRebootLab } from '../../src/domain/reboot/__fixtures__/lab.ts';
import { approveReboot, listRebootMembers, planReboot } from '../../src/domain/reboot/index.ts';
import { packageFile } from '../../src/kernel/paths.ts';

const isRoot = process.getuid?.() === 0;
const addresses = [1, 2, 3].map((last) => `127.79.1.${last}`);

describe.skipIf(!isRoot)(`killed while restarting${isRoot ? '' : ' (skipped: it needs root)'}`, () => {
  let opened: Awaited<ReturnType<typeof openRebootLab>>;
  beforeAll(async () => {
    const hosts = addresses.map((address, index) => ({
      name: `web-${index}`,
      role: 'web',
      address,
      downSeconds: 1,
    }));
    opened = await openRebootLab(hosts, {
      keepUpShare: 0,
      canary: 0,
      roles: { web: { drain: 'true', post: 'true' } },
    });
  });
  afterAll(async () => {
    await opened.lab.close();
    await opened.server.close();
  });

  function runChild(
    plan: string,
    fault: string,
  ): Promise<{ code: number | null; signal: string | null; output: string }> {
    const env = {
      ...process.env,
      LAB_URL: opened.lab.store.url,
      LAB_FOLDER: opened.lab.folder,
      LAB_PLAN: plan,
      FIREBREAK_FAULT: fault,
    };
    const child = spawn(process.execPath, [packageFile('dist', 'test', 'lab', 'reboot-child.js')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, output })));
  }

  test.each([
    'kill:after:reboot.identified:2',
    'kill:after:reboot.drained',
    'kill:after:reboot.intent:2',
    'kill:after:reboot.request',
    'kill:after:reboot.request:3',
    'kill:after:reboot.back:2',
    'kill:after:reboot.proven',
    'kill:before:reboot.finish',
  ])('%s: no host is restarted twice, and none is forgotten', async (fault) => {
    const { lab, incidentId, rebooting } = opened;
    const before = await Promise.all(addresses.map(rebooting.restarts));
    const plan = await planReboot(lab.context, lab.systems, incidentId);
    await approveReboot(lab.context, plan.id, 'a.person');
    const killed = await runChild(plan.id, fault);
    expect(killed).toMatchObject({ signal: 'SIGKILL', output: '' });
    const { code, output } = await runChild(plan.id, '');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ status: 'finished', total: 3, done: 3, outstanding: 0 });
    expect(await Promise.all(addresses.map(rebooting.restarts))).toEqual(before.map((count) => count + 1));
    const members = await listRebootMembers(lab.context.db, plan.id, {
      after: 0,
      limit: 10,
      outstanding: false,
    });
    expect(
      members.every(({ before: old, after, proofSeq }) => proofSeq !== null && old?.bootId !== after?.bootId),
    ).toBe(true);
    expect(await lab.context.ledger.list({ kind: 'reboot.proof', subject: plan.id })).toHaveLength(3);
  });
});
