/** Exposure: which credentials are exposed, and why. The module's only door. */
export { exceptExposure } from './except.ts';
export { type DescendantCredential, exposeDescendants } from './expose-descendants.ts';
export { exposeAsPrecaution, matchAdvisory } from './match.ts';
export { type ScanInput, type ScanSummary, scanForExposures } from './record-scan.ts';
export { type SanitiseSummary, sanitiseFiles } from './sanitise-files.ts';
export { sanitiseHar } from './scan/index.ts';
export {
  countExposures,
  type ExposureFilter,
  findExposure,
  listExposedNames,
  listExposures,
  listHits,
  listScans,
  type ScanHitView,
} from './store.ts';
export {
  type Exposure,
  type ExposureCensus,
  exposureStates,
  type MatchSummary,
  type Reason,
  type Scope,
} from './types.ts';
