/** Hunt: what the logs show, what they cover, and what was made with stolen access. The module's only door. */

export type { Claim, Coverage, CoverageReport, Doubt, ExpectedSource } from './coverage/types.ts';
export { type CoverageInput, coverageBetween, doubtsOf, takeCoverage } from './coverage.ts';
export type { HuntContext, Outstanding, Period, RunKind } from './types.ts';
