/** The report of an incident, sent piece by piece as it is written. */

import { z } from 'zod';
import { type ReportFormat, renderReport, reportFormats } from '../domain/report/index.ts';
import { IncidentParam } from './contract/parts.ts';
import { incidentOf } from './incidents.ts';
import { createRoute, createRouter } from './router.ts';

const contentTypes: Record<ReportFormat, string> = {
  html: 'text/html; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  json: 'application/json',
};

const text = { schema: z.string() };

const render = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/report',
  summary: 'The facts so far, each citing its ledger entry',
  request: { params: IncidentParam, query: z.object({ format: z.enum(reportFormats).default('html') }) },
  responses: {
    200: { description: 'The report', content: { 'text/html': text, 'text/markdown': text } },
  },
});

export function reportRoutes() {
  return createRouter().openapi(render, async (c) => {
    const { context } = c.var;
    const incident = await incidentOf(context, c.req.valid('param'));
    const { format } = c.req.valid('query');
    const pieces = renderReport(context, incident, format);
    // The first piece comes before the answer begins, so that what fails at once is an error and not half a report.
    const first = await pieces.next();
    return new Response(toStream(first, pieces), {
      headers: {
        'content-type': contentTypes[format],
        'content-disposition': `inline; filename="${incident.id}.${format}"`,
      },
    });
  });
}

/** Pieces as the body of an answer, each when it is asked for. */
export function toStream(
  first: IteratorResult<string>,
  pieces: AsyncGenerator<string>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: IteratorResult<string> | undefined = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = next ?? (await pieces.next());
      next = undefined;
      if (piece.done) controller.close();
      else controller.enqueue(encoder.encode(piece.value));
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
