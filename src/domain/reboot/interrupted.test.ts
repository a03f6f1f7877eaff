/** What stops a plan: a person in the middle of a wave, a hook that fails, a window that closes. Nothing is asked after it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { approvedPlan, isRoot, openRebootLab, why } from './__fixtures__/lab.ts';
import { cancelReboot, pauseReboot, type RebootMember, type readRebootProgress } from './index.ts';
import { moveMember, takeDown } from './store-members.ts';

type Hosts = Parameters<typeof openRebootLab>[0];
type Opened = Awaited<ReturnType<typeof openRebootLab>>;

/** `count` hosts of one role; the first of them is away for a while when it restarts. */
const web = (third: number, count: number, downSeconds = 2): Hosts =>
  Array.from({ length: count }, (_none, index) => ({
    name: `web-${index + 1}`,
    role: 'web',
    address: `127.82.${third}.${index + 1}`,
    ...(index === 0 ? { downSeconds } : {}),
  }));

interface Running extends Opened {
  hosts: Hosts;
  planId: string;
  apply(): Promise<void>;
  settled(): ReturnType<typeof readRebootProgress>;
  members(): Promise<RebootMember[]>;
  /** Entries of the plan, in their order, as `kind host`. */
  entries(): Promise<string[]>;
  restarts(): Promise<number[]>;
}

/** Plans and approves; one host of the role may be down, so that a wave is one host. `use` runs before the plan is closed. */
async function withPlan(hosts: Hosts, policy: object, use: (run: Running) => Promise<void>): Promise<void> {
  const opened = await openRebootLab(hosts, { keepUpShare: 0, canary: 0, ...policy });
  const { lab, server, rebooting } = opened;
  const { context } = lab;
  try {
    const plan = await approvedPlan(opened, 0.1);
    await use({
      ...opened,
      ...plan,
      hosts,
      planId: plan.id,
      entries: async () => {
        const all = await context.ledger.list({ subject: plan.id });
        return all.map(({ kind, data }) =>
          [kind, (data as { host?: string }).host].filter(Boolean).join(' '),
        );
      },
      restarts: () => Promise.all(hosts.map(({ address }) => rebooting.restarts(address))),
    });
  } finally {
    await lab.close();
    await server.close();
  }
}

const poll = { interval: 10 };
const asked = (entries: readonly string[]) => entries.filter((one) => one.startsWith('reboot.intended'));
/** What the ledger has after the entry of this kind. */
const since = (entries: readonly string[], kind: string) => entries.slice(entries.indexOf(kind) + 1);

/** One of the role at a time: the others of the wave wait for the first. */
const oneAtATime = { roles: { web: { keepUpHosts: 3 } } };

