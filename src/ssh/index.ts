/** The transport's only door: runs a script on many hosts over SSH, and says of each what became of it. */
export { openFleet } from './fleet.ts';
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
