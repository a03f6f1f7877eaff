/** Forensics: every system examined, each with one verdict; what was seen, kept and compared. The module's only door. */
export { countSystems, listOutstanding, type SystemsCensus } from './census.ts';
export {
  cancelCollection,
  createCollection,
  pauseCollection,
  resumeCollection,
  retryCollection,
} from './collect.ts';
export {
  type Collection,
  type CollectionProgress,
  type CollectionWhat,
  collectionStatuses,
  type HostCensus,
  type HostLine,
  type HostState,
  hostStates,
} from './collections.ts';
export { type EvidenceFolder, openEvidenceFolder } from './evidence-folder.ts';
export { exceptHost, signedHost } from './except-host.ts';
export { trustOnFirstUse } from './first-use.ts';
export { type CollectionImport, type ImportInput, importCollection } from './import-collection.ts';
export type { ForensicsKit } from './kit.ts';
export { collectorScript } from './script.ts';
export { type HostReport, showHost } from './show-host.ts';
export type { Outlier, StackReport } from './stack/types.ts';
export { attackersTime, stackFacts } from './stack.ts';
export { findCollection, getCollection, listCollections, readProgress } from './store.ts';
export { countReasons, type HostDetail, listFindings, listHostStates } from './store-hosts.ts';
export { type Fate, fates, findSurvivors, type SurvivedReport, type Survivor } from './survived.ts';
export { type CostClass, costClasses, type Fact, type HostFinding } from './types.ts';
export { forensicsWorkflows } from './workflow.ts';