describe.skipIf(!isRoot)(`a plan that is interrupted${why}`, () => {
  test('paused in the middle of a wave: what was asked is proven, no other host is asked until it goes on', async () => {
    await withPlan(web(1, 4), {}, async (run) => {
      // The wave is made while all may be down; then the role may spare one, so that the others wait within the wave.
      Object.assign(run.lab.systems.config.fleet.reboot, oneAtATime);
      await run.apply();
      await expect.poll(async () => asked(await run.entries()).length, poll).toBe(1);
      await pauseReboot(run.lab.context, run.planId);
      const paused = await run.settled();
      expect(paused).toMatchObject({
        status: 'paused',
        total: 4,
        done: 1,
        pending: 3,
        running: 0,
        outstanding: 3,
      });
      const entries = await run.entries();
      expect(asked(since(entries, 'reboot.pause'))).toEqual([]);
      const [only] = asked(entries);
      expect(since(entries, 'reboot.pause')).toContain(only?.replace('intended', 'proof'));
      expect((await run.restarts()).reduce((sum, one) => sum + one)).toBe(1);
      for (const { status, requests, down } of await run.members())
        expect({ requests, down }).toEqual({ requests: status === 'done' ? 1 : 0, down: false });
      await run.apply();
      expect(await run.settled()).toMatchObject({ status: 'finished', done: 4, outstanding: 0 });
      expect(await run.restarts()).toEqual([1, 1, 1, 1]);
    });
  });

  test('cancelled in the middle of a wave: what was asked is proven, the rest stays outstanding as cancelled', async () => {
    await withPlan(web(2, 4), {}, async (run) => {
      Object.assign(run.lab.systems.config.fleet.reboot, oneAtATime);
      await run.apply();
      await expect.poll(async () => asked(await run.entries()).length, poll).toBe(1);
      await cancelReboot(run.lab.context, run.planId);
      expect(await run.settled()).toMatchObject({
        status: 'cancelled',
        total: 4,
        done: 1,
        cancelled: 3,
        pending: 0,
        running: 0,
        outstanding: 3,
      });
      const entries = await run.entries();
      expect(asked(entries)).toHaveLength(1);
      expect(entries.at(-1)).toBe('reboot.ended');
      expect((await run.restarts()).reduce((sum, one) => sum + one)).toBe(1);
      await expect(run.apply()).rejects.toMatchObject({ code: 'conflict' });
    });
  });

  test.each(['pause', 'cancel'] as const)(
    'a %s while a host is being drained: it is not asked, and counts as drained',
    async (control) => {
      const hosts = web(control === 'pause' ? 3 : 4, 2);
      await withPlan(hosts, {}, async (run) => {
        const go = join(run.server.folder, 'go');
        const drain = {
          on: '',
          script: `while [ ! -e ${go} ]; do sleep 0.1; done; echo "$FB_HOST" >>${go}.done`,
        };
        Object.assign(run.lab.systems.config.fleet.reboot, { roles: { web: { keepUpHosts: 1, drain } } });
        await run.apply();
        await expect
          .poll(run.entries, poll)
          .toContainEqual(expect.stringMatching(/^reboot\.drain\.intended/));
        await (control === 'pause' ? pauseReboot : cancelReboot)(run.lab.context, run.planId);
        await writeFile(go, '');
        const ended = await run.settled();
        expect(asked(await run.entries())).toEqual([]);
        expect(await run.restarts()).toEqual([0, 0]);
        const drained = (await readFile(`${go}.done`, 'utf8')).trim();
        const member = (await run.members()).find(({ host }) => host === drained);
        if (control === 'cancel') {
          expect(ended).toMatchObject({ status: 'cancelled', cancelled: 2, outstanding: 2 });
          expect(member?.reason).toContain('put it back into service by hand');
          return;
        }
        expect(ended).toMatchObject({ status: 'paused', pending: 2, running: 0 });
        expect(member).toMatchObject({ stage: 'drained', down: true, requests: 0 });
        await run.apply();
        expect(await run.settled()).toMatchObject({ status: 'finished', done: 2 });
        // Drained once: it goes on from where it stood.
        expect((await readFile(`${go}.done`, 'utf8')).trim().split('\n').sort()).toEqual(['web-1', 'web-2']);
        expect(await run.restarts()).toEqual([1, 1]);
      });
    },
  );

  test('a drain hook that fails: its host is not asked, no other begins, and the plan says what the hook said', async () => {
    await withPlan(web(5, 3), {}, async (run) => {
      const drain = { on: '', script: 'echo "pool is locked" >&2; exit 3' };
      Object.assign(run.lab.systems.config.fleet.reboot, { roles: { web: { keepUpHosts: 2, drain } } });
      await run.apply();
      const stopped = await run.settled();
      expect(stopped).toMatchObject({ status: 'stopped', failed: 1, pending: 2, done: 0 });
      expect(stopped.statusReason).toMatch(/web-\d: the drain hook ended with exit code 3: pool is locked/);
      expect(await run.restarts()).toEqual([0, 0, 0]);
      expect(asked(await run.entries())).toEqual([]);
      expect((await run.members()).filter(({ reasonCode }) => reasonCode === 'drain-failed')).toHaveLength(1);
    });
  });

  test('a post hook that fails: its host restarted but is not proven, and no later wave begins', async () => {
    const hosts = [...web(6, 1), { name: 'app', role: 'app', address: '127.82.6.9', after: ['web-1'] }];
    await withPlan(hosts, {}, async (run) => {
      const post = { on: '', script: 'echo "502 Bad Gateway"; exit 1' };
      Object.assign(run.lab.systems.config.fleet.reboot, { roles: { web: { post } } });
      await run.apply();
      const stopped = await run.settled();
      expect(stopped).toMatchObject({ status: 'stopped', failed: 1, pending: 1, done: 0 });
      expect(stopped.statusReason).toContain('the post hook ended with exit code 1: 502 Bad Gateway');
      expect(await run.restarts()).toEqual([1, 0]);
      const entries = await run.entries();
      expect(asked(entries)).toEqual(['reboot.intended web-1']);
      expect(entries).not.toContain('reboot.proof web-1');
      expect((await run.members())[0]).toMatchObject({
        stage: 'back',
        down: true,
        reasonCode: 'post-failed',
      });
    });
  });

  test('a window that closes between two waves: no host of the later one is asked', async () => {
    const hosts = [...web(7, 1), { name: 'app', role: 'app', address: '127.82.7.9', after: ['web-1'] }];
    await withPlan(hosts, {}, async (run) => {
      await run.apply();
      await expect.poll(async () => asked(await run.entries()).length, poll).toBe(1);
      const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
      const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
      Object.assign(run.lab.systems.config.fleet.reboot, { windows: [{ days, from: at(2), to: at(3) }] });
      expect(await run.settled()).toMatchObject({
        status: 'paused',
        statusReason: expect.stringContaining('outside the maintenance window of role app'),
        done: 1,
        pending: 1,
      });
      expect(asked(await run.entries())).toEqual(['reboot.intended web-1']);
      expect(await run.restarts()).toEqual([1, 0]);
    });
  });

  test('a host waits for others of its role that are under way, and only for those', async () => {
    await withPlan(web(8, 3), {}, async ({ lab, members }) => {
      const { db } = lab.context;
      const [first, second, third] = await members();
      if (!first || !second || !third) throw new Error('three members');
      const now = new Date();
      expect(await takeDown(db, first, 1, now)).toBe('taken');
      expect(await takeDown(db, second, 1, now)).toBe('full');
      await moveMember(db, first, { status: 'done', down: false }, now);
      expect(await takeDown(db, second, 1, now)).toBe('taken');
      await moveMember(db, second, { status: 'indeterminate' }, now);
      expect(await takeDown(db, third, 1, now)).toBe('stuck');
      // One is lost, and one is under way: room comes.
      expect(await takeDown(db, first, 2, now)).toBe('taken');
      expect(await takeDown(db, third, 2, now)).toBe('full');
      // Drained and in line again it is down itself, and waits for no room of its own.
      await moveMember(db, first, { status: 'pending', stage: 'drained' }, now);
      expect(await takeDown(db, first, 1, now)).toBe('stuck');
      expect(await takeDown(db, first, 2, now)).toBe('taken');
    });
  });
});
