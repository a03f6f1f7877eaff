/** A lab for restarting hosts: store, incident, and hosts that restart over a real OpenSSH server. It needs root. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type DomainLab, openDomainLab } from '../../../../test/lab/domain.ts';
import { isMissing, startTargetSshd } from '../../../../test/lab/sshd.ts';
import { type RebootingHost, type RebootingHosts, writeRebootingHosts } from '../../../replay/fleet/rebooting.ts';
import { loadShipped } from '../../advisory/index.ts';
import { openIncident } from '../../incident/index.ts';
import { saveDeclaredHosts } from '../../inventory/index.ts';
import {
  applyReboot,
  approveReboot,
  listRebootMembers,
  planReboot,
  readRebootProgress,
  retryReboot,
} from '../index.ts';

/** A lab of hosts that restart; `policy` as in firebreak.yaml. */
export async function openRebootLab(
  hosts: (RebootingHost & { name: string; role: string; after?: string[]; boot?: string })[],
  policy: object,
) {
  let rebooting: RebootingHosts | undefined;
  const server = await startTargetSshd({
    // The hosts are written where the server's own folder is.
    beforeStart: async (folder) => {
      await mkdir(join(folder, 'hosts'));
      rebooting = await writeRebootingHosts(join(folder, 'hosts'), hosts);
      await writeFile(join(folder, 'reboot.conf'), `${rebooting.config.join('\n')}\n`);
    },
    includes: ['reboot.conf'],
  });
  if (isMissing(server)) throw new Error(server.missing);
  await writeFile(join(server.folder, 'known'), server.knownHosts);
  const config = JSON.stringify({
      firebreak: 1,
      organisation: 'Test',
      suppliers: [{ id: 'okta', name: 'Okta' }],
      environments: [{ name: 'production', critical: true }],
      fleet: {
        hosts: hosts.map(({ name, role, address, after = [], boot = 'reboot' }) => ({
          name,
          role,
          address,
          port: server.port,
          after,
          boot,
        })),
        ssh: {
          identities: [{ key: { file: server.identity } }],
          knownHosts: [join(server.folder, 'known')],
          timeouts: { connectMs: 2_000 },
        },
        reboot: { command: 'fb-reboot', ...policy },
      },
    });
  const lab = await openDomainLab(config);
  await writeFile(join(lab.folder, 'firebreak.yaml'), config);
  const advisory = (await loadShipped()).find(({ id }) => id === 'okta-2023-10');
  if (!advisory || !rebooting) throw new Error('the lab is not complete');
  const { incident } = await openIncident(lab.context, advisory);
  await saveDeclaredHosts(lab.context, lab.systems.config.fleet, { signal: new AbortController().signal });
  return { lab, server, rebooting, incidentId: incident.id };
}

/** Whether there are hosts to restart, and what a test's name says where there are none. */
export const isRoot = process.getuid?.() === 0;
export const why = isRoot ? '' : ' (skipped: hosts with a boot identity of their own need root)';

/** How a plan stands once it rests. */
export async function settled({ context: { db } }: DomainLab, id: string) {
  const status = async () => (await readRebootProgress(db, id)).status;
  await expect.poll(status, { interval: 50 }).not.toBe('running');
  return readRebootProgress(db, id);
}

export const membersOf = ({ context: { db } }: DomainLab, id: string) =>
  listRebootMembers(db, id, { after: 0, limit: 100, outstanding: false });

/** A plan that is approved, and what is done with it. A host that stays away is given up after `minutesMax`. */
export async function approvedPlan(
  { lab, incidentId }: Awaited<ReturnType<typeof openRebootLab>>,
  minutesMax: number,
) {
  const { context, systems } = lab;
  Object.assign(systems.config.fleet.reboot, { minutesMax });
  const engine = await lab.startEngine();
  const { id } = await planReboot(context, systems, incidentId);
  await approveReboot(context, id, 'a.person');
  return {
    id,
    apply: () => applyReboot(context, engine, id),
    retry: () => retryReboot(context, engine, id),
    settled: () => settled(lab, id),
    members: () => membersOf(lab, id),
  };
}
