/** Renders the report of an incident from one snapshot of the store. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import type { Incident } from '../incident/index.ts';
import { collectFacts } from './collect-facts.ts';
import { renderHtml } from './render-html.ts';
import { renderJson } from './render-json.ts';
import { renderMarkdown } from './render-md.ts';
import { openSnapshot } from './store.ts';
import type { OpenReport, ReportFormat } from './types.ts';

const renderers: Record<ReportFormat, (report: OpenReport) => AsyncIterable<string>> = {
  html: renderHtml,
  md: renderMarkdown,
  json: renderJson,
};

/**
 * The report in pieces, to be written as they come: however many credentials there are, memory stays flat.
 * Holds one read-only transaction until the last piece, or until the caller stops taking them.
 */
export async function* renderReport(
  context: Context,
  incident: Incident,
  format: ReportFormat,
): AsyncGenerator<string> {
  const render = renderers[format];
  if (!render)
    throw new FirebreakError(
      'bad_input',
      `no report format ${String(format)}: there are ${Object.keys(renderers).join(', ')}`,
    );
  const snapshot = await openSnapshot(context.db);
  try {
    yield* render(await collectFacts(context, snapshot, incident));
  } finally {
    await snapshot.rollback().execute();
  }
}
