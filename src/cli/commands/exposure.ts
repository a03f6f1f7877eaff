/** `firebreak exposure`: scan, match, list, except. */
import type { Command } from 'commander';
import { MatchSummary, SanitiseResult, ScanResult } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { plural } from '../../kernel/text.ts';
import {
  type AddCommands,
  type Bind,
  examples,
  given,
  type IncidentOption,
  incidentParam,
  type PageOption,
  pageOf,
  usage,
  withIncident,
  withPage,
} from '../command.ts';
import { addExcept, type ExceptOption, exceptOne } from '../exceptions.ts';
import { followJob } from '../follow.ts';
import { moment, number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good, type Toned, warn } from '../paper.ts';
import { printSanitised, printScan } from '../views/scan.ts';
import type { Outcome } from '../world.ts';

async function scan(
  io: Io,
  typed: string[],
  options: IncidentOption & { sanitise?: string },
): Promise<Outcome> {
  const client = await io.client();
  const paths = typed.map(io.path);
  const { job } = await unwrap(
    client.v1.incidents[':incident'].scans.$post({ ...incidentParam(options), json: { paths } }),
  );
  const again = `firebreak exposure scan ${typed.join(' ')}`;
  const result = await followJob(io, job, { title: 'Scanning', schema: ScanResult, again });
  const sanitised =
    options.sanitise === undefined ? null : await sanitise(io, paths, options.sanitise, again);
  const isWhole = result.errorsTotal === 0 && (sanitised === null || isSanitised(sanitised));
  return {
    json: { scan: result, sanitised },
    print: (paper) => {
      printScan(paper, result);
      if (sanitised) printSanitised(paper, sanitised);
    },
    exitCode: isWhole ? 0 : 1,
  };
}

async function sanitise(io: Io, paths: string[], folder: string, again: string): Promise<SanitiseResult> {
  const client = await io.client();
  const { job } = await unwrap(client.v1.sanitisations.$post({ json: { paths, folder: io.path(folder) } }));
  return followJob(io, job, {
    title: 'Sanitising',
    schema: SanitiseResult,
    again: `${again} --sanitise ${folder}`,
  });
}

const isSanitised = ({ failed, written }: SanitiseResult): boolean =>
  failed.length === 0 && written.every(({ dropped, errors }) => dropped === 0 && errors.length === 0);

async function scans(io: Io, options: IncidentOption): Promise<Outcome> {
  const client = await io.client();
  const [{ scans }, { hits }] = await Promise.all([
    unwrap(client.v1.incidents[':incident'].scans.$get(incidentParam(options))),
    unwrap(client.v1.incidents[':incident'].hits.$get(incidentParam(options))),
  ]);
  return {
    json: { scans, hits },
    print: (paper) => {
      if (scans.length === 0) paper.line('No scan yet: firebreak exposure scan PATH');
      for (const one of scans) {
        paper.line(
          bold(one.id),
          one.finishedAt === null ? bad('  not finished') : '',
          `  ${one.paths.join(' ')}`,
        );
        paper.line(dim(`  ${moment(one.startedAt)}, ${plural(one.files, 'file')}`));
        for (const { file, message } of one.errors) paper.line('  ', warn('error'), `  ${file}: ${message}`);
      }
      if (hits.length === 0) return;
      paper.heading('Where secrets were found');
      const rows = hits.map((hit) => [hit.file, hit.place, hit.kind, bold(hit.ref)]);
      paper.table(
        ['file', 'place', 'kind', 'credential'].map((title) => ({ title })),
        rows,
        '  ',
      );
    },
  };
}

interface MatchOption extends IncidentOption {
  precaution?: string[];
  reason?: string;
}

async function match(io: Io, options: MatchOption): Promise<Outcome> {
  const precaution = options.precaution && {
    scope: readScope(options.precaution),
    reason: options.reason ?? '',
  };
  if (precaution && options.reason === undefined)
    throw usage('--reason', 'why everything in this scope counts as exposed');
  if (!precaution && options.reason !== undefined)
    throw usage('--precaution', 'the scope that the reason is for');
  const client = await io.client();
  const json = precaution ? { precaution } : {};
  const { job } = await unwrap(
    client.v1.incidents[':incident'].matches.$post({ ...incidentParam(options), json }),
  );
  const again = 'firebreak exposure match';
  const result = await followJob(io, job, { title: 'Matching', schema: MatchSummary, again });
  return {
    json: result,
    print: (paper) => {
      paper.line(
        `${plural(result.matched, 'credential')} matched: ${number(result.added)} newly exposed, ${number(result.replaced)} replaced after the window with evidence.`,
      );
      if (result.claimedUnused > 0)
        paper.line(
          warn(
            `${plural(result.claimedUnused, 'of them is', 'of them are')} said to be unused: outstanding all the same.`,
          ),
        );
    },
  };
}

const scopeFields = ['environment', 'system', 'class', 'owner'];

