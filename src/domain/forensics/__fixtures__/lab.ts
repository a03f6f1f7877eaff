/** A lab for examining hosts: store, lake, incident, a real OpenSSH server that is many hosts, and an engine. */
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { type DomainLab, openDomainLab } from '../../../../test/lab/domain.ts';
import { openTestLake, type TestLake } from '../../../../test/lab/lake.ts';
import type { Engine, Faults } from '../../../engine/index.ts';
import { type Advisory, loadShipped } from '../../advisory/index.ts';
import type { HuntContext } from '../../hunt/index.ts';
import { type Incident, openIncident } from '../../incident/index.ts';
import { saveDeclaredHosts } from '../../inventory/index.ts';

export interface ForensicsLab {
  domain: DomainLab;
  lake: TestLake;
  context: HuntContext;
  advisory: Advisory;
  incident: Incident;
  startEngine(faults?: Faults): Promise<Engine>;
  close(): Promise<void>;
}

/** `hosts` as in a JSON list; `ssh` as in firebreak.yaml. */
export async function openForensicsLab(hosts: readonly object[], ssh: object): Promise<ForensicsLab> {
  const lake = await openTestLake();
  const domain = await openDomainLab(async (folder) => {
    await writeFile(join(folder, 'hosts.json'), JSON.stringify(hosts));
    return JSON.stringify({
      firebreak: 1,
      organisation: 'Test',
      environments: [{ name: 'production' }],
      suppliers: [{ id: 'okta', name: 'Okta' }],
      fleet: { hosts: hosts.length === 0 ? [] : ['./hosts.json'], ssh },
    });
  });
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10');
  if (!advisory) throw new Error('the shipped advisory okta-2023-10 is gone');
  const { incident } = await openIncident(domain.context, advisory);
  const { signal } = new AbortController();
  await saveDeclaredHosts(domain.context, domain.systems.config.fleet, { signal });
  return {
    domain,
    lake,
    context: { ...domain.context, lake: async () => lake },
    advisory,
    incident,
    startEngine: (faults) => domain.startEngine(faults, async () => lake),
    close: async () => {
      await domain.close();
      await lake.close();
    },
  };
}
