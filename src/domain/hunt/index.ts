/** The hunt: what they did with it, what they made, what they read, and what can't be ruled out. The module's only door. */

export { type KeptAccess, lastAccess } from './access/kept.ts';
export {
  type AccessReport,
  accessActs,
  type ClassVerdict,
  type DataClass,
  type DataStore,
} from './access/types.ts';
export { type AccessInput, huntAccess } from './access.ts';
export { describeDoubt } from './coverage/claim.ts';
export { rankClaims } from './coverage/rank.ts';
export type {
  Claim,
  Coverage,
  CoverageReport,
  Doubt,
  ExpectedSource,
  SourceTraits,
} from './coverage/types.ts';
export { type CoverageInput, coverageBetween, doubtsOf, takeCoverage } from './coverage.ts';
export { containDescendant, exceptDescendant } from './descendants/close.ts';
export type { NameSystem } from './descendants/expose.ts';
export { countDescendants, listDescendants } from './descendants/store.ts';
export {
  type Descendant,
  type DescendantCensus,
  type DescendantReport,
  descendantStates,
  type ExposedPrincipal,
} from './descendants/types.ts';
export { type DescendantInput, huntDescendants } from './descendants.ts';
export { listOpenDoubts, type OpenDoubt } from './doubts.ts';
export { defaultPeriod, exposedPrincipals } from './exposed.ts';
export type { IndicatorReport } from './indicators/types.ts';
export { huntIndicators, type IndicatorInput } from './indicators.ts';
export { type IngestTotals, ingestIntoLake, type LogIngest, type LogIngestInput } from './ingest.ts';
export { type LogFiles, listLogFiles, type SourceTally } from './log-files.ts';
export { type LogQueryAnswer, type LogQueryInput, queryLogs } from './query.ts';
export type { RuleResult } from './sigma/hunt.ts';
export { compileProcessRules, type ProcessRules } from './sigma/process-rules.ts';
export type { Problem } from './sigma/types.ts';
export {
  checkSigma,
  huntSigma,
  type SigmaCheck,
  type SigmaInput,
  type SigmaReport,
} from './sigma.ts';
export {
  countFindings,
  countRuns,
  type FindingFilter,
  listFindings,
  listRuns,
  type RunView,
  readAsked,
} from './store.ts';
export { type TimelineFormat, timelineFormats } from './timeline/types.ts';
export { renderTimeline, type TimelineInput } from './timeline.ts';
export {
  type EventView,
  type Finding,
  type FindingTally,
  type HuntContext,
  type Outstanding,
  type Period,
  type RunKind,
  type Severity,
  severities,
  type Watch,
} from './types.ts';
