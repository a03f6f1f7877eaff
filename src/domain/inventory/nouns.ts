/** What the API and the command line name of the inventory without loading the rest: closed lists and schemas. */
export { ImportMapping } from './import/mapping.ts';
export { importFormats } from './import/types.ts';
