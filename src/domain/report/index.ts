/** Report: the facts of an incident with their citations, rendered. The module's only door. */
export { renderReport } from './render-report.ts';
export { Fact, Report, type ReportFormat, reportFormats } from './types.ts';
