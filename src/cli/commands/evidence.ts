/** `firebreak evidence`: the ledger, and verifying a copy of it anywhere. */

import { ExportResult } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { describeFault } from '../../kernel/errors.ts';
import {
  type AddCommands,
  examples,
  given,
  type IncidentOption,
  type PageOption,
  pageOf,
  withIncident,
  withPage,
} from '../command.ts';
import { followJob } from '../follow.ts';
import { bytes, moment, number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good } from '../paper.ts';
import type { Outcome } from '../world.ts';

interface ListOption extends IncidentOption, PageOption {
  kind?: string;
  subject?: string;
  all?: boolean;
}

async function list(io: Io, options: ListOption): Promise<Outcome> {
  const client = await io.client();
  const { kind, subject } = options;
  const incident = options.all ? undefined : (options.incident ?? 'current');
  const query = { ...given({ incident, kind, subject }), ...pageOf(options) } as Parameters<
    typeof client.v1.ledger.entries.$get
  >[0]['query'];
  const page = await unwrap(client.v1.ledger.entries.$get({ query }));
  const rows = page.entries.map((one) => [
    String(one.seq),
    moment(one.at),
    bold(one.kind),
    one.actor,
    one.subject,
  ]);
  const columns = [
    { title: 'seq', align: 'right' as const },
    ...['at', 'kind', 'actor', 'subject'].map((title) => ({ title })),
  ];
  return {
    json: page,
    print: (paper) => {
      if (rows.length === 0) paper.line('No entry.');
      else paper.table(columns, rows);
      if (page.next !== null) paper.space().line(dim(`more: --after ${page.next}`));
    },
  };
}

async function show(io: Io, seq: string): Promise<Outcome> {
  const client = await io.client();
  const found = await unwrap(client.v1.ledger.entries[':seq'].$get({ param: { seq } }));
  const { entry, inclusion } = found;
  return {
    json: found,
    print: (paper) => {
      paper.line('Entry ', bold(String(entry.seq)), '  ', bold(entry.kind)).fields([
        ['at', moment(entry.at)],
        ['actor', entry.actor],
        ['incident', entry.incidentId],
        ['subject', entry.subject],
        ['leaf hash', dim(entry.leafHash)],
        [
          'inclusion',
          inclusion.included
            ? good(`stands in the signed tree of ${number(inclusion.size)} entries`)
            : bad('NOT IN THE SIGNED TREE'),
        ],
        ['root', dim(inclusion.root)],
      ]);
      paper.heading('Data');
      for (const line of JSON.stringify(entry.data, undefined, 2).split('\n')) paper.line(`  ${line}`);
    },
    exitCode: inclusion.included ? 0 : 1,
  };
}

async function exportAll(
  io: Io,
  typed: string,
  { overwrite = false, withRaw = false }: { overwrite?: boolean; withRaw?: boolean },
): Promise<Outcome> {
  const client = await io.client();
  const { job } = await unwrap(
    client.v1.ledger.exports.$post({ json: { file: io.path(typed), overwrite, withRaw } }),
  );
  const again = `firebreak evidence export ${typed}${withRaw ? ' --with-raw' : ''}`;
  const result = await followJob(io, job, { title: 'Exporting', schema: ExportResult, again });
  return {
    json: result,
    print: (paper) => {
      paper.line(good('written'), `  ${result.file}  `, dim(bytes(result.bytes)));
      paper.fields(
        [
          ['entries', result.entries],
          ['checkpoints', result.checkpoints],
          ...(result.raw
            ? [['raw outputs', `${number(result.raw.embedded)} of ${number(result.raw.cited)}`] as const]
            : []),
          ['root', result.root],
          ['verifier key', result.verifierKey],
        ],
        '  ',
      );
      for (const sha256 of result.raw?.missing ?? [])
        paper.line('  ', bad('missing'), `  raw output ${sha256} is not where it was kept`);
      paper.line('Give the key to whoever verifies, by another way than the file:');
      paper.line('  ', bold(`firebreak evidence verify ${typed} --key '${result.verifierKey}'`));
    },
    exitCode: result.raw && result.raw.embedded < result.raw.cited ? 1 : 0,
  };
}

/** What of the raw output of hosts is in the bundle. */
const rawLine = ({ rawCited, rawFound }: { rawCited: number; rawFound: number }): string => {
  if (rawCited === 0) return 'none is cited';
  if (rawFound === 0) return `${number(rawCited)} cited by hash; their content is not in this bundle`;
  return `${number(rawFound)} of ${number(rawCited)}, each with the SHA-256 that the ledger says`;
};

/** Reads the file and nothing else: no installation, no database, no network. */
async function verify(io: Io, typed: string, { key }: { key?: string }): Promise<Outcome> {
  const { verifyBundle } = await import('../../domain/evidence/index.ts');
  const view = io.progress('Verifying');
  const report = await verifyBundle(io.path(typed), {
    ...(key === undefined ? {} : { key }),
    onProgress: (done, total) => view.update({ done, total, unit: 'entries' }),
  }).finally(() => view.end());
  return {
    json: report,
    print: (paper) => {
      paper.line(report.ok ? good('intact') : bad('NOT INTACT'), `  ${typed}`);
      paper.fields(
        [
          ['entries', report.entries],
          ['checkpoints', report.checkpoints],
          ['attestations', report.attestations],
          ['raw outputs', rawLine(report)],
          ['exported', moment(report.created ?? null)],
          ['root', report.root],
          ['signed by', report.verifierKey],
        ],
        '  ',
      );
      for (const fault of report.faults) paper.line('  ', bad('fault'), `  ${describeFault(fault)}`);
      if (report.ok && key === undefined)
        paper.line(dim('  Compare the key with the one that you were given, or pass it with --key.'));
    },
    exitCode: report.ok ? 0 : 1,
  };
}

export const addEvidenceCommands: AddCommands = (program, bind) => {
  const group = program.command('evidence').description('the tamper-evident ledger of all that was done');
  examples(group, [
    ['firebreak evidence list', 'what was done'],
    ['firebreak evidence verify bundle.fbb', 'check a copy, anywhere'],
  ]);
  const listing = group
    .command('list')
    .description('entries, a page at a time')
    .option('--kind <kind>', 'of this kind, such as proof')
    .option('--subject <subject>', 'about this, such as a plan')
    .option('--all', 'of every incident and of none');
  examples(withPage(withIncident(listing)).action(bind(list)), [
    ['firebreak evidence list --kind proof', 'every proof of the incident'],
    ['firebreak evidence list --all --limit 20', 'from the beginning'],
  ]);
  examples(
    group
      .command('show')
      .argument('<seq>')
      .description('one entry, and whether it stands in the signed tree')
      .action(bind(show)),
    [['firebreak evidence show 42', 'by its number']],
  );
  examples(
    group
      .command('export')
      .argument('<file>')
      .description('write the whole ledger to a file that anybody can verify offline')
      .option('--overwrite', 'replace the file if it is there')
      .option('--with-raw', 'embed the raw output of hosts that the ledger cites')
      .action(bind(exportAll)),
    [
      ['firebreak evidence export bundle.fbb', 'then: firebreak evidence verify bundle.fbb'],
      ['firebreak evidence export case.fbb --with-raw', 'with what every examined host sent'],
    ],
  );
  examples(
    group
      .command('verify')
      .argument('<file>')
      .description('verify a bundle; needs no installation, no database and no network')
      .option('--key <key>', 'the verifier key that it must be signed with')
      .action(bind(verify)),
    [['firebreak evidence verify bundle.fbb', 'exit 0 when nothing was changed, 1 when something was']],
  );
};
