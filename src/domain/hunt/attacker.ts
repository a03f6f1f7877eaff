/**
 * Under which names and from which addresses the attacker acts: the exposed principals, each for its time; what they
 * made, from its making on; and addresses that are known for his.
 */
import { addressesSeen } from './access/find.ts';
import type { Attacker } from './access/types.ts';
import { type Alias, aliasOfExposed } from './aliases.ts';
import { scopeOf } from './descendants/rule-sql.ts';
import { listActing } from './descendants/store.ts';
import { listSightedAddresses } from './store.ts';
import type { HuntContext, Period } from './types.ts';

export interface AttackerAliases {
  aliases: Alias[];
  /** Descendants that can act. */
  descendants: number;
  /** Addresses of his that the logs hold. */
  addresses: string[];
}

/** Addresses: those that were named, and those that indicators were seen at. */
export async function aliasesOfAttacker(
  context: HuntContext,
  incidentId: string,
  attacker: Attacker,
  period: Period,
): Promise<AttackerAliases> {
  const acting = await listActing(context.db, incidentId);
  const sighted = await listSightedAddresses(context.db, incidentId);
  const ranges = [...new Set([...attacker.addresses, ...sighted])];
  const seen = await addressesSeen(await context.lake(), ranges);
  const span = { since: period.from.getTime(), until: period.to.getTime() };
  return {
    aliases: [
      ...attacker.principals.map(aliasOfExposed),
      ...acting.flatMap(({ id, source, host, names, madeAt }) =>
        names.map((name) => ({
          value: name.toLowerCase(),
          scope: scopeOf(name.toLowerCase(), source, host),
          since: madeAt.getTime(),
          until: span.until,
          parent: id,
        })),
      ),
      ...seen.map(({ address, range }) => ({ value: `ip:${address}`, scope: '', parent: range, ...span })),
    ],
    descendants: acting.length,
    addresses: [...new Set(seen.map(({ address }) => address))].sort(),
  };
}
