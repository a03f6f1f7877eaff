/** Takes an advisory into the store, where incidents can be opened from it. */
import type { Context } from '../context.ts';
import { digestOf, saveAdvisory } from './store.ts';
import type { Advisory } from './types.ts';

/** Open incidents keep the version that they were opened with. An unchanged one is not written again. */
export async function importAdvisory(
  context: Context,
  advisory: Advisory,
): Promise<{ id: string; digest: string; change: 'added' | 'replaced' | 'unchanged' }> {
  const digest = digestOf(advisory);
  const change = await context.db.transaction().execute(async (tx) => {
    const change = await saveAdvisory(tx, advisory, digest, context.clock.now());
    if (change === 'unchanged') return change;
    const data = { digest, change, supplier: advisory.supplier.id };
    await context.ledger.appendWithin(tx, [
      { kind: 'advisory.imported', actor: context.actor, subject: `advisory:${advisory.id}`, data },
    ]);
    return change;
  });
  return { id: advisory.id, digest, change };
}
