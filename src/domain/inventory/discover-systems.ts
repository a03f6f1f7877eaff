/** Discovers several systems one after another; one that fails does not keep the others from being asked. */
import { type ErrorCode, FirebreakError, messageOf } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import { discoverSystem } from './discover.ts';
import type { Systems } from './systems.ts';
import type { RunSummary } from './types.ts';

export interface SystemDiscovery extends RunSummary {
  system: string;
  identities: number;
  grants: number;
  /** Credentials whose present secret could not be read, so that no leak of it can be matched. */
  unreadable: number;
}

/** `total = discovered + failed`. */
export interface DiscoverySummary {
  total: number;
  discovered: SystemDiscovery[];
  failed: { system: string; code: ErrorCode; message: string }[];
}

interface DiscoverSystemsOptions {
  /** None: all that are configured. */
  names: string[];
  signal: AbortSignal;
  onProgress?: (done: { system: string; credentials: number }) => void;
}

/** Throws not_found for a name that is not configured, before any system is asked. */
export async function discoverSystems(
  context: Context,
  systems: Systems,
  { names, signal, onProgress }: DiscoverSystemsOptions,
): Promise<DiscoverySummary> {
  const chosen = names.length > 0 ? [...new Set(names)] : systems.config.systems.map(({ name }) => name);
  for (const name of chosen) systems.get(name);
  if (chosen.length === 0)
    throw new FirebreakError('bad_input', 'firebreak.yaml names no system: add one under systems');
  const summary: DiscoverySummary = { total: chosen.length, discovered: [], failed: [] };
  let before = 0;
  for (const system of chosen) {
    signal.throwIfAborted();
    try {
      const report = ({ credentials }: { credentials: number }) =>
        onProgress?.({ system, credentials: before + credentials });
      const run = await discoverSystem(context, systems, system, signal, report);
      summary.discovered.push({ system, ...run });
      before += run.records;
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof FirebreakError ? error.code : 'unavailable';
      summary.failed.push({ system, code, message: messageOf(error) });
    }
  }
  return summary;
}
