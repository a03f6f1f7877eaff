/** How it was found out which credentials are exposed: matching, precautions, scans. */
import { count, plural } from '../../../kernel/text.ts';
import type { LedgerEntry } from '../../evidence/index.ts';
import { listScans } from '../../exposure/index.ts';
import { bytes, fact, join, moment, row, table } from '../make.ts';
import {
  counted,
  entriesOf,
  fieldOf,
  listEntries,
  numberOf,
  rangeOf,
  type Source,
  textOf,
} from '../source.ts';
import { countInventory, groupReasons } from '../store.ts';
import type { Block, Section } from '../types.ts';

export async function scope(source: Source): Promise<Section> {
  const blocks = [
    await inventory(source),
    ...(await sources(source)),
    ...(await matches(source)),
    ...(await precautions(source)),
    ...(await scans(source)),
    await reasons(source),
  ];
  return { id: 'scope', title: 'How the exposure was scoped', blocks };
}

async function inventory(source: Source): Promise<Block> {
  const known = await countInventory(source.tx);
  const { total } = source.census.credentials;
  return fact({
    id: 'inventory',
    statement: `The inventory knows ${plural(known.credentials, 'credential')}; ${plural(total, 'of them is', 'of them are')} counted as exposed in this incident.`,
    basis: counted,
    values: { inventory: known.credentials, exposed: total },
  });
}

/** Where the inventory comes from. These entries belong to no incident. */
async function sources(source: Source): Promise<Block[]> {
  const entries = await listEntries(source, ['inventory.discovered', 'inventory.imported']);
  if (entries.length === 0)
    return [
      fact({
        id: 'inventory-sources',
        statement: 'No discovery and no import is recorded: where the inventory comes from is not known.',
        basis: 'No entry inventory.discovered or inventory.imported in the ledger.',
      }),
    ];
  const rows = entries.map((entry) =>
    row(
      {
        at: entry.at,
        source: textOf(entry, 'source') ?? entry.subject,
        by: entry.actor,
        records: numberOf(entry, 'records'),
        added: numberOf(entry, 'added'),
        rejected: numberOf(entry, 'rejected'),
      },
      [entry.seq],
    ),
  );
  const columns = [
    ['at', 'At (UTC)', 'time'],
    ['source', 'Source', 'name'],
    ['by', 'By', 'text'],
    ['records', 'Records', 'number'],
    ['added', 'New', 'number'],
    ['rejected', 'Rejected', 'number'],
  ] as const;
  return [table({ id: 'inventory-sources', title: 'Where the inventory comes from', columns, rows })];
}

async function matches(source: Source): Promise<Block[]> {
  const entries = await entriesOf(source, 'exposure.matched');
  if (entries.length === 0)
    return [
      fact({
        id: 'matched',
        statement: 'The advisory was not matched against the inventory.',
        basis: 'No entry exposure.matched for this incident in the ledger.',
      }),
    ];
  return entries.map((entry, index) =>
    fact({
      id: `matched-${index + 1}`,
      statement: `${entry.actor} matched the advisory against the inventory: credentials held by ${describeList(fieldOf(entry, 'suppliers'))}, of the classes ${describeList(classesOf(entry))}.`,
      at: entry.at,
      citations: [entry.seq],
    }),
  );
}

async function precautions(source: Source): Promise<Block[]> {
  const entries = await entriesOf(source, 'exposure.precaution');
  if (entries.length === 0)
    return [
      fact({
        id: 'precaution',
        statement: 'Nobody widened the exposure as a precaution.',
        basis: 'No entry exposure.precaution for this incident in the ledger.',
      }),
    ];
  return entries.map((entry, index) =>
    fact({
      id: `precaution-${index + 1}`,
      statement: `${entry.actor} decided to count everything in ${describeScope(fieldOf(entry, 'scope'))} as exposed: ${textOf(entry, 'reason') ?? 'no reason is recorded'}.`,
      at: entry.at,
      citations: [entry.seq],
    }),
  );
}

