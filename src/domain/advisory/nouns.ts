/** What the API and the command line name of advisories without loading the rest: closed lists and schemas. */
export { Advisory } from './types.ts';
