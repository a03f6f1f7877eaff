/** A hunt's context for tests: a real store, a real lake, and an incident that is open. */
import { type DomainLab, openDomainLab } from '../../../../test/lab/domain.ts';
import { emptyLake, openTestLake, type TestLake } from '../../../../test/lab/lake.ts';
import { type Advisory, loadShipped } from '../../advisory/index.ts';
import { type Incident, openIncident } from '../../incident/index.ts';
import type { HuntContext } from '../types.ts';

export interface HuntLab {
  domain: DomainLab;
  lake: TestLake;
  context: HuntContext;
  advisory: Advisory;
  incident: Incident;
  /** Empties the lake and opens another incident: its id. */
  begin(): Promise<string>;
  close(): Promise<void>;
}

export async function openHuntLab(): Promise<HuntLab> {
  const domain = await openDomainLab(`
firebreak: 1
organisation: Test
environments: [{name: production}]
suppliers: [{id: okta, name: Okta}]
systems: []
`);
  const lake = await openTestLake();
  const advisory = (await loadShipped()).find((one) => one.id === 'okta-2023-10');
  if (!advisory) throw new Error('the shipped advisory okta-2023-10 is gone');
  const { incident } = await openIncident(domain.context, advisory);
  return {
    domain,
    lake,
    context: { ...domain.context, lake: async () => lake },
    advisory,
    incident,
    begin: async () => {
      await emptyLake(lake);
      return (await openIncident(domain.context, advisory)).incident.id;
    },
    close: async () => {
      await lake.close();
      await domain.close();
    },
  };
}