/** `environment=production class=password` */
function readScope(words: string[]): Record<string, string> {
  const pairs = words.map((word) => {
    const [, field = '', value = ''] = /^([a-z]+)=(.+)$/.exec(word) ?? [];
    if (!scopeFields.includes(field))
      throw usage('--precaution', `one of ${scopeFields.map((one) => `${one}=VALUE`).join(', ')}`, word);
    return [field, value];
  });
  return Object.fromEntries(pairs);
}

interface ListOption extends IncidentOption, PageOption {
  state?: string;
  reasonCode?: string;
  claimedUnused?: boolean;
}

async function list(io: Io, options: ListOption): Promise<Outcome> {
  const client = await io.client();
  const query = {
    ...given({ state: options.state, reasonCode: options.reasonCode }),
    ...pageOf(options),
    ...(options.claimedUnused ? { claimedUnused: 'true' } : {}),
  } as Parameters<(typeof client.v1.incidents)[':incident']['exposures']['$get']>[0]['query'];
  const page = await unwrap(
    client.v1.incidents[':incident'].exposures.$get({ ...incidentParam(options), query }),
  );
  const rows = page.exposures.map((one) => [
    bold(one.ref),
    tone(one.state),
    one.claimedUnusedBy === null ? '' : warn(`unused, says ${one.claimedUnusedBy}`),
    one.reason ?? (one.proofSeq === null ? null : `ledger entry ${one.proofSeq}`),
  ]);
  const columns = ['ref', 'state', 'claim', 'why'].map((title) => ({ title }));
  return {
    json: page,
    print: (paper) => {
      if (rows.length === 0) paper.line('None.');
      else paper.table(columns, rows);
      if (page.next !== null) paper.space().line(dim(`more: --after '${page.next}'`));
    },
  };
}

function tone(state: string): Toned {
  if (state === 'outstanding') return bad(state);
  return state === 'excepted' ? warn(state) : good(state);
}

const except = (io: Io, ref: string, options: ExceptOption): Promise<Outcome> =>
  exceptOne(io, ref, options, (client, ref, terms) =>
    unwrap(
      client.v1.incidents[':incident'].exceptions.$post({
        ...incidentParam(options),
        json: { ref, ...terms },
      }),
    ),
  );

export const addExposureCommands: AddCommands = (program, bind) => {
  const group = program.command('exposure').description('which credentials are exposed, and why');
  examples(group, [
    ['firebreak exposure scan ./support-cases', 'find secrets in what the supplier held'],
    ['firebreak exposure list --state outstanding', 'what is still open'],
  ]);
  addFinding(group, bind);
  addClosing(group, bind);
};

function addFinding(group: Command, bind: Bind): void {
  examples(
    withIncident(
      group
        .command('scan')
        .argument('<paths...>', 'HAR files, text, archives, folders')
        .description(
          'scan files for secrets; each is matched to the inventory or becomes a new credential to close',
        )
        .option(
          '--sanitise <folder>',
          'also write copies of HAR files without their secrets into this folder',
        ),
    ).action(bind(scan)),
    [
      ['firebreak exposure scan ./support-cases', 'a folder, with everything in it'],
      ['firebreak exposure scan case.har --sanitise ./clean', 'and a copy that can be sent away'],
    ],
  );
  examples(
    withIncident(group.command('scans').description('scans so far, and where they found secrets')).action(
      bind(scans),
    ),
    [['firebreak exposure scans', 'never shows a secret']],
  );
  examples(
    withIncident(
      group
        .command('match')
        .description("expose what the incident's advisory says, or a whole scope as a precaution")
        .option(
          '--precaution <field=value...>',
          'expose everything in this scope: environment, system, class, owner',
        )
        .option('--reason <text>', 'why; written into the ledger'),
    ).action(bind(match)),
    [
      ['firebreak exposure match', 'again, after the inventory has grown'],
      [
        'firebreak exposure match --precaution environment=production --reason "scope not known"',
        'assume the worst',
      ],
    ],
  );
}

function addClosing(group: Command, bind: Bind): void {
  const listing = group
    .command('list')
    .description('exposed credentials, a page at a time')
    .option('--state <state>', 'outstanding, proven-dead, excepted or replaced')
    .option('--reason-code <code>', 'outstanding for this reason (firebreak incident census names them)')
    .option('--claimed-unused', 'that somebody says nobody uses');
  examples(withPage(withIncident(listing)).action(bind(list)), [
    ['firebreak exposure list --state outstanding', 'what is open, and why'],
    ['firebreak exposure list --claimed-unused', 'claims that close nothing'],
  ]);
  addExcept(
    group,
    bind,
    {
      argument: '<ref>',
      description: 'except an exposed credential: signed, with an approver and an end',
      reason: 'why it can not be rotated now',
      example: [
        'firebreak exposure except core-db/password/legacy --reason "vendor patch on Monday" --approver dana --until 30d',
        'one credential',
      ],
    },
    except,
  );
}
