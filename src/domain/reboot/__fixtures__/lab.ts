/** A lab for restarting hosts: store, incident, and hosts that restart over a real OpenSSH server. It needs root. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDomainLab } from '../../../../test/lab/domain.ts';
import { isMissing, startTargetSshd } from '../../../../test/lab/sshd.ts';
import { type RebootingHost, type RebootingHosts, writeRebootingHosts } from '../../../replay/fleet/rebooting.ts';
import { loadShipped } from '../../advisory/index.ts';
import { openIncident } from '../../incident/index.ts';
import { saveDeclaredHosts } from '../../inventory/index.ts';

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

