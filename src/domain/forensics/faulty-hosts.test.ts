/**
 * Faults that a fleet has, each planted on a real OpenSSH server and examined beside healthy hosts: slow, hanging,
 * another host key, a full disk, closing in the middle of the script. Each has the verdict that it deserves.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fullDisk } from '../../../test/lab/full-disk.ts';
import { isMissing, openTestFleet, startTargetSshd, type TargetSshd } from '../../../test/lab/sshd.ts';
import type { Fleet, RunOutcome } from '../../ssh/index.ts';
import { buildCollector } from './collector/build.ts';
import { CollectionReader } from './collector/frames.ts';
import { judge } from './examine-host.ts';
import type { Collected } from './types.ts';

const nonce = 'ba5eba11c0ffee00ba5eba11c0ffee00';
const isRoot = process.getuid?.() === 0;
const [well, slow, hangs, closes, strange] = [1, 2, 3, 4, 5].map((last) => `127.84.1.${last}`) as [
  string,
  string,
  string,
  string,
  string,
];
const faults = [
  `Match LocalAddress ${slow}`,
  '  ForceCommand sh -s | while IFS= read -r line; do printf "%s\\n" "$line"; sleep 0.02; done',
  `Match LocalAddress ${hangs}`,
  // It takes the script, says the first word, and then nothing more.
  '  ForceCommand sh -s | { head -n 40; exec sleep 600; }',
  `Match LocalAddress ${closes}`,
  '  ForceCommand sh -s | { head -n 80; sleep 0.3; kill -9 $PPID; }',
];
const started = await startTargetSshd({ config: faults, users: ['collector'] });
const missing = isMissing(started) ? ` (skipped: ${started.missing})` : '';

interface Examined {
  outcome: RunOutcome;
  collected: Collected;
  verdict: ReturnType<typeof judge>;
  ms: number;
}

describe.skipIf(isMissing(started))(`hosts with faults${missing}`, () => {
  const server = started as TargetSshd;
  let fleet: Fleet;

  beforeAll(async () => {
    const [own = ''] = server.hostKeys;
    const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXDAAJIg1M/v6xnpWCZzDWRw0ZgUnSrBX2/Awd6d0Ov';
    const known = [well, slow, hangs, closes].map((address) => `[${address}]:${server.port} ${own}`);
    await writeFile(
      join(server.folder, 'known'),
      `${[...known, `[${strange}]:${server.port} ${other}`].join('\n')}\n`,
    );
    fleet = await openTestFleet({
      identities: [{ key: { file: server.identity } }],
      knownHosts: [join(server.folder, 'known')],
    });
  });
  afterAll(async () => {
    await fleet?.close();
    await server.close();
  });

  async function examine(
    address: string,
    more: object = {},
    by = fleet,
    port = server.port,
  ): Promise<Examined> {
    const reader = new CollectionReader({ nonce });
    const artifacts = ['identity', 'accounts', 'sudo', 'cron'];
    const began = performance.now();
    const outcome = await by.run(
      { name: address, address, port, user: 'root' },
      {
        script: buildCollector({ nonce, artifacts, ...more }),
        outputBytesMax: 8 * 1024 * 1024,
        msMax: 20_000,
        onOutput: (chunk) => reader.push(chunk),
        ...more,
      },
    );
    const collected = reader.end();
    return { outcome, collected, verdict: judge(outcome, collected), ms: performance.now() - began };
  }

  test('a healthy host is examined whole', async () => {
    const { verdict, collected } = await examine(well);
    expect(verdict).toEqual({ state: 'examined', code: null, why: null });
    expect(collected.complete).toBe(true);
  });

  test('a slow host is examined whole, and the others do not wait for it', async () => {
    const order: string[] = [];
    const noted = async (address: string) => {
      const examined = await examine(address);
      order.push(address);
      return examined;
    };
    const [late, ...others] = await Promise.all([noted(slow), noted(well), noted(well), noted(well)]);
    expect(late?.verdict.state).toBe('examined');
    expect(order.at(-1)).toBe(slow);
    for (const { verdict, ms } of others) {
      expect(verdict.state).toBe('examined');
      expect(late?.ms ?? 0).toBeGreaterThan(ms);
    }
  });

  test('a host that hangs is given up at its time; what it had sent by then is kept and called partial', async () => {
    const { outcome, verdict, ms } = await examine(hangs, { msMax: 2_500 });
    expect(outcome).toMatchObject({ state: 'broken', code: 'timeout' });
    expect(verdict).toMatchObject({ state: 'partial', code: 'broken-timeout' });
    expect(ms).toBeLessThan(8_000);
  });

  test('a host with another key gets no script, and both keys are named', async () => {
    const { outcome, verdict, collected } = await examine(strange);
    expect(outcome).toMatchObject({ state: 'refused', code: 'host-key-changed' });
    expect(verdict.why).toMatch(/it shows SHA256:\S+, known is SHA256:/);
    expect(collected.facts).toEqual([]);
  });

  test('a host that closes in the middle of the script: what came whole is kept, the rest is named', async () => {
    const { outcome, verdict, collected } = await examine(closes);
    expect(outcome).toMatchObject({ state: 'broken', code: expect.stringMatching(/^(lost|no-exit)$/) });
    expect(verdict).toMatchObject({ state: 'partial', code: expect.stringMatching(/^broken-/) });
    expect(verdict.why).toMatch(/artifacts? not whole/);
    expect(collected.complete).toBe(false);
    expect(collected.identity.hostname).not.toBe('');
  });

  test.skipIf(!isRoot)(
    `a host whose disk is full is examined as whole as any other${isRoot ? '' : ' (skipped: its mounts need root)'}`,
    async () => {
      // Both see no other processes than their own: those of a busy machine come and go.
      const full = await startTargetSshd({ ownProcesses: true, prepareIn: fullDisk });
      const roomy = await startTargetSshd({ ownProcesses: true });
      if (isMissing(full)) throw new Error(full.missing);
      if (isMissing(roomy)) throw new Error(roomy.missing);
      const known = join(server.folder, 'known_full');
      await writeFile(known, full.knownHosts + roomy.knownHosts);
      const identities = [full, roomy].map(({ identity }) => ({ key: { file: identity } }));
      const own = await openTestFleet({ identities, knownHosts: [known] });
      try {
        // Nothing can be written there: not by a shell, not by a here-document, not by sort.
        const probe =
          'for d in /tmp /var/tmp /dev/shm "$HOME"; do (echo x >>$d/one) 2>/dev/null && echo "$d has room"; done; echo done';
        const chunks: Buffer[] = [];
        const host = { name: 'full', address: '127.84.2.1', port: full.port, user: 'root' };
        const room = await own.run(host, {
          script: probe,
          outputBytesMax: 10_000,
          msMax: 10_000,
          onOutput: (chunk) => chunks.push(chunk),
        });
        expect(room).toMatchObject({ state: 'answered' });
        expect(Buffer.concat(chunks).toString()).toBe('done\n');
        // Everything but what reads the whole machine of the test.
        const light = { artifacts: undefined, cost: 'light' };
        const { outcome, verdict, collected } = await examine(
          '127.84.2.1',
          { ...light, msMax: 100_000 },
          own,
          full.port,
        );
        const healthy = await examine('127.84.2.2', { ...light, msMax: 100_000 }, own, roomy.port);
        expect(outcome).toMatchObject({ state: 'answered', exitCode: 0 });
        const unwhole = ({ artifacts }: Collected) =>
          artifacts
            .filter(({ state }) => state === 'partial' || state === 'failed')
            .map(({ artifact }) => artifact);
        expect(unwhole(collected)).toEqual(unwhole(healthy.collected));
        expect(collected.complete).toBe(true);
        expect(verdict.state).toBe(healthy.verdict.state);
      } finally {
        await own.close();
        await full.close();
        await roomy.close();
      }
    },
  );
});
