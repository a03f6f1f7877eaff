/** `firebreak logs`: ingest, sources, coverage, query. */
import type { Command } from 'commander';
import { LogCoverageResult, LogIngestResult } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { plural } from '../../kernel/text.ts';
import {
  type AddCommands,
  type Bind,
  examples,
  type IncidentOption,
  incidentParam,
  usage,
  withIncident,
} from '../command.ts';
import { followJob } from '../follow.ts';
import type { Io } from '../io.ts';
import { dim, warn } from '../paper.ts';
import { type PeriodOption, periodOf, withPeriod } from '../period.ts';
import { printIngest, printLogCoverage, printSources, shownCell } from '../views/logs.ts';
import type { Outcome } from '../world.ts';

interface IngestOption extends IncidentOption {
  source?: string;
  host?: string;
}

async function ingest(io: Io, typed: string[], { source, host, ...options }: IngestOption): Promise<Outcome> {
  const client = await io.client();
  const json = {
    paths: typed.map(io.path),
    ...(source === undefined ? {} : { source }),
    ...(host === undefined ? {} : { host }),
  };
  const { job } = await unwrap(
    client.v1.incidents[':incident'].logs.$post({ ...incidentParam(options), json }),
  );
  const result = await followJob(io, job, {
    title: 'Reading logs',
    schema: LogIngestResult,
    again: `firebreak logs ingest ${typed.join(' ')}`,
  });
  return {
    json: result,
    print: (paper) => printIngest(paper, result),
    exitCode: result.outstandingTotal > 0 ? 1 : 0,
  };
}

async function sources(io: Io): Promise<Outcome> {
  const client = await io.client();
  const list = await unwrap(client.v1.logs.sources.$get());
  return {
    json: list,
    print: (paper) => printSources(paper, list),
    exitCode: list.interrupted.length > 0 ? 1 : 0,
  };
}

async function coverage(io: Io, options: IncidentOption & PeriodOption): Promise<Outcome> {
  const client = await io.client();
  const { job } = await unwrap(
    client.v1.incidents[':incident'].logs.coverage.$post({
      ...incidentParam(options),
      json: periodOf(options),
    }),
  );
  const result = await followJob(io, job, {
    title: 'Reading what the logs cover',
    schema: LogCoverageResult,
    again: 'firebreak logs coverage',
  });
  const isFull = result.claims.length > 0 && result.claims.every(({ verdict }) => verdict === 'full');
  return { json: result, print: (paper) => printLogCoverage(paper, result), exitCode: isFull ? 0 : 1 };
}

interface QueryOption {
  rows?: string;
  seconds?: string;
}

async function query(io: Io, sql: string, { rows, seconds }: QueryOption): Promise<Outcome> {
  const client = await io.client();
  const json = {
    sql,
    ...(rows === undefined ? {} : { rowsMax: wholeOf('--rows', rows) }),
    ...(seconds === undefined ? {} : { secondsMax: wholeOf('--seconds', seconds) }),
  };
  const answer = await unwrap(client.v1.logs.query.$post({ json }));
  return {
    json: answer,
    print: (paper) => {
      const cells = answer.rows.map((row) => answer.columns.map((column) => shownCell(row[column])));
      if (cells.length === 0) paper.line('No rows.');
      else
        paper.table(
          answer.columns.map((title) => ({ title })),
          cells,
        );
      if (answer.more)
        paper.space().line(warn(`the first ${plural(answer.rows.length, 'row')}; there are more: --rows N`));
      else if (cells.length > 0) paper.space().line(dim(plural(cells.length, 'row')));
    },
    exitCode: answer.more ? 1 : 0,
  };
}

function wholeOf(option: string, typed: string): number {
  if (/^[1-9]\d{0,8}$/.test(typed)) return Number(typed);
  throw usage(option, 'a whole number from 1', typed);
}

export const addLogsCommands: AddCommands = (program, bind) => {
  const group = program.command('logs').description('audit logs: read them in, and see what they cover');
  addIngest(group, bind);
  examples(
    group
      .command('sources')
      .description('kinds of log that are known, and the files that were read')
      .action(bind((io) => sources(io))),
    [['firebreak logs sources', 'each kind with its documentation, and what is there of it']],
  );
  examples(
    withPeriod(
      withIncident(
        group
          .command('coverage')
          .description('what the logs cover, and what can and can not be claimed of a period'),
      ),
    ).action(bind(coverage)),
    [
      ['firebreak logs coverage', 'from the begin of the breach until now'],
      ['firebreak logs coverage --from 2023-11-14 --to 2023-11-24', 'these eleven days'],
    ],
  );
  addQuery(group, bind);
};

function addIngest(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group
        .command('ingest')
        .argument('<path...>', 'log files, plain or compressed, and folders of them')
        .description('read log files into the lake; what was read before is not read again')
        .option('--source <id>', 'the kind of log (default: told from the content)')
        .option('--host <name>', 'which host logged them, where the records do not say'),
    ).action(bind(ingest)),
    [
      ['firebreak logs ingest /srv/logs', 'everything below a folder'],
      ['firebreak logs ingest --source linux-auth --host gw-1 auth.log.gz', 'one file, and where it is from'],
    ],
  );
}

function addQuery(group: Command, bind: Bind): void {
  examples(
    group
      .command('query')
      .argument('<sql>', 'one SELECT over the tables events, rejects, files, ingests')
      .description('read the lake with a SELECT of your own')
      .option('--rows <n>', 'rows to show (default: 1000)')
      .option('--seconds <n>', 'time that the statement may take (default: 60)')
      .action(bind(query)),
    [
      [
        'firebreak logs query "SELECT source, count() AS events FROM events GROUP BY source"',
        'how much there is of each',
      ],
      [
        'firebreak --json logs query "SELECT time, raw FROM events WHERE src_ip = \'192.0.2.1\' ORDER BY time"',
        'the records themselves, for a program',
      ],
    ],
  );
}
