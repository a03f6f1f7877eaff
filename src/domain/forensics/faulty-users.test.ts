/**
 * Hosts with faults and with accounts of their own, all asked at once by one fleet that holds all keys: each is signed
 * in to as its own user, with that user's key, and only there. What each server wrote down is the witness.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fullDisk } from '../../../test/lab/full-disk.ts';
import { isMissing, openTestFleet, startTargetSshd, type TargetSshd } from '../../../test/lab/sshd.ts';
import { sha256 } from '../../kernel/hash.ts';
import type { Fleet } from '../../ssh/index.ts';
import { buildCollector } from './collector/build.ts';
import { CollectionReader } from './collector/frames.ts';
import { judge } from './examine-host.ts';

const nonce = 'ba5eba11c0ffee00ba5eba11c0ffee00';
const isRoot = process.getuid?.() === 0;

/** The account of each host, its fault, and the verdict that it deserves. */
const cast = [
  { user: 'ana', fault: 'none', state: 'examined', code: null },
  { user: 'bela', fault: 'slow', state: 'examined', code: null },
  { user: 'caro', fault: 'hangs', state: 'partial', code: /^broken-timeout$/ },
  { user: 'dirk', fault: 'closes', state: 'partial', code: /^broken-(lost|no-exit)$/ },
  { user: 'ella', fault: 'full disk', state: 'examined', code: null },
  { user: 'fred', fault: 'wrong key', state: 'refused', code: /^host-key-changed$/ },
] as const;

const forced: Readonly<Record<string, string>> = {
  slow: 'sh -s | while IFS= read -r line; do printf "%s\\n" "$line"; n=$((n + 1)); [ $((n % 20)) != 0 ] || sleep 0.1; done',
  hangs: 'sh -s | { head -n 20; exec sleep 600; }',
  closes: 'sh -s | { head -n 40; sleep 0.3; kill -9 $PPID; }',
};

const probe = isRoot ? await startTargetSshd() : { missing: 'root, for accounts of their own' };
if (!isMissing(probe)) await probe.close();
const missing = isMissing(probe) ? ` (skipped: ${probe.missing})` : '';

interface Target {
  user: string;
  fault: string;
  server: TargetSshd;
  address: string;
}

describe.skipIf(missing !== '')(`faults on hosts with accounts of their own${missing}`, () => {
  const targets: Target[] = [];
  let fleet: Fleet;

  beforeAll(async () => {
    for (const [index, { user, fault }] of cast.entries()) {
      const command = forced[fault];
      const server = await startTargetSshd({
        users: [user],
        ownProcesses: true,
        ...(fault === 'full disk' ? { prepareIn: fullDisk } : {}),
        config: ['LogLevel VERBOSE', 'DenyUsers root', ...(command ? [`ForceCommand ${command}`] : [])],
      });
      if (isMissing(server)) throw new Error(server.missing);
      targets.push({ user, fault, server, address: `127.84.3.${index + 1}` });
    }
    const folder = targets[0]?.server.folder ?? '';
    const known = targets.map(({ address, server, fault }) => {
      // It shows its own key; what is known is another host's.
      const shown = fault === 'wrong key' ? targets[0]?.server : server;
      return `[${address}]:${server.port} ${shown?.hostKeys[0]}\n`;
    });
    await writeFile(join(folder, 'known'), known.join(''));
    fleet = await openTestFleet({
      identities: targets.map(({ server }) => ({ key: { file: server.identity } })),
      knownHosts: [join(folder, 'known')],
    });
  });
  afterAll(async () => {
    await fleet?.close();
    for (const { server } of targets) await server.close();
  });

  async function examine({ address, server, fault }: Target, user: string) {
    const reader = new CollectionReader({ nonce });
    const outcome = await fleet.run(
      { name: address, address, port: server.port, user },
      {
        script: buildCollector({ nonce, artifacts: ['identity', 'hooks', 'udev', 'pam'] }),
        outputBytesMax: 8 * 1024 * 1024,
        msMax: fault === 'hangs' ? 3_000 : 60_000,
        onOutput: (chunk) => reader.push(chunk),
      },
    );
    return judge(outcome, reader.end());
  }

  /** Who signed in to a server, and with which key. */
  const signedIn = async ({ server }: Target): Promise<string[]> => {
    const log = await readFile(server.logFile, 'utf8');
    return [...log.matchAll(/^Accepted publickey for (\S+) from .* (SHA256:\S+)/gm)].map(
      ([, user, key]) => `${user} ${key}`,
    );
  };

  const fingerprintOf = ({ server }: Target): string => {
    const [, blob = ''] = server.publicKey.split(' ');
    return `SHA256:${sha256(Buffer.from(blob, 'base64')).toString('base64').replace(/=+$/, '')}`;
  };

  test('each has its verdict, and was signed in to as its own user with that user’s key', async () => {
    expect(new Set(targets.map(({ server }) => server.hostKeys[0])).size).toBe(cast.length);
    const verdicts = await Promise.all(targets.map((target) => examine(target, target.user)));
    for (const [index, { state, code, fault }] of cast.entries()) {
      const expected = code === null ? null : expect.stringMatching(code);
      expect({ fault, ...verdicts[index] }).toMatchObject({ fault, state, code: expected });
    }
    for (const target of targets) {
      const own = target.fault === 'wrong key' ? [] : [`${target.user} ${fingerprintOf(target)}`];
      expect({ fault: target.fault, signedIn: await signedIn(target) }).toEqual({
        fault: target.fault,
        signedIn: own,
      });
    }
  });

  test('a host that shows another key is shown no user, no key and no script', async () => {
    const strange = targets.find(({ fault }) => fault === 'wrong key') as Target;
    const log = await readFile(strange.server.logFile, 'utf8');
    expect(log).toMatch(/^Connection from /m);
    expect(log).not.toMatch(/fred|publickey|user/);
  });

  test('nobody signs in as the user of another host, or as root', async () => {
    const [first, second] = targets as [Target, Target];
    for (const user of [second.user, 'root'])
      expect(await examine(first, user)).toMatchObject({ state: 'refused', code: 'authentication' });
    expect(await signedIn(first)).toEqual([`${first.user} ${fingerprintOf(first)}`]);
  });
});
