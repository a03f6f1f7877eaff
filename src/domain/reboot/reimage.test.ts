/** Installed anew, by a hook or by hand: only another boot of another installation proves it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Envelope, verifyAttestation } from '../evidence/index.ts';
import { approvedPlan, isRoot, openRebootLab, why } from './__fixtures__/lab.ts';

/** What an installation server does to a host, in pieces: another boot, another installation. */
const boots =
  'd=$FB_HOSTS/$FB_ADDRESS; u=/proc/sys/kernel/random/uuid; cat $u >$d/new; mv $d/new $d/boot_id; echo "btime $(date +%s)" >$d/stat';
const installs = `${boots}; tr -d - <$u >$d/machine-id`;

/** Hosts that are installed anew by the hook of their role, run by an installation server; of `by-hand` there is none. */
async function openLab(hooks: Record<string, string>, third: number) {
  const roles = Object.entries(hooks);
  const hosts = [...roles.map(([role]) => role), 'by-hand'].map((role, index) => ({
    name: `${role}-1`,
    role,
    address: `127.83.${third}.${index + 1}`,
    boot: 'reimage',
  }));
  const installer = { name: 'installer', role: 'installer', address: `127.83.${third}.100`, boot: 'none' };
  const policy = Object.fromEntries(
    roles.map(([role, script]) => [role, { reimage: { on: 'installer', script } }]),
  );
  const opened = await openRebootLab([...hosts, installer], { roles: policy, canary: 0 });
  const plan = await approvedPlan(opened, 0.05);
  const members = async () =>
    Object.fromEntries((await plan.members()).map((member) => [member.role, member]));
  return { ...opened, ...plan, members };
}

type Lab = Awaited<ReturnType<typeof openLab>>;

async function withLab(hooks: Record<string, string>, third: number, use: (lab: Lab) => Promise<void>) {
  const lab = await openLab(hooks, third);
  try {
    await use(lab);
  } finally {
    await lab.lab.close();
    await lab.server.close();
  }
}

async function proofOf({ lab, id }: Lab, host: string): Promise<unknown> {
  const entries = await lab.context.ledger.list({ kind: 'reboot.proof', subject: id });
  const entry = entries.find(({ data }) => (data as { host: string }).host === host);
  const { dsse } = (entry?.data ?? {}) as { dsse?: unknown };
  const check = verifyAttestation(lab.context.signer, Envelope.parse(dsse));
  return check.signatureValid && check.statement.predicate;
}

describe.skipIf(!isRoot)(`installed anew${why}`, () => {
  test('a hook that installs the host anew: proven by its boot and its machine-id; the hook knows which host', async () => {
    await withLab(
      { node: `[ "$FB_HOST $FB_ACTION" = 'node-1 reimage' ] || exit 9; ${installs}` },
      1,
      async (run) => {
        await run.apply();
        expect(await run.settled()).toMatchObject({ status: 'finished', done: 1, indeterminate: 1 });
        const { node } = await run.members();
        expect(node).toMatchObject({ status: 'done', requests: 1 });
        expect(await proofOf(run, 'node-1')).toMatchObject({
          action: 'reimage',
          bootIdChanged: true,
          machineIdChanged: true,
          before: { machineId: node?.before?.machineId },
          after: { machineId: node?.after?.machineId },
        });
        // Nobody asked it to restart by the command of the policy.
        expect(await run.rebooting.restarts('127.83.1.1')).toBe(0);
        const entries = await run.lab.context.ledger.list({ kind: 'reboot.intended', subject: run.id });
        const intent = entries.find(({ data }) => (data as { host: string }).host === 'node-1');
        expect(intent?.data).toMatchObject({ action: 'reimage', how: 'hook on installer' });
      },
    );
  });

  test.each([
    ['only restarts it', boots, 'not-reimaged', 'its machine-id is still'],
    [
      'says that it is done and does nothing',
      'echo installed',
      'not-rebooted',
      'it still runs the boot that was to end',
    ],
    [
      'fails',
      'echo "no image" >&2; exit 4',
      'reimage-failed',
      'the reimage hook on installer ended with exit code 4: no image',
    ],
  ])('a hook that %s: no proof, and the plan stops', async (_what, hook, code, said) => {
    await withLab({ node: hook }, 2, async (run) => {
      await run.apply();
      const stopped = await run.settled();
      expect(stopped).toMatchObject({ status: 'stopped', done: 0, failed: 1 });
      expect(stopped.statusReason).toContain(said);
      expect((await run.members()).node).toMatchObject({ reasonCode: code, proofSeq: null });
      expect(await run.lab.context.ledger.list({ kind: 'reboot.proof', subject: run.id })).toEqual([]);
    });
  });

  test('by hand: not proven by a retry alone, nor by a restart; proven by another installation', async () => {
    await withLab({}, 3, async (run) => {
      const folder = run.rebooting.folderOf('127.83.3.1');
      await run.apply();
      expect(await run.settled()).toMatchObject({ status: 'finished', indeterminate: 1, outstanding: 1 });
      const first = (await run.members())['by-hand'];
      expect(first).toMatchObject({ reasonCode: 'reimage-by-hand', proofSeq: null, down: false });
      expect(first?.reason).toContain(`firebreak reboot retry ${run.id}`);
      // It comes back as it was.
      expect(await run.retry()).toBe(1);
      expect(await run.settled()).toMatchObject({ done: 0, outstanding: 1 });
      expect((await run.members())['by-hand']).toMatchObject({
        reasonCode: 'reimage-by-hand',
        proofSeq: null,
      });
      // It restarted, with the old installation.
      await writeFile(join(folder, 'boot_id'), 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee\n');
      await run.retry();
      expect(await run.settled()).toMatchObject({ status: 'stopped', done: 0, failed: 1 });
      expect((await run.members())['by-hand']).toMatchObject({ reasonCode: 'not-reimaged', proofSeq: null });
      await run.rebooting.reimage('127.83.3.1');
      await run.retry();
      expect(await run.settled()).toMatchObject({ status: 'finished', done: 1, outstanding: 0 });
      expect(await proofOf(run, 'by-hand-1')).toMatchObject({ action: 'reimage', machineIdChanged: true });
      expect(await run.rebooting.restarts('127.83.3.1')).toBe(0);
    });
  });

  test('a host that was away and comes back in the same boot is not proven', async () => {
    const hosts = [{ name: 'blinks', role: 'web', address: '127.83.4.1' }];
    // As a machine that was suspended, or whose network went: away, and the same system again.
    const command = 'echo $(($(date +%s) + 1)) >"$H/back_at"; echo restart >>"$H/restarts"';
    const opened = await openRebootLab(hosts, { command });
    const { lab, server, rebooting } = opened;
    try {
      const { id, apply, settled, members } = await approvedPlan(opened, 0.1);
      await apply();
      expect((await settled()).status).toBe('stopped');
      const [member] = await members();
      expect(member).toMatchObject({ status: 'failed', reasonCode: 'not-rebooted', proofSeq: null });
      expect(await rebooting.restarts('127.83.4.1')).toBe(1);
      expect(await lab.context.ledger.list({ kind: 'reboot.proof', subject: id })).toEqual([]);
    } finally {
      await lab.close();
      await server.close();
    }
  });
});
