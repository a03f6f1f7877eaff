/**
 * An examination of many addresses: real OpenSSH servers in network namespaces, each address a host with its own
 * entry in known_hosts. Nobody is forgotten or taken for another; who can't be reached is named with the reason.
 * The same with the stand-in that this machine falls back to where it can't make namespaces; the titles say which.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type LabHost,
  type ManyAddresses,
  startManyAddresses,
  writeKnownHosts,
} from '../../../test/lab/many-addresses.ts';
import { packageFile } from '../../kernel/paths.ts';
import { type ForensicsLab, openForensicsLab } from './__fixtures__/lab.ts';
import { createCollection, resumeCollection } from './collect.ts';
import { readProgress } from './store.ts';

const probe = await startManyAddresses(4);
const { missing } = probe;
await probe.close();
const forced = 'namespaces were not asked for';
/** Real servers cost this machine their own work too; FIREBREAK_LAB_ADDRESSES says how many there are, up to 2,000. */
const realCount = Number(process.env.FIREBREAK_LAB_ADDRESSES ?? 400);
const cases =
  missing === ''
    ? [
        { count: realCount, why: '', on: 'real OpenSSH servers in network namespaces' },
        { count: 200, why: forced, on: `a stand-in, because ${forced}` },
      ]
    : [{ count: 200, why: missing, on: `a stand-in, because ${missing}` }];

for (const { count, why, on } of cases)
  test(`${count} addresses are examined, each as itself, on ${on}`, async () => {
    const fleet = await startManyAddresses(count, why);
    let lab: ForensicsLab | undefined;
    try {
      if (fleet.missing !== '') process.stderr.write(`lab: ${fleet.said}\n`);
      expect(fleet.missing).toBe(why);
      expect(new Set(fleet.hosts.map(({ address }) => address)).size).toBe(count);
      const { expected, others } = await plantFaults(fleet);
      const known = join(fleet.folder, 'known_hosts');
      await writeKnownHosts(known, fleet.hosts, others);
      lab = await openForensicsLab(
        fleet.hosts.map(({ name, address, port, site }) => ({ name, address, port, site, role: 'web' })),
        {
          identities: [{ key: { file: fleet.identity } }],
          knownHosts: [known],
          perSubnet: 64,
          timeouts: { connectMs: 2_000 },
        },
      );
      const { context, incident } = lab;
      const artifacts = ['identity', 'accounts'];
      const what = { selection: {}, cost: 'full' as const, artifacts, since: null };
      const { id } = await createCollection(context, incident.id, what);
      const engine = await lab.startEngine();
      await resumeCollection(context, engine, id);
      await engine.result(`${id}/1`);
      const { census } = await readProgress(context.db, id, new Date());
      expect(census).toMatchObject({ total: count, examined: count - expected.size, notAttempted: 0 });
      const ended = await context.db
        .selectFrom('collection_host')
        .select(['host', 'state', 'code', 'identity'])
        .where('collection_id', '=', id)
        .execute();
      expect(ended).toHaveLength(count);
      for (const { host, state, code, identity } of ended) {
        const fault = expected.get(host);
        if (fault)
          expect({ host, state, code }).toEqual({ host, ...fault, code: expect.stringMatching(fault.code) });
        else
          expect({ host, state, identity }).toMatchObject({
            state: 'examined',
            identity: { hostname: host },
          });
      }
    } finally {
      await lab?.close();
      await fleet.close();
    }
  });

/** Of every site: one host without a route, one that swallows what it is sent, one that shows another's key. */
async function plantFaults(fleet: ManyAddresses) {
  const expected = new Map<string, { state: string; code: RegExp }>();
  const others = new Map<LabHost, string>();
  const former = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXDAAJIg1M/v6xnpWCZzDWRw0ZgUnSrBX2/Awd6d0Ov';
  for (const site of new Set(fleet.hosts.map((host) => host.site))) {
    const hosts = fleet.hosts.filter((host) => host.site === site);
    const [, one, two, three] = hosts as [LabHost, LabHost, LabHost, LabHost];
    expected.set(one.name, await fleet.cut(one, 'unreachable'));
    expected.set(two.name, await fleet.cut(two, 'blackhole'));
    // Where servers have keys of their own, a host that shows those of another site is no less changed.
    const elsewhere = fleet.hosts.find((host) => host.site !== site && host.hostKey !== three.hostKey);
    others.set(three, elsewhere?.hostKey ?? former);
    expected.set(three.name, { state: 'refused', code: /^host-key-changed$/ });
  }
  return { expected, others };
}

const starter = `
  const { startManyAddresses } = await import(process.argv[1]);
  const { openNamespace } = await import(process.argv[2]);
  const fleet = await startManyAddresses(8);
  const network = await openNamespace();
  console.log(JSON.stringify({ said: fleet.said, folder: fleet.folder, cable: network.cable }));
  setInterval(() => {}, 1000);
`;

test.skipIf(missing !== '')(
  `namespaces and servers whose starter is killed are gone${missing === '' ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const built = (name: string) => packageFile('dist', 'test', 'lab', name);
    const cablesBefore = await cables();
    const args = ['--input-type=module', '-e', starter, built('many-addresses.js'), built('namespace.js')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data');
    const { said, folder, cable } = JSON.parse(String(line)) as Record<'said' | 'folder' | 'cable', string>;
    try {
      expect(said).toContain('real OpenSSH servers');
      const laid = (await cables()).filter((name) => !cablesBefore.includes(name));
      expect(laid).toContain(cable);
      expect(laid.length).toBeGreaterThanOrEqual(3);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await expect.poll(() => laid.filter((name) => existsSync(`/sys/class/net/${name}`))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

async function cables(): Promise<string[]> {
  const text = await readFile('/proc/net/dev', 'utf8');
  return [...text.matchAll(/^\s*(fb\d+here):/gm)].map(([, name]) => name ?? '');
}
