/** `firebreak report`: the facts so far, each citing its ledger entry. */
import { answerOf } from '../../api/index.ts';
import { type ReportFormat, reportFormats } from '../../domain/report/nouns.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import {
  type AddCommands,
  examples,
  type IncidentOption,
  incidentParam,
  usage,
  withIncident,
} from '../command.ts';
import { bytes } from '../format.ts';
import type { Io } from '../io.ts';
import { dim, good } from '../paper.ts';
import { streamToStdout, writeStream } from '../stream.ts';
import { waitFor } from '../wait-for.ts';
import type { Outcome } from '../world.ts';

interface RenderOption extends IncidentOption {
  format: string;
  out?: string;
}

async function render(io: Io, options: RenderOption): Promise<Outcome> {
  const format = reportFormats.find((one) => one === options.format);
  if (!format) throw usage('--format', `one of ${reportFormats.join(', ')}`, options.format);
  const pieces = await request(io, options, format);
  if (options.out === undefined)
    return streamToStdout(io, pieces, (whole) => ({
      format,
      report: format === 'json' ? JSON.parse(whole) : whole,
    }));
  const file = io.path(options.out);
  const size = await writeStream(file, pieces);
  return {
    json: { file, format, bytes: size },
    print: (paper) => paper.line(good('written'), `  ${file}  `, dim(bytes(size))),
  };
}

async function request(
  io: Io,
  options: IncidentOption,
  format: ReportFormat,
): Promise<AsyncIterable<Uint8Array>> {
  const client = await io.client();
  const call = client.v1.incidents[':incident'].report.$get({ ...incidentParam(options), query: { format } });
  const { body } = await waitFor(io, 'Collecting the facts', () => answerOf(call as Promise<Response>));
  if (body === null) throw new FirebreakError('internal', 'the server sent no report');
  return body as unknown as AsyncIterable<Uint8Array>;
}

export const addReportCommands: AddCommands = (program, bind) => {
  const group = program.command('report').description('the facts so far, each citing its ledger entry');
  examples(group, [['firebreak report render --format html --out report.html', 'one page that prints well']]);
  examples(
    withIncident(
      group
        .command('render')
        .description('render the report of an incident')
        .requiredOption('--format <format>', reportFormats.join(', '))
        .option('--out <file>', 'write it there (default: stdout)'),
    ).action(bind(render)),
    [
      ['firebreak report render --format html --out report.html', 'self-contained, for people'],
      ['firebreak report render --format md', 'for a ticket'],
      ['firebreak report render --format json --out report.json', 'for programs'],
    ],
  );
};
