/** Whose acts are looked at unless a person names others: the exposed credentials, from the supplier's breach on. */
import { type Advisory, windowOf } from '../advisory/index.ts';
import type { Context } from '../context.ts';
import { listExposedNames } from '../exposure/index.ts';
import type { ExposedPrincipal } from './descendants/types.ts';
import type { Period } from './types.ts';

/** What an incident says of itself; the hunt stands before the incident and does not know its type. */
export interface IncidentFacts {
  id: string;
  advisory: Advisory;
}

const beginning = new Date(0);

/** From the begin of the breach, where it is known, until now. */
export const defaultPeriod = (context: Context, advisory: Advisory): Period => ({
  from: windowOf(advisory).from ?? beginning,
  to: context.clock.now(),
});

/**
 * A stolen credential may be used from the breach on until it is proven dead, so that is its time. What came in as
 * a descendant is not among them: it is followed from the event that made it.
 */
export async function exposedPrincipals(
  context: Context,
  { id, advisory }: IncidentFacts,
): Promise<ExposedPrincipal[]> {
  const now = context.clock.now();
  const found = new Map<string, ExposedPrincipal>();
  for (const { name, class: credentialClass, provedAt } of await listExposedNames(context.db, id)) {
    const from = (windowOf(advisory, credentialClass) ?? windowOf(advisory)).from ?? beginning;
    const to = provedAt ?? now;
    const known = found.get(name);
    // One name may stand for several credentials: its time is all of theirs.
    found.set(name, {
      principal: name,
      from: known && known.from < from ? known.from : from,
      to: known && known.to > to ? known.to : to,
    });
  }
  return [...found.values()];
}
