/** The command line: thin, everything through the typed client of the API. */

export { printNext, readCensus } from './commands/incident.ts';
export { type FollowJob, followCampaign, followJob } from './follow.ts';
export { createIo, type Io } from './io.ts';
export { bad, bold, dim, good, Paper, type Part, warn } from './paper.ts';
export type { ProgressView } from './progress.ts';
export { runCli } from './run.ts';
export { createUi } from './ui.ts';
export { type CensusPage, printCensus } from './views/census.ts';
export { isDone, printCampaign, printPlan, printProof } from './views/rotation.ts';
export type {
  Check,
  CliWorld,
  ConformanceSuite,
  Connection,
  Outcome,
  ReplayCommand,
  ServeCommand,
  Ui,
} from './world.ts';
