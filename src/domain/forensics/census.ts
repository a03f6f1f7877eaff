/** What is accounted for of the systems of an incident, and what is not, with its reason. */
import type { Db } from '../../store/index.ts';
import type { HostCensus, HostLine } from './collections.ts';
import { countHostStates, countUncollected, listCollections } from './store.ts';
import { countReasons, listHostStates } from './store-hosts.ts';

/** `total` is the sum of the states. */
export interface SystemsCensus extends HostCensus {
  /** Collections of the incident that are under way or were left before their end. */
  unfinished: number;
  /** Hosts of the inventory that no collection includes: said, but not outstanding, for nobody asked for them. */
  beyond: number;
  /** Outstanding ones by state and code. */
  outstandingBy: Record<string, number>;
}

export async function countSystems(db: Db, incidentId: string): Promise<SystemsCensus> {
  const [census, beyond, reasons, collections] = await Promise.all([
    countHostStates(db, incidentId),
    countUncollected(db, incidentId),
    countReasons(db, incidentId),
    listCollections(db, incidentId),
  ]);
  const unfinished = collections.filter(({ status }) =>
    ['running', 'paused', 'stopped'].includes(status),
  ).length;
  const outstandingBy = Object.fromEntries(
    reasons.map(({ state, code, hosts }) => [code === null ? state : `${state}: ${code}`, hosts]),
  );
  return { ...census, unfinished, beyond, outstandingBy };
}

/** The first outstanding hosts, by name. */
export const listOutstanding = (db: Db, incidentId: string, limit: number): Promise<HostLine[]> =>
  listHostStates(db, { incidentId, states: ['not-attempted', 'partial', 'refused', 'unreachable'], limit });
