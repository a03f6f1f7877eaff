/** What the API and the command line name of the hunt without loading the rest: closed lists and schemas. */
export { accessActs } from './access/types.ts';
export { descendantStates } from './descendants/types.ts';
export { type TimelineFormat, timelineFormats } from './timeline/types.ts';
export { type Severity, severities } from './types.ts';
