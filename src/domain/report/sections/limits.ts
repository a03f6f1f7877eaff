/** What the report does not show. Each is read from what is missing, so it goes away when the thing is there. */
import { count, plural } from '../../../kernel/text.ts';
import { listScans } from '../../exposure/index.ts';
import { fact, join } from '../make.ts';
import { counted, entriesOf, numberOf, rangeOf, type Source } from '../source.ts';
import { countInventory, listUnseenSystems } from '../store.ts';
import type { Block, Section } from '../types.ts';

export async function notShown(source: Source): Promise<Section> {
  const blocks = [
    ...undone(source),
    ...(await unseen(source)),
    ...(await inventoryGaps(source)),
    ...(await scanGaps(source)),
    ...tripwires(source),
    moment(source),
  ];
  return { id: 'not-shown', title: 'What this report does not show', blocks };
}

/** Work that the ledger would name if it had been done. */
const absences: { id: string; kinds: RegExp; statement: string }[] = [
  {
    id: 'no-hunt',
    kinds: /^hunt\.(ioc|sigma|descendants|access)\.finished$/,
    statement:
      'No log was searched. Whether somebody used an exposed credential, what was read with it, and what was made with it is not known.',
  },
  {
    id: 'no-examination',
    kinds: /^triage\./,
    statement: 'No host was examined. Whether something was left behind on one is not known.',
  },
  {
    id: 'no-restart',
    kinds: /^reboot\.proof$/,
    statement: 'No system is proven to have restarted. What lives in memory only may still run.',
  },
  {
    id: 'no-containment',
    kinds: /^(contain\.|hunt\.descendant\.contained$)/,
    statement: 'No other access was cut here: no address blocked, no account of the attacker disabled.',
  },
];

const undone = ({ groups, size }: Source): Block[] =>
  absences
    .filter(({ kinds }) => !groups.some((group) => kinds.test(group.kind)))
    .map(({ id, statement }) =>
      fact({
        id,
        statement,
        basis: `No entry that says so for this incident among the ${count(size)} entries of the ledger.`,
      }),
    );

async function unseen(source: Source): Promise<Block[]> {
  const systems = await listUnseenSystems(source.tx, source.incident.id);
  if (systems.length === 0) return [];
  const unknown = systems.find(({ system }) => system === 'unknown');
  const named = systems.filter((one) => one !== unknown);
  const cite = rangeOf(source, 'exposure.found');
  const blocks: Block[] = [];
  if (unknown)
    blocks.push(
      fact({
        id: 'system-unknown',
        statement: `Of ${plural(unknown.exposures, 'exposed secret')} it is not known which system ${unknown.exposures === 1 ? 'it opens' : 'they open'}.`,
        citations: cite,
        basis: counted,
        values: { exposures: unknown.exposures },
      }),
    );
  if (named.length > 0) {
    const total = named.reduce((sum, one) => sum + one.exposures, 0);
    const listed = named.slice(0, 20).map((one) => `${one.system} (${count(one.exposures)})`);
    blocks.push(
      fact({
        id: 'no-connector',
        statement: `No connector has looked into ${plural(named.length, 'system')} with ${plural(total, 'exposed credential')}, so what is known of ${total === 1 ? 'it' : 'them'} comes from imports and scans alone: ${join([...listed, ...(named.length > 20 ? [`${count(named.length - 20)} more`] : [])])}.`,
        citations: cite,
        basis: counted,
        values: { systems: named.length, exposures: total },
      }),
    );
  }
  return blocks;
}

async function inventoryGaps(source: Source): Promise<Block[]> {
  const { withoutSupplier, withoutFingerprint, credentials } = await countInventory(source.tx);
  const blocks = [
    fact({
      id: 'inventory-bound',
      statement: 'A credential that no source of the inventory names and no scan met is not in this report.',
      basis: 'The inventory and the scans are all that is looked at.',
    }),
  ];
  if (withoutSupplier > 0)
    blocks.push(
      fact({
        id: 'no-supplier',
        statement: `Of ${plural(withoutSupplier, 'credential')} of ${count(credentials)} no source says which suppliers hold ${withoutSupplier === 1 ? 'it' : 'them'}; the matching by supplier passes over ${withoutSupplier === 1 ? 'it' : 'them'}.`,
        basis: counted,
        values: { withoutSupplier },
      }),
    );
  if (withoutFingerprint > 0)
    blocks.push(
      fact({
        id: 'no-fingerprint',
        statement: `Of ${plural(withoutFingerprint, 'credential')} of ${count(credentials)} the present secret is not known here; a scan that met it would take it for a new one.`,
        basis: counted,
        values: { withoutFingerprint },
      }),
    );
  return blocks;
}

async function scanGaps(source: Source): Promise<Block[]> {
  const scans = await listScans(source.tx, source.incident.id);
  const finished = await entriesOf(source, 'exposure.scan.finished');
  const unfinished = scans.filter((scan) => scan.finishedAt === null);
  const sum = (field: string) => finished.reduce((total, entry) => total + (numberOf(entry, field) ?? 0), 0);
  const [errors, skipped] = [sum('errorsTotal'), sum('skipped')];
  const cite = finished.map((entry) => entry.seq);
  const blocks: Block[] = [];
  if (scans.length === 0)
    blocks.push(
      fact({
        id: 'no-scan',
        statement: 'No file was scanned, so secrets that leaked in files are not found here.',
        basis: 'No scan of this incident in the store.',
      }),
    );
  if (unfinished.length > 0)
    blocks.push(
      fact({
        id: 'scan-unfinished',
        statement: `${plural(unfinished.length, 'scan')} did not finish; what ${unfinished.length === 1 ? 'it' : 'they'} did not read is not known.`,
        citations: rangeOf(source, 'exposure.scan.started'),
        values: { unfinished: unfinished.length },
      }),
    );
  if (errors > 0)
    blocks.push(
      fact({
        id: 'scan-errors',
        statement: `The scans met ${plural(errors, 'place')} that they could not read as it should be; secrets there may be missing.`,
        citations: cite,
        values: { errors },
      }),
    );
  if (skipped > 0)
    blocks.push(
      fact({
        id: 'scan-skipped',
        statement: `The scans skipped ${plural(skipped, 'file')} that hold no text; secrets there are not found.`,
        citations: cite,
        values: { skipped },
      }),
    );
  return blocks;
}

function tripwires(source: Source): Block[] {
  const watched = source.groups.some((group) => group.kind.startsWith('watch.'));
  if (source.census.credentials.excepted === 0 || watched) return [];
  return [
    fact({
      id: 'no-tripwire',
      statement: 'No tripwire of ours watches the excepted credentials; their use would not be noticed here.',
      citations: rangeOf(source, 'exposure.excepted'),
      basis: 'No entry of a kind that begins with “watch.” for this incident in the ledger.',
    }),
  ];
}

const moment = ({ size, generatedAt }: Source): Block =>
  fact({
    id: 'as-of',
    statement:
      'A proof shows that a secret was refused when it was tried. What was changed at a system after that, by anybody, is not seen.',
    at: generatedAt,
    basis: `Everything was read at one moment, when the ledger had ${count(size)} entries.`,
  });
