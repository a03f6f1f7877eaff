/** The report as one JSON document that fits the schema `Report`; one row of an appendix a line. */
import type { OpenReport } from './types.ts';

export async function* renderJson({ header, sections, appendices }: OpenReport): AsyncGenerator<string> {
  yield `{"report":${JSON.stringify(header, null, 1)},\n"sections":${JSON.stringify(sections, null, 1)},\n"appendices":[`;
  let between = '\n';
  for (const appendix of appendices) {
    const { id, title, columns } = appendix;
    const head = JSON.stringify({ type: 'table', id, title, columns });
    yield `${between}${head.slice(0, -1)},"rows":[`;
    let separator = '\n';
    for await (const rows of appendix.pages()) {
      yield separator + rows.map((row) => JSON.stringify(row)).join(',\n');
      separator = ',\n';
    }
    yield `\n],"closing":${JSON.stringify(appendix.closing())}}`;
    between = ',\n';
  }
  yield '\n]}\n';
}
