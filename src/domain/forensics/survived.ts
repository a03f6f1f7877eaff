/**
 * `triage survived`: what stood out before a restart, and what of it is still there after. What is is persistence.
 * "Gone" is said only where the host has another boot identity than before and the artifact came whole.
 */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Advisory } from '../advisory/index.ts';
import type { HuntContext } from '../hunt/index.ts';
import type { Collection } from './collections.ts';
import { findValues } from './lake-facts.ts';
import type { Outlier } from './stack/types.ts';
import { attackersTime, stackFacts } from './stack.ts';
import { findCollection, listCollections } from './store.ts';
import { type ExaminedHost, listExaminedHosts, listLeftovers } from './store-hosts.ts';

export const fates = ['survived', 'changed', 'gone', 'not-known'] as const;
export type Fate = (typeof fates)[number];

export interface Survivor extends Outlier {
  fate: Fate;
  /** Why it is not known, or what it is now. */
  why: string;
}

export interface SurvivedReport {
  before: { collectionId: string; createdAt: Date };
  after: { collectionId: string; createdAt: Date };
  /** Hosts that were examined both times, and how many of them have another boot identity since. */
  hosts: number;
  restarted: number;
  /** Outliers of these hosts from the earlier collection, by score, each with what became of it. */
  outliers: Survivor[];
  /** Those of lower score, which were not looked at. */
  more: number;
}

/** The earlier collection defaults to the one before the later, which defaults to the latest. Throws conflict when there is only one. */
export async function findSurvivors(
  context: HuntContext,
  incident: { id: string; advisory: Advisory },
  input: { before?: string; after?: string; host?: string; limit: number },
): Promise<SurvivedReport> {
  const after = await findCollection(context.db, incident.id, input.after);
  const before = await findEarlier(context, incident.id, after, input.before);
  const [earlier, later] = await Promise.all([
    listExaminedHosts(context.db, before.id),
    listExaminedHosts(context.db, after.id),
  ]);
  const isMeant = (host: string) => later.has(host) && (input.host === undefined || input.host === host);
  const both = new Map([...earlier].filter(([host]) => isMeant(host)));
  if (both.size === 0)
    throw new FirebreakError(
      'not_found',
      `of both ${before.id} and ${after.id} there is nothing of ${input.host ?? 'any host'}`,
    );
  const stacked = await stackFacts(context, incident, {
    incidentId: incident.id,
    collectionId: before.id,
    window: attackersTime(incident.advisory, before.createdAt),
    limit: limits.stackOutliersMax,
  });
  // What a host lacks can not survive.
  const all = stacked.outliers.filter(
    ({ host, have, reasons }) =>
      both.has(host) && have > 0 && reasons.every(({ kind }) => kind !== 'missing'),
  );
  const outliers = all.slice(0, input.limit);
  const values = await findValues(
    await context.lake(),
    { collectionId: after.id, hosts: outliers.map(({ host }) => host), keys: outliers.map(({ key }) => key) },
    await listLeftovers(context.db, after.id),
  );
  const isRestarted = (host: string) => hasOtherBoot(earlier.get(host), later.get(host));
  return {
    before: { collectionId: before.id, createdAt: before.createdAt },
    after: { collectionId: after.id, createdAt: after.createdAt },
    hosts: both.size,
    restarted: [...both.keys()].filter(isRestarted).length,
    outliers: outliers.map((one) => ({
      ...one,
      ...fateOf(one, later.get(one.host), isRestarted(one.host), values),
    })),
    more: all.length - outliers.length,
  };
}

async function findEarlier(
  context: HuntContext,
  incidentId: string,
  after: Collection,
  named: string | undefined,
): Promise<Collection> {
  const earlier =
    named === undefined
      ? (await listCollections(context.db, incidentId)).find(
          ({ kind, createdAt, id }) => kind === 'ssh' && id !== after.id && createdAt < after.createdAt,
        )
      : await findCollection(context.db, incidentId, named);
  if (earlier && earlier.id !== after.id) return earlier;
  throw new FirebreakError(
    'conflict',
    `there is only one collection to compare, ${after.id}: examine the hosts again after their restart (firebreak triage collect)`,
  );
}

const hasOtherBoot = (before: ExaminedHost | undefined, after: ExaminedHost | undefined): boolean =>
  before !== undefined &&
  after !== undefined &&
  before.bootId !== '' &&
  after.bootId !== '' &&
  before.bootId !== after.bootId;

function fateOf(
  { host, artifact, key, value }: Outlier,
  later: ExaminedHost | undefined,
  isRestarted: boolean,
  values: ReadonlyMap<string, readonly string[]>,
): { fate: Fate; why: string } {
  if (!isRestarted) return { fate: 'not-known', why: 'its boot identity is the same as before: no restart' };
  const now = values.get(`${host}\0${artifact}\0${key}`) ?? [];
  if (now.includes(value)) return { fate: 'survived', why: '' };
  const state = later?.artifacts.find((one) => one.artifact === artifact)?.state ?? 'not collected';
  if (now.length > 0) return { fate: 'changed', why: `it is now ${now.join(', ').slice(0, 200)}` };
  if (state === 'collected' || state === 'missing') return { fate: 'gone', why: '' };
  return { fate: 'not-known', why: `artifact ${artifact} was ${state} after the restart` };
}
