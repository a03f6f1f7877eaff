/**
 * A probe with a dead credential is a failed login. The budget keeps ours below the system's lock-out rule,
 * with one to spare for the owner's own mistake.
 */
import { limits } from '../../kernel/limits.ts';
import type { Systems } from '../inventory/index.ts';

/** How often an old credential of `system` may be tried in one proof: at least once. */
export function negativeProbes(systems: Systems, system: string): number {
  const connector = systems.connector(system);
  const { failuresMax } = connector.lockout(connector.config.parse(systems.get(system).config));
  const wanted = Math.min(systems.config.policy.negativeProbes, limits.probesNegativeMax);
  return failuresMax === null ? wanted : Math.max(1, Math.min(wanted, failuresMax - 2));
}
