/** Brings the hosts that firebreak.yaml declares into the inventory: those of its files, and those written in it. */
import type { Context } from '../../context.ts';
import type { FleetConfig } from '../fleet-config.ts';
import { checkHost } from './check-host.ts';
import { type HostImport, type HostImportOptions, importHosts } from './import-hosts.ts';
import { saveHosts } from './store.ts';

/** Throws bad_input when a file is bad as a whole. Rejected records are in the results. */
export async function saveDeclaredHosts(
  context: Context,
  { hosts }: FleetConfig,
  options: HostImportOptions,
): Promise<HostImport[]> {
  const inline = hosts.flatMap((host) => {
    const checked = typeof host === 'string' ? undefined : checkHost(host);
    return checked && 'host' in checked ? [checked.host] : [];
  });
  if (inline.length > 0)
    await context.db.transaction().execute(async (tx) => {
      await saveHosts(tx, 'firebreak.yaml', inline, context.clock.now());
    });
  const imports: HostImport[] = [];
  for (const host of hosts)
    if (typeof host === 'string') imports.push(await importHosts(context, host, options));
  return imports;
}
