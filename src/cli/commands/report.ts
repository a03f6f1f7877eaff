/** `firebreak report`: the facts so far, each citing its ledger entry. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { answerOf } from '../../api/index.ts';
import { type ReportFormat, reportFormats } from '../../domain/report/index.ts';
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
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
  if (options.out === undefined) return toStdout(io, pieces, format);
  const file = io.path(options.out);
  const size = await writeFile(file, pieces);
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

/** As it comes; with --json inside the one document. */
async function toStdout(io: Io, pieces: AsyncIterable<Uint8Array>, format: ReportFormat): Promise<Outcome> {
  const text: string[] = [];
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    const part = decoder.decode(piece, { stream: true });
    if (io.json) text.push(part);
    else await new Promise<void>((resolve) => io.world.stdout.write(part, () => resolve()));
  }
  const whole = text.join('');
  const json = io.json ? { format, report: format === 'json' ? JSON.parse(whole) : whole } : null;
  return { json, print: () => undefined };
}

/** The file appears whole or not at all, readable by its owner only: it names every credential. */
async function writeFile(file: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.part`;
  const handle = await open(draft, 'wx', 0o600).catch((cause: unknown) => {
    throw new FirebreakError('unavailable', `can't write ${file}: ${messageOf(cause)}`, { cause });
  });
  let size = 0;
  try {
    for await (const piece of pieces) {
      await handle.appendFile(piece);
      size += piece.byteLength;
    }
    await handle.close();
    await rename(draft, file);
    return size;
  } finally {
    await handle.close().catch(() => undefined);
    await rm(draft, { force: true });
  }
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
