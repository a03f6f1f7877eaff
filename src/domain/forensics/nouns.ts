/** What the API and the command line name of forensics without loading the rest: closed lists and schemas. */
export { collectionStatuses, hostStates } from './collections.ts';
export { costClasses } from './types.ts';