async function scans(source: Source): Promise<Block[]> {
  const known = await listScans(source.tx, source.incident.id);
  if (known.length === 0)
    return [
      fact({
        id: 'scans',
        statement: 'No file was scanned for secrets.',
        basis: 'No entry exposure.scan.started for this incident in the ledger.',
      }),
    ];
  const entries = await entriesOf(source, 'exposure.scan.started', 'exposure.scan.finished');
  const of = (id: string, kind: string) =>
    entries.find((entry) => entry.subject === id && entry.kind === kind);
  const rows = known.map((scan) => {
    const [started, finished] = [of(scan.id, 'exposure.scan.started'), of(scan.id, 'exposure.scan.finished')];
    return scanRow(scan, started, finished);
  });
  const columns = [
    ['at', 'Begun (UTC)', 'time'],
    ['paths', 'Read', 'name'],
    ['files', 'Files', 'number'],
    ['size', 'Size', 'code'],
    ['hits', 'Hits', 'number'],
    ['secrets', 'Secrets', 'number'],
    ['known', 'Known', 'number'],
    ['added', 'New', 'number'],
    ['dead', 'Already dead', 'number'],
    ['skipped', 'Skipped', 'number'],
    ['errors', 'Errors', 'number'],
  ] as const;
  const note =
    'A hit is one secret at one place; a secret may stand at many. Known: it belongs to a credential of the inventory. New: it was added to be closed.';
  return [
    table({ id: 'scans', title: 'Files scanned for secrets', columns, rows, note }),
    ...scanErrors(known, entries),
  ];
}

type Scan = Awaited<ReturnType<typeof listScans>>[number];

function scanRow(scan: Scan, started: LedgerEntry | undefined, finished: LedgerEntry | undefined) {
  const number = (field: string) => finished && numberOf(finished, field);
  return row(
    {
      at: scan.startedAt,
      paths: `${scan.paths.join(', ')}${finished ? '' : ' (not finished)'}`,
      files: finished ? scan.files : null,
      size: finished ? bytes(scan.bytes) : null,
      hits: number('hits'),
      secrets: number('secrets'),
      known: number('known'),
      added: number('added'),
      dead: number('alreadyDead'),
      skipped: number('skipped'),
      errors: number('errorsTotal') ?? (finished ? scan.errors.length : null),
    },
    [started?.seq, finished?.seq],
  );
}

function scanErrors(known: Scan[], entries: LedgerEntry[]): Block[] {
  const errors = known.flatMap((scan) => scan.errors.map((error) => ({ scan, error })));
  if (errors.length === 0) return [];
  const shown = errors.slice(0, 50);
  const rows = shown.map(({ scan, error }) =>
    row(
      { file: error.file, message: error.message },
      entries
        .filter((entry) => entry.subject === scan.id)
        .map((entry) => entry.seq)
        .slice(-1),
    ),
  );
  const note =
    errors.length > shown.length
      ? `The first ${count(shown.length)} of ${count(errors.length)} that are kept.`
      : undefined;
  return [
    table({
      id: 'scan-errors',
      title: 'What the scans could not read',
      columns: [
        ['file', 'File', 'name'],
        ['message', 'Why', 'text'],
      ],
      rows,
      note,
    }),
  ];
}

async function reasons(source: Source): Promise<Block> {
  const groups = await groupReasons(source.tx, source.incident.id);
  const rows = groups.map((group) =>
    row(
      {
        reason: group.explanation,
        source: `${group.kind} ${group.source}`,
        exposures: group.exposures,
        only: group.only,
      },
      [group.ledgerSeq],
    ),
  );
  const columns = [
    ['reason', 'Why exposed', 'text'],
    ['source', 'By', 'name'],
    ['exposures', 'Credentials', 'number'],
    ['only', 'For this reason alone', 'number'],
  ] as const;
  if (rows.length === 0)
    return fact({
      id: 'reasons',
      statement: 'No credential is exposed as far as the matching and the scans go.',
      citations: rangeOf(source, 'exposure.matched'),
      basis: counted,
    });
  const note = `A credential may have several reasons, so the numbers may add up to more than ${plural(source.census.credentials.total, 'credential')}.`;
  return table({ id: 'reasons', title: 'Why credentials count as exposed', columns, rows, note });
}

function classesOf(entry: LedgerEntry): unknown[] {
  const classes = fieldOf(entry, 'classes');
  if (!Array.isArray(classes)) return [];
  return classes.map((one: { class?: unknown; to?: unknown }) =>
    typeof one.to === 'string'
      ? `${String(one.class)} (window until ${moment(one.to)})`
      : `${String(one.class)} (window without end)`,
  );
}

const describeList = (value: unknown): string =>
  Array.isArray(value) && value.length > 0 ? join(value.map(String)) : 'none';

function describeScope(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'a scope that is not recorded';
  return join(Object.entries(value).map(([field, given]) => `${field} ${String(given)}`));
}
