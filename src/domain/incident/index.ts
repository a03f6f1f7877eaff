/** Incident: open, what to do next, the census over everything, close. The module's only door. */
export { readQuestions, takeCensus } from './census.ts';
export { closeIncident } from './close.ts';
export { exceptQuestion } from './except.ts';
export { nextSteps } from './next.ts';
export { openIncident } from './open.ts';
export { findIncident, listIncidents } from './store.ts';
export type { Census, Incident, NextStep, Question } from './types.ts';
