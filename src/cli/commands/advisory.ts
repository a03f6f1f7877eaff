/** `firebreak advisory`: suppliers' breaches as machine-readable files. */
import { unwrap } from '../../api/index.ts';
import type { Advisory } from '../../domain/advisory/nouns.ts';
import { badInput } from '../../kernel/errors.ts';
import { type AddCommands, examples } from '../command.ts';
import type { Io } from '../io.ts';
import { bold, dim, good, type Paper } from '../paper.ts';
import type { Outcome } from '../world.ts';

async function list(io: Io): Promise<Outcome> {
  const client = await io.client();
  const { advisories } = await unwrap(client.v1.advisories.$get());
  const rows = advisories.map((one) => [
    bold(one.id),
    one.supplier,
    one.disclosed,
    one.importedAt === null ? 'shipped' : 'imported',
    one.title,
  ]);
  const columns = ['id', 'supplier', 'disclosed', 'from', 'title'].map((title) => ({ title }));
  return { json: { advisories }, print: (paper) => paper.table(columns, rows) };
}

async function show(io: Io, id: string): Promise<Outcome> {
  const client = await io.client();
  const found = await unwrap(client.v1.advisories[':id'].$get({ param: { id } }));
  return { json: found, print: (paper) => printAdvisory(paper, found.advisory, found.digest) };
}

function printAdvisory(paper: Paper, advisory: Advisory, digest: string): void {
  paper.line(bold(advisory.title));
  paper.line(advisory.summary).space();
  paper.fields([
    ['id', advisory.id],
    ['supplier', advisory.supplier.name],
    ['disclosed', advisory.disclosed],
    ['digest', digest],
  ]);
  paper.heading('Windows');
  for (const { from, to, what, provenance, confidence } of advisory.windows) {
    paper.line(
      `  ${from ?? 'not known'} to ${to ?? 'open'}  `,
      dim(`${confidence} confidence, ${provenance.kind}`),
    );
    paper.line(`    ${what}`);
  }
  paper.heading('Exposes');
  const exposed = advisory.exposes.map((one) => [bold(one.class), one.where, one.description]);
  paper.table([{ title: 'class' }, { title: 'where' }, { title: 'what' }], exposed, '  ');
  if (advisory.indicators.length > 0) {
    paper.heading('Indicators');
    const rows = advisory.indicators.map((one) => [one.type, one.values.length, one.values.join(', ')]);
    paper.table([{ title: 'type' }, { title: 'count', align: 'right' }, { title: 'values' }], rows, '  ');
  }
  paper.heading('Actions');
  for (const [index, { title, description }] of advisory.actions.entries())
    paper.line(`  ${index + 1}. `, bold(title)).line(`     ${description}`);
  paper.heading('References');
  for (const { url, kind } of advisory.references) paper.line(`  ${url}  `, dim(kind));
}

/** Reads the file and nothing else: no installation is opened. */
async function check(io: Io, typed: string): Promise<Outcome> {
  const { checkAdvisory, readAdvisory } = await import('../../domain/advisory/index.ts');
  const file = io.path(typed);
  const faults = await checkAdvisory(file);
  if (faults.length > 0)
    throw badInput(
      typed,
      faults.map((fault) => ({ ...fault, file: typed })),
    );
  const { id, title } = await readAdvisory(file);
  return {
    json: { file, ok: true, id, title },
    print: (paper) => paper.line(good('good'), `  ${typed}: ${id}, ${title}`),
  };
}

async function importOne(io: Io, typed: string): Promise<Outcome> {
  const { readAdvisory } = await import('../../domain/advisory/index.ts');
  const advisory = await readAdvisory(io.path(typed));
  const client = await io.client();
  const done = await unwrap(client.v1.advisories.$post({ json: { advisory } }));
  return {
    json: done,
    print: (paper) => {
      paper.line(good(done.change), `  ${done.id}  `, dim(done.digest));
      paper.line(`Open an incident: firebreak incident open --advisory ${done.id}`);
    },
  };
}

export const addAdvisoryCommands: AddCommands = (program, bind) => {
  const group = program.command('advisory').description("suppliers' breaches as machine-readable files");
  examples(group, [
    ['firebreak advisory list', 'all that are at hand'],
    ['firebreak advisory check breach.yaml', 'find every fault of a file'],
  ]);
  examples(
    group
      .command('list')
      .description('advisories that were imported or that Firebreak ships')
      .action(bind(list)),
    [
      ['firebreak advisory list', 'a table'],
      ['firebreak advisory list --json', 'the same for programs'],
    ],
  );
  examples(group.command('show').argument('<id>').description('one advisory in full').action(bind(show)), [
    ['firebreak advisory show okta-2023-10', 'windows, what is exposed, indicators, actions'],
  ]);
  examples(
    group
      .command('check')
      .argument('<file>')
      .description('name every fault of an advisory file by line and field; opens no installation')
      .action(bind(check)),
    [['firebreak advisory check breach.yaml', 'exit 2 and one line a fault, or exit 0']],
  );
  examples(
    group
      .command('import')
      .argument('<file>')
      .description('take an advisory file into the store')
      .action(bind(importOne)),
    [['firebreak advisory import breach.yaml', 'then: firebreak incident open --advisory ID']],
  );
};
