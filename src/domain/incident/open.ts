/** Opens an incident from an advisory, and at once exposes what the inventory says the supplier held. */
import { newId } from '../../kernel/ids.ts';
import type { Advisory } from '../advisory/index.ts';
import { digestOf, saveAdvisory } from '../advisory/index.ts';
import type { Context } from '../context.ts';
import { type MatchSummary, matchAdvisory } from '../exposure/index.ts';
import { findIncident, insertIncident } from './store.ts';
import type { Incident } from './types.ts';

export async function openIncident(
  context: Context,
  advisory: Advisory,
  title?: string,
): Promise<{ incident: Incident; matched: MatchSummary }> {
  const id = newId('incident', context.random);
  const at = context.clock.now();
  const digest = digestOf(advisory);
  await context.db.transaction().execute(async (tx) => {
    await saveAdvisory(tx, advisory, digest, at);
    await insertIncident(tx, { id, title: title ?? advisory.title, advisory, at, by: context.actor });
    await context.ledger.appendWithin(tx, [
      {
        kind: 'incident.opened',
        actor: context.actor,
        incidentId: id,
        subject: id,
        data: { advisory: advisory.id, digest, title: title ?? advisory.title },
      },
    ]);
  });
  const matched = await matchAdvisory(context, id, advisory);
  return { incident: await findIncident(context.db, id), matched };
}
