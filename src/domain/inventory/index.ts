/** Inventory: what exists, from every source that knows something of it. The module's only door. */
export { type Config, loadConfig, parseConfig, type SystemConfig } from './config.ts';
export type { Delivery } from './delivery.ts';
export { type DiscoverProgress, discoverSystem } from './discover.ts';
export { type DiscoverySummary, discoverSystems, type SystemDiscovery } from './discover-systems.ts';
export {
  type BootExpectation,
  countHosts,
  type Host,
  type HostImport,
  type HostSelection,
  importHosts,
  type KnownHost,
  listHosts,
  saveDeclaredHosts,
  selected as selectedHosts,
} from './hosts/index.ts';
export { ImportMapping, importFormats, JsonSplitter, LineSplitter } from './import/index.ts';
export { type ImportOptions, type ImportSummary, importInventory } from './import-inventory.ts';
export { declaredMappings, LogMapping } from './log-mapping.ts';
export { type RebootHook, RebootPolicy, type RebootRolePolicy, type RebootWindow } from './reboot-policy.ts';
export {
  type CredentialFilter,
  countCredentials,
  findByFingerprint,
  findDisagreements,
  listCredentials,
  refsByName,
  saveStatements,
  showCredential,
  summariseSources,
} from './store.ts';
export { createSystems, fillName, type Systems } from './systems.ts';
export {
  type Credential,
  credentialRef,
  type Disagreement,
  type RunSummary,
  type SourceSummary,
  type Statement,
} from './types.ts';
