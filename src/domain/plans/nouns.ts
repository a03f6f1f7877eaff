/** What the API and the command line name of plans without loading the rest: closed lists. */
export { planStatuses } from './types.ts';
