/** What the API and the command line name of exposures without loading the rest: closed lists and schemas. */
export { exposureStates } from './types.ts';
