/** The transport's only door: runs a script on many hosts over SSH, and says of each what became of it. */
import type { FleetSettings } from './settings.ts';
import type { Fleet, FleetPorts } from './types.ts';

export { FleetSettings } from './settings.ts';
export type {
  BrokenCode,
  Fleet,
  FleetPorts,
  HostKeyFact,
  HostKeySeen,
  NewHostKey,
  RefusedCode,
  RunOutcome,
  SshHost,
  SshTask,
  UnreachableCode,
} from './types.ts';

/** Opens the fleet. Only this loads ssh2: whoever reads settings or prints help goes without. */
export async function openFleet(settings: FleetSettings, ports: FleetPorts): Promise<Fleet> {
  const { OpenFleet } = await import('./fleet.ts');
  return new OpenFleet(settings, ports);
}
