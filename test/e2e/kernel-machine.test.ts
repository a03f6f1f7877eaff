/**
 * One machine with a kernel of its own, under qemu: it is examined over SSH, restarts for real when a plan says so, and
 * the proof is what its kernel says. FIREBREAK_LAB_QEMU=1 asks for it; it takes about a minute.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openForensicsLab } from '../../src/domain/forensics/__fixtures__/lab.ts';
import {
  createCollection,
  readProgress,
  resumeCollection,
  retryCollection,
  showHost,
} from '../../src/domain/forensics/index.ts';
import { membersOf, settled } from '../../src/domain/reboot/__fixtures__/lab.ts';
import { applyReboot, approveReboot, planReboot } from '../../src/domain/reboot/index.ts';
import { makeKey } from '../../src/replay/fleet/sshd.ts';
import { startKernelMachine, whyNoKernelMachine } from '../lab/kernel-machine.ts';
import { openTestFleet, runOn } from '../lab/sshd.ts';

const missing = await whyNoKernelMachine();

test.skipIf(missing !== '')(
  `a machine with a kernel of its own is examined, restarts and is proven${missing === '' ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'firebreak-kernel-'));
    const publicKey = await makeKey(join(folder, 'id'));
    const machine = await startKernelMachine(folder, publicKey);
    const ssh = {
      identities: [{ key: { file: join(folder, 'id') } }],
      knownHosts: [join(folder, 'known')],
      // An emulated processor takes its time over a handshake.
      timeouts: { handshakeMs: 60_000, authenticationMs: 60_000 },
    };
    await writeFile(join(folder, 'known'), `[127.0.0.1]:${machine.port} ${machine.hostKey}\n`);
    const host = { name: 'kernel-machine', address: '127.0.0.1', port: machine.port };
    const lab = await openForensicsLab([{ ...host, role: 'machine' }], ssh);
    const { context, incident, domain } = lab;
    const engine = await lab.startEngine();
    try {
      const fleet = await openTestFleet(ssh);
      let state = 'unreachable';
      await expect
        .poll(
          async () => {
            state = machine.hasEnded() ? 'ended' : (await runOn(fleet, host, 'true')).outcome.state;
            return state;
          },
          { interval: 500 },
        )
        .not.toBe('unreachable');
      expect(state, (await machine.console()).slice(-1_000)).toBe('answered');
      await fleet.close();

      const examine = async () => {
        const what = { selection: {}, cost: 'full' as const, artifacts: [], since: null };
        const { id } = await createCollection(context, incident.id, what);
        await resumeCollection(context, engine, id);
        await engine.result(`${id}/1`);
        expect(await readProgress(context.db, id, new Date())).toMatchObject({ status: 'finished' });
        const at = { incidentId: incident.id, host: host.name, limit: 2_000 };
        const seen = await showHost(context, domain.evidence, at);
        if (!/took more than|was ended after/.test(seen.host.why ?? '')) return seen;
        // An emulated processor on a busy machine: whoever was too slow is asked again, and has more time.
        await retryCollection(context, engine, id);
        await engine.result(`${id}/2`);
        return showHost(context, domain.evidence, at);
      };
      const before = await examine();
      expect(before.host.why).toBe(
        '1 artifact not whole: privileged (getcap is not there, so file capabilities were not looked for)',
      );
      expect(before.host).toMatchObject({
        state: 'partial',
        exitCode: 0,
        identity: { hostname: 'kernel-machine', machineId: machine.machineId, osId: 'busybox' },
      });
      const fact = (artifact: string, key: string) =>
        before.facts.find((one) => one.artifact === artifact && one.key === key)?.value;
      expect(fact('identity', 'kernel')).toContain(machine.kernel);
      expect(
        before.facts.some(({ artifact, key }) => artifact === 'kernel' && key.includes('virtio_net')),
      ).toBe(true);

      const plan = await planReboot(context, domain.systems, incident.id);
      await approveReboot(context, plan.id, 'a.person');
      await applyReboot(context, engine, plan.id);
      await settled(domain, plan.id);
      const [member] = await membersOf(domain, plan.id);
      const machineId = machine.machineId;
      expect(member).toMatchObject({
        status: 'done',
        requests: 1,
        before: { container: '', sharesBootId: false, machineId, bootId: before.host.identity?.bootId },
        after: { container: '', sharesBootId: false, machineId },
      });
      expect(member?.after?.bootId).not.toBe(member?.before?.bootId);
      const bootedAt = (identity: { bootedAt: string } | null | undefined) =>
        Date.parse(identity?.bootedAt ?? '');
      expect(bootedAt(member?.after)).toBeGreaterThan(bootedAt(member?.before));

      const after = await examine();
      expect(after.host.identity?.bootId).toBe(member?.after?.bootId);
      process.stderr.write(
        `lab: Linux ${machine.kernel} under qemu: boot ${member?.before?.bootId} at ${member?.before?.bootedAt}, then ${member?.after?.bootId} at ${member?.after?.bootedAt}\n`,
      );
    } finally {
      await lab.close();
      await machine.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
