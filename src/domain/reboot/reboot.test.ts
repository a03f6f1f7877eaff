/** A plan from its making to its proofs, on hosts that restart over a real OpenSSH server. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DomainLab } from '../../../test/lab/domain.ts';
import type { TargetSshd } from '../../../test/lab/sshd.ts';
import type { Engine } from '../../engine/index.ts';
import type { RebootingHosts } from '../../replay/fleet/rebooting.ts';
import { Envelope, verifyAttestation } from '../evidence/index.ts';
import { isRoot, membersOf, openRebootLab, settled, why } from './__fixtures__/lab.ts';
import { applyReboot, approveReboot, listRebootMembers, planReboot, retryReboot } from './index.ts';

const verdicts = async (lab: DomainLab, id: string) =>
  Object.fromEntries(
    (await membersOf(lab, id)).map(({ host, status, reasonCode }) => [
      host,
      reasonCode ? `${status} ${reasonCode}` : status,
    ]),
  );

describe.skipIf(!isRoot)(`restarting${why}`, () => {
  let [lab, server, rebooting, engine] = [
    {} as DomainLab,
    {} as TargetSshd,
    {} as RebootingHosts,
    {} as Engine,
  ];
  let incidentId = '';
  let marks = '';

  beforeAll(async () => {
    const web = [1, 2, 3, 4].map((last) => ({
      name: `web-${last}`,
      role: 'web',
      address: `127.73.1.${last}`,
      downSeconds: 1,
    }));
    marks = `/tmp/firebreak-marks-${process.pid}`;
    const opened = await openRebootLab(
      [
        ...web,
        { name: 'db', role: 'db', address: '127.73.2.1', after: ['replica'] },
        { name: 'replica', role: 'replica', address: '127.73.2.2' },
        { name: 'box', role: 'box', address: '127.73.3.1', fault: 'container' },
        { name: 'old', role: 'old', address: '127.73.4.1', boot: 'reimage' },
        { name: 'left-alone', role: 'old', address: '127.73.4.2', boot: 'none' },
      ],
      {
        keepUpShare: 0.5,
        roles: {
          web: {
            drain: `echo "drain $FB_HOST" >>${marks}`,
            post: { on: 'replica', script: `echo "post $FB_HOST $FB_ROLE" >>${marks}` },
          },
        },
      },
    );
    ({ lab, server, rebooting, incidentId } = opened);
    engine = await lab.startEngine();
  });
  afterAll(async () => {
    await lab.close();
    await server.close();
    await rm(marks, { force: true });
  });

  test('a plan needs its approval; then every host restarts once and is proven, and the rest is said', async () => {
    const before = new Map<string, string>();
    for (const last of [1, 2, 3, 4]) before.set(`web-${last}`, await rebooting.bootId(`127.73.1.${last}`));
    const plan = await planReboot(lab.context, lab.systems, incidentId);
    expect(plan).toMatchObject({ members: 8, reimages: 1, unplannable: { total: 0 } });
    expect(plan.roles.find(({ role }) => role === 'web')).toMatchObject({ hosts: 4, downMax: 2 });
    await expect(applyReboot(lab.context, engine, plan.id)).rejects.toMatchObject({ code: 'refused' });
    await approveReboot(lab.context, plan.id, 'a.person');
    await applyReboot(lab.context, engine, plan.id);
    const progress = await settled(lab, plan.id);
    expect(await verdicts(lab, plan.id)).toEqual({
      'web-1': 'done',
      'web-2': 'done',
      'web-3': 'done',
      'web-4': 'done',
      db: 'done',
      replica: 'done',
      box: 'indeterminate container',
      old: 'indeterminate reimage-by-hand',
    });
    expect(progress).toMatchObject({
      status: 'finished',
      total: 8,
      done: 6,
      indeterminate: 2,
      outstanding: 2,
    });
    for (const last of [1, 2, 3, 4]) {
      expect(await rebooting.restarts(`127.73.1.${last}`)).toBe(1);
      expect(await rebooting.bootId(`127.73.1.${last}`)).not.toBe(before.get(`web-${last}`));
    }
    // The proof stands by itself: signed, with both identities.
    const { entries } = await proofs(lab, plan.id);
    expect(entries).toHaveLength(6);
    const first = entries.find(({ data }) => data.host === 'web-1');
    const check = verifyAttestation(lab.context.signer, Envelope.parse(first?.data.dsse));
    expect(check.signatureValid && check.statement.predicate).toMatchObject({
      host: 'web-1',
      action: 'reboot',
      bootIdChanged: true,
      bootTimeAdvanced: true,
      machineIdChanged: false,
      before: { bootId: before.get('web-1') },
      after: { bootId: await rebooting.bootId('127.73.1.1') },
    });
    // The database came after its replica.
    const members = await listRebootMembers(lab.context.db, plan.id, {
      after: 0,
      limit: 100,
      outstanding: false,
    });
    const waveOf = (name: string) => members.find(({ host }) => host === name)?.wave ?? 0;
    expect(waveOf('db')).toBeGreaterThan(waveOf('replica'));

    // Installed anew by hand: the retry proves it, and restarts nothing.
    await rebooting.reimage('127.73.4.1');
    expect(await retryReboot(lab.context, engine, plan.id)).toBe(2);
    await settled(lab, plan.id);
    expect(await verdicts(lab, plan.id)).toMatchObject({ old: 'done', box: 'indeterminate container' });
    const after = (await proofs(lab, plan.id)).entries.find(({ data }) => data.host === 'old');
    const reimaged = verifyAttestation(lab.context.signer, Envelope.parse(after?.data.dsse));
    expect(reimaged.signatureValid && reimaged.statement.predicate).toMatchObject({
      action: 'reimage',
      machineIdChanged: true,
    });
    expect(await rebooting.restarts('127.73.1.1')).toBe(1);
  });

  test('the hooks ran before and after each host', async () => {
    const lines = (await readFile(marks, 'utf8')).trim().split('\n').sort();
    expect(lines).toEqual(
      [1, 2, 3, 4].flatMap((last) => [`drain web-${last}`, `post web-${last} web`]).sort(),
    );
  });

  test('outside its maintenance window a plan waits, and says until when', async () => {
    const now = new Date();
    const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString().slice(11, 16);
    const policy = {
      ...lab.systems.config.fleet.reboot,
      windows: [
        { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, from: later(2), to: later(3) },
      ],
    };
    Object.assign(lab.systems.config.fleet.reboot, policy);
    const plan = await planReboot(lab.context, lab.systems, incidentId, { hosts: ['web-1'] });
    await approveReboot(lab.context, plan.id, 'a.person');
    await applyReboot(lab.context, engine, plan.id);
    expect(await settled(lab, plan.id)).toMatchObject({
      status: 'paused',
      statusReason: expect.stringContaining('maintenance window'),
      pending: 1,
    });
    Object.assign(lab.systems.config.fleet.reboot, { windows: [] });
    await applyReboot(lab.context, engine, plan.id);
    expect(await settled(lab, plan.id)).toMatchObject({ status: 'finished', done: 1 });
    expect(await rebooting.restarts('127.73.1.1')).toBe(2);
  });
});

describe.skipIf(!isRoot)(`hosts in trouble${why}`, () => {
  test('one that does not come back stops its wave; the others stay in line; its return is proven later', async () => {
    const hosts = [1, 2, 3, 4, 5, 6].map((last) => ({
      name: `web-${last}`,
      role: 'web',
      address: `127.74.1.${last}`,
      ...(last === 1 ? { fault: 'gone' as const } : {}),
    }));
    const { lab, server, rebooting, incidentId } = await openRebootLab(hosts, { keepUpShare: 0.5 });
    try {
      // As if its minute had passed.
      Object.assign(lab.systems.config.fleet.reboot, { minutesMax: 0.05 });
      const engine = await lab.startEngine();
      const plan = await planReboot(lab.context, lab.systems, incidentId);
      await approveReboot(lab.context, plan.id, 'a.person');
      await applyReboot(lab.context, engine, plan.id);
      const stopped = await settled(lab, plan.id);
      expect(stopped).toMatchObject({
        status: 'stopped',
        failed: 1,
        pending: 5,
        statusReason: expect.stringContaining('web-1: it did not come back'),
      });
      for (const { address } of hosts.slice(1)) expect(await rebooting.restarts(address)).toBe(0);
      await rm(join(rebooting.folderOf('127.74.1.1'), 'gone'));
      await writeFile(
        join(rebooting.folderOf('127.74.1.1'), 'boot_id'),
        'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee\n',
      );
      expect(await retryReboot(lab.context, engine, plan.id)).toBe(1);
      expect(await settled(lab, plan.id)).toMatchObject({ status: 'finished', done: 6 });
      for (const { address } of hosts) expect(await rebooting.restarts(address)).toBe(1);
    } finally {
      await lab.close();
      await server.close();
    }
  });

  test('one that did not restart is told from one that did; one that does not answer is not touched', async () => {
    const hosts = [
      { name: 'stays', role: 'a', address: '127.75.1.1', fault: 'stays' as const },
      { name: 'away', role: 'b', address: '127.75.1.2' },
      { name: 'well', role: 'c', address: '127.75.1.3' },
    ];
    const { lab, server, rebooting, incidentId } = await openRebootLab(hosts, {});
    try {
      Object.assign(lab.systems.config.fleet.reboot, { minutesMax: 0.05 });
      await writeFile(join(rebooting.folderOf('127.75.1.2'), 'gone'), '');
      const engine = await lab.startEngine();
      const plan = await planReboot(lab.context, lab.systems, incidentId);
      await approveReboot(lab.context, plan.id, 'a.person');
      await applyReboot(lab.context, engine, plan.id);
      await settled(lab, plan.id);
      expect(await verdicts(lab, plan.id)).toEqual({
        stays: 'failed not-rebooted',
        away: expect.stringMatching(/^indeterminate (broken-(lost|no-exit)|refused-shell)$/),
        well: 'done',
      });
      expect(await rebooting.restarts('127.75.1.2')).toBe(0);
    } finally {
      await lab.close();
      await server.close();
    }
  });

  test('a quorum counts hosts that do not answer: no other of the role goes down', async () => {
    const hosts = [1, 2, 3].map((last) => ({
      name: `etcd-${last}`,
      role: 'etcd',
      address: `127.76.1.${last}`,
    }));
    const { lab, server, rebooting, incidentId } = await openRebootLab(hosts, {
      roles: { etcd: { keepUpHosts: 2 } },
    });
    try {
      await writeFile(join(rebooting.folderOf('127.76.1.1'), 'gone'), '');
      const engine = await lab.startEngine();
      const plan = await planReboot(lab.context, lab.systems, incidentId);
      expect(plan.waves).toHaveLength(3);
      await approveReboot(lab.context, plan.id, 'a.person');
      await applyReboot(lab.context, engine, plan.id);
      expect(await settled(lab, plan.id)).toMatchObject({
        status: 'stopped',
        indeterminate: 1,
        pending: 2,
        statusReason: expect.stringContaining('no further host of etcd may go down'),
      });
      for (const { address } of hosts) expect(await rebooting.restarts(address)).toBe(0);
    } finally {
      await lab.close();
      await server.close();
    }
  });
});

async function proofs(
  lab: DomainLab,
  plan: string,
): Promise<{ entries: { data: { host: string; dsse: unknown } }[] }> {
  const entries = await lab.context.ledger.list({ kind: 'reboot.proof', subject: plan });
  return { entries: entries as unknown as { data: { host: string; dsse: unknown } }[] };
}
