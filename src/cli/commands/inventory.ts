/** `firebreak inventory`: discover, import, list, show, compare the sources. */
import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { DiscoverResult, ImportResult } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { ImportMapping } from '../../domain/inventory/nouns.ts';
import { describeFault } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import {
  type AddCommands,
  type Bind,
  examples,
  given,
  type PageOption,
  pageOf,
  withPage,
} from '../command.ts';
import { followJob } from '../follow.ts';
import { moment, number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good, type Paper, warn } from '../paper.ts';
import type { Outcome } from '../world.ts';

async function discover(io: Io, systems: string[]): Promise<Outcome> {
  const client = await io.client();
  const { job } = await unwrap(client.v1.inventory.discoveries.$post({ json: { systems } }));
  const again = ['firebreak inventory discover', ...systems].join(' ');
  const result = await followJob(io, job, { title: 'Discovering', schema: DiscoverResult, again });
  return {
    json: result,
    print: (paper) => printDiscovery(paper, result),
    exitCode: result.failed.length > 0 ? 1 : 0,
  };
}

function printDiscovery(paper: Paper, { total, discovered, failed }: DiscoverResult): void {
  const rows = discovered.map((one) => [
    bold(one.system),
    one.records,
    one.added,
    one.identities,
    one.grants,
    one.unreadable,
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  if (rows.length > 0)
    paper.table(
      [
        { title: 'system' },
        right('credentials'),
        right('new'),
        right('identities'),
        right('grants'),
        right('unread'),
      ],
      rows,
    );
  if (discovered.some((one) => one.unreadable > 0))
    paper.line(dim("unread: the present secret could not be read, so a leak of it can't be matched"));
  for (const { system, code, message } of failed)
    paper.line(bad('failed'), `  ${system}  `, dim(code), `  ${message}`);
  paper
    .space()
    .line(
      `${plural(total, 'system')}: ${number(discovered.length)} discovered, ${number(failed.length)} failed.`,
    );
}

interface ImportOption {
  source?: string;
  format?: string;
  mapping?: string;
  dryRun?: boolean;
}

async function importFile(io: Io, typed: string, options: ImportOption): Promise<Outcome> {
  const mapping = options.mapping === undefined ? undefined : await readMapping(io, options.mapping);
  const client = await io.client();
  const json = {
    file: io.path(typed),
    ...given({ source: options.source, format: options.format }),
    ...(mapping === undefined ? {} : { mapping }),
    dryRun: options.dryRun ?? false,
  } as Parameters<typeof client.v1.inventory.imports.$post>[0]['json'];
  const { job } = await unwrap(client.v1.inventory.imports.$post({ json }));
  const again = `firebreak inventory import ${typed}`;
  const result = await followJob(io, job, { title: 'Importing', schema: ImportResult, again });
  return {
    json: result,
    print: (paper) => printImport(paper, result),
    exitCode: result.rejected > 0 ? 1 : 0,
  };
}

/** A file that is there is a mapping; anything else is the name of one in firebreak.yaml. */
async function readMapping(io: Io, typed: string): Promise<string | ImportMapping> {
  const file = io.path(typed);
  const isFile = await access(file).then(
    () => true,
    () => false,
  );
  if (!isFile) return typed;
  const { readDocument } = await import('../../kernel/document.ts');
  return readDocument(file, ImportMapping);
}

function printImport(paper: Paper, result: ImportResult): void {
  const { records, accepted, rejected, added, matched, rejects, dryRun } = result;
  paper.line(
    dryRun ? warn('dry run: nothing was written') : good('imported'),
    `  ${result.file} as ${result.source}`,
  );
  paper.fields(
    [
      ['format', result.format],
      ['records', `${number(records)} = ${number(accepted)} accepted + ${number(rejected)} rejected`],
      ['new credentials', added],
      ['known already', `${number(accepted - added)}, of them by their secret ${number(matched)}`],
      ['ledger entry', result.ledgerSeq === null ? null : String(result.ledgerSeq)],
    ],
    '  ',
  );
  if (rejected === 0) return;
  paper.heading('Rejected');
  for (const fault of rejects) paper.line('  ', describeFault(fault));
  if (rejected > rejects.length) paper.line(dim(`  and ${number(rejected - rejects.length)} more`));
}

interface ListOption extends PageOption {
  system?: string;
  environment?: string;
  class?: string;
  owner?: string;
  source?: string;
  onlyKnownTo?: string;
  claimedUnused?: boolean;
}

async function list(io: Io, options: ListOption): Promise<Outcome> {
  const client = await io.client();
  const { system, environment, owner, source, onlyKnownTo, class: credentialClass } = options;
  const query = {
    ...given({ system, environment, owner, source, onlyKnownTo, class: credentialClass }),
    ...pageOf(options),
    ...(options.claimedUnused ? { claimedUnused: 'true' } : {}),
  } as Parameters<typeof client.v1.inventory.credentials.$get>[0]['query'];
  const page = await unwrap(client.v1.inventory.credentials.$get({ query }));
  const rows = page.credentials.map((one) => [
    bold(one.ref),
    one.class,
    one.environment,
    one.owner,
    moment(one.changedAt),
    one.claimedUnusedBy === null ? null : warn(`unused, says ${one.claimedUnusedBy}`),
  ]);
  const columns = ['ref', 'class', 'environment', 'owner', 'changed', 'claim'].map((title) => ({ title }));
  return {
    json: page,
    print: (paper) => {
      if (rows.length === 0) paper.line('No credential fits. To find some: firebreak inventory discover');
      else paper.table(columns, rows);
      if (page.next !== null) paper.space().line(dim(`more: --after '${page.next}'`));
    },
  };
}

async function show(io: Io, ref: string): Promise<Outcome> {
  const found = await readDetail(io, ref);
  return { json: found, print: (paper) => printCredential(paper, found) };
}

type Detail = Awaited<ReturnType<typeof readDetail>>;
const readDetail = async (io: Io, ref: string) =>
  unwrap((await io.client()).v1.inventory.credential.$get({ query: { ref } }));

function printCredential(paper: Paper, { credential, claims }: Detail): void {
  paper.line(bold(credential.ref));
  paper.fields([
    ['id', credential.id],
    ['class', credential.class],
    ['principal', credential.principal],
    ['environment', credential.environment],
    ['owner', credential.owner],
    ['suppliers', credential.suppliers.join(', ') || null],
    ['fingerprint', credential.fingerprint],
    ['changed', moment(credential.changedAt)],
    ['because', credential.changedEvidence],
    ['not changed after', moment(credential.changedNoLaterThan)],
    ['last used', moment(credential.lastUsedAt)],
    ['expires', moment(credential.expiresAt)],
    ['secret kept in', credential.secretRef && Object.values(credential.secretRef).join(' key ')],
    ['replacement goes to', credential.delivery && Object.values(credential.delivery).join(' ')],
    [
      'claimed unused by',
      credential.claimedUnusedBy && warn(`${credential.claimedUnusedBy} (a claim closes nothing)`),
    ],
  ]);
  paper.heading('What each source says');
  for (const { source, says, seenAt } of claims) {
    paper.line('  ', bold(source), dim(`  ${moment(seenAt)}`));
    const fields = Object.entries(says).filter(([name]) => !['system', 'kind', 'name'].includes(name));
    paper.fields(
      fields.map(
        ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
      ),
      '    ',
    );
  }
}

async function sources(io: Io): Promise<Outcome> {
  const client = await io.client();
  const found = await unwrap(client.v1.inventory.sources.$get());
  const right = (title: string) => ({ title, align: 'right' as const });
  return {
    json: found,
    print: (paper) => {
      if (found.sources.length === 0) {
        paper.line('No source yet: firebreak inventory discover');
        return;
      }
      const rows = found.sources.map((one) => [
        bold(one.source),
        one.credentials,
        one.onlyHere,
        moment(one.lastSeenAt),
      ]);
      paper.table(
        [{ title: 'source' }, right('credentials'), right('known only here'), { title: 'last seen' }],
        rows,
      );
      paper.heading(
        found.disagreements.length === 0 ? 'Sources agree where they overlap' : 'Where sources disagree',
      );
      const disagreements = found.disagreements.map(({ ref, field, says }) => [
        bold(ref),
        field,
        Object.entries(says)
          .map(([source, value]) => `${source}: ${value}`)
          .join('; '),
      ]);
      if (disagreements.length > 0)
        paper.table([{ title: 'ref' }, { title: 'field' }, { title: 'who says what' }], disagreements, '  ');
    },
  };
}

export const addInventoryCommands: AddCommands = (program, bind) => {
  const group = program.command('inventory').description('what exists: systems, identities, credentials');
  examples(group, [
    ['firebreak inventory discover', 'ask every system of firebreak.yaml'],
    ['firebreak inventory sources', 'what only one source knows, and where they disagree'],
  ]);
  examples(
    group
      .command('discover')
      .argument('[systems...]', 'systems of firebreak.yaml (default: all)')
      .description('ask systems what they know')
      .action(bind(discover)),
    [
      ['firebreak inventory discover', 'all systems'],
      ['firebreak inventory discover core-db cache', 'these two'],
    ],
  );
  addImport(group, bind);
  addReading(group, bind);
};

function addImport(group: Command, bind: Bind): void {
  examples(
    group
      .command('import')
      .argument('<file>')
      .description(
        "import a list of credentials (CSV, JSON) or a scanner's report (TruffleHog, gitleaks, Kingfisher)",
      )
      .option('--source <name>', "what the inventory calls this source (default: the mapping's)")
      .option(
        '--format <format>',
        'csv, json, trufflehog, gitleaks or kingfisher (default: told from the content)',
      )
      .option('--mapping <name|file>', 'which column is which: an import of firebreak.yaml, or a file')
      .option('--dry-run', 'do everything and take it back')
      .action(bind(importFile)),
    [
      ['firebreak inventory import accounts.csv --source cmdb --dry-run', 'see what it would do'],
      ['firebreak inventory import findings.json --source gitleaks', "a scanner's report"],
    ],
  );
}

function addReading(group: Command, bind: Bind): void {
  const listing = group
    .command('list')
    .description('credentials, a page at a time')
    .option('--system <name>', 'of this system')
    .option('--environment <name>', 'of this environment')
    .option('--class <class>', 'of this class, such as password')
    .option('--owner <name>', 'of this owner')
    .option('--source <name>', 'that this source names')
    .option('--only-known-to <source>', 'that no other source names')
    .option('--claimed-unused', 'that somebody says nobody uses');
  examples(withPage(listing).action(bind(list)), [
    ['firebreak inventory list --environment production --class password', 'some of them'],
    ['firebreak inventory list --only-known-to connector:core-db', 'what the lists of others miss'],
  ]);
  examples(
    group
      .command('show')
      .argument('<ref>')
      .description('one credential with what each source says of it')
      .action(bind(show)),
    [['firebreak inventory show core-db/password/billing', 'by system/kind/name']],
  );
  examples(
    group
      .command('sources')
      .description('what only one source knows, and where sources disagree')
      .action(bind(sources)),
    [['firebreak inventory sources', 'reconciliation']],
  );
}
