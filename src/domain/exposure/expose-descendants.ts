/** Exposes credentials that a compromised principal made: whoever made them can use them. */
import type { Tx } from '../../store/index.ts';
import type { Context } from '../context.ts';
import { exposeByDescendants } from './store.ts';

export interface DescendantCredential {
  descendantId: string;
  credentialId: string;
  explanation: string;
}

/** Part of the caller's transaction. Returns the exposure of each. */
export async function exposeDescendants(
  context: Context,
  tx: Tx,
  incidentId: string,
  credentials: readonly DescendantCredential[],
): Promise<{ descendantId: string; exposureId: string }[]> {
  if (credentials.length === 0) return [];
  const at = context.clock.now();
  const data = { credentials: credentials.length, first: credentials.slice(0, 100) };
  const [seq = 0] = await context.ledger.appendWithin(tx, [
    { kind: 'exposure.descendants', actor: context.actor, incidentId, subject: incidentId, data },
  ]);
  return exposeByDescendants(tx, credentials, { incidentId, seq, at });
}
