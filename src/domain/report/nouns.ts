/** What the API and the command line name of reports without loading the rest: closed lists and schemas. */
export { type ReportFormat, reportFormats } from './types.ts';
