/** Hosts: what is to be examined and restarted. */
export { saveDeclaredHosts } from './declared.ts';
export { type HostImport, type HostImportOptions, importHosts } from './import-hosts.ts';
export { countHosts, listHosts, selected } from './store.ts';
export {
  type BootExpectation,
  bootExpectations,
  type Host,
  type HostSelection,
  type KnownHost,
} from './types.ts';
