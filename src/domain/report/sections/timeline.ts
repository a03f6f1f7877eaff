/** Our acts in order. Decisions stand one by one; the entries of batches are summed, so that every entry is accounted for. */
import { count, plural } from '../../../kernel/text.ts';
import type { LedgerEntry } from '../../evidence/index.ts';
import { fact, moment, row, table } from '../make.ts';
import { entriesOf, fieldOf, numberOf, type Source, textOf } from '../source.ts';
import type { EntryGroup } from '../store.ts';
import type { Row, Section } from '../types.ts';

/** Entries that people make, or that begin and end something. */
const single: Record<string, (entry: LedgerEntry) => string> = {
  'incident.opened': (entry) => `Opened the incident: ${textOf(entry, 'title') ?? 'no title'}`,
  'incident.closed': () => 'Closed the incident',
  'exposure.matched': () => 'Matched the advisory against the inventory',
  'exposure.precaution': (entry) =>
    `Widened the exposure as a precaution: ${textOf(entry, 'reason') ?? 'no reason'}`,
  'exposure.scan.started': (entry) => `Began to scan ${pathsOf(entry)}`,
  'exposure.scan.finished': (entry) => `Finished scan ${entry.subject ?? ''}`,
  'exposure.excepted': (entry) => `Excepted ${textOf(entry, 'ref') ?? 'a credential'}`,
  'hunt.ingest.finished': () => 'Read logs in',
  'hunt.ioc.finished': (entry) => `Looked for indicators: ${seenOf(entry)}`,
  'hunt.sigma.finished': () => 'Matched rules against the logs',
  'hunt.descendants.finished': () => 'Followed what the attacker made',
  'hunt.access.finished': () => 'Counted what was read',
  'hunt.descendant.contained': (entry) =>
    `Contained ${madeOf(entry)}: ${textOf(entry, 'because') ?? 'no reason'}`,
  'hunt.descendant.excepted': (entry) => `Excepted ${madeOf(entry)}`,
  'triage.created': (entry) =>
    fieldOf(entry, 'source') === 'imported'
      ? `Brought in a collection that was made elsewhere`
      : `Began to examine ${plural(numberOf(entry, 'hosts') ?? 0, 'system')}`,
  'triage.ended': (entry) =>
    `Examination ${entry.subject} came to rest: ${textOf(entry, 'status') ?? 'status not known'}`,
  'triage.excepted': (entry) => `Excepted system ${entry.subject} from the examination`,
  'reboot.planned': (entry) =>
    `Planned the restart of ${plural(numberOf(entry, 'members') ?? 0, 'system')}, plan ${entry.subject}`,
  'reboot.approved': (entry) => `Approved reboot plan ${entry.subject}`,
  'reboot.started': (entry) => `Started reboot plan ${entry.subject}`,
  'reboot.retried': (entry) => `Ran again what had failed in reboot plan ${entry.subject}`,
  'reboot.pause': (entry) => `Paused reboot plan ${entry.subject}`,
  'reboot.cancel': (entry) => `Cancelled reboot plan ${entry.subject}`,
  'reboot.ended': (entry) =>
    `Reboot plan ${entry.subject} came to rest: ${textOf(entry, 'status') ?? 'status not known'}`,
  'reboot.excepted': (entry) => `Excepted system ${entry.subject} from the restart`,
  'rotation.planned': (entry) => `Planned campaign ${entry.subject}`,
  'rotation.approved': (entry) => `Approved campaign ${entry.subject}`,
  'rotation.started': (entry) => `Started campaign ${entry.subject}`,
  'rotation.retried': (entry) => `Ran again what had failed in campaign ${entry.subject}`,
  'rotation.pause': (entry) => `Paused campaign ${entry.subject}`,
  'rotation.cancel': (entry) => `Cancelled campaign ${entry.subject}`,
  'rotation.ended': (entry) =>
    `Campaign ${entry.subject} came to rest: ${textOf(entry, 'status') ?? 'status not known'}`,
};

const madeOf = (entry: LedgerEntry): string =>
  `${textOf(entry, 'kind') ?? ''} ${textOf(entry, 'name') ?? entry.subject}`.trim();

const seenOf = (entry: LedgerEntry): string =>
  `${count(numberOf(entry, 'seen') ?? 0)} of ${plural(numberOf(entry, 'indicators') ?? 0, 'indicator')} seen`;

export async function timeline(source: Source): Promise<Section> {
  const entries = await entriesOf(source, ...Object.keys(single));
  // What does not fit in the list is summed like the entries of batches: nothing is left out.
  const shown = new Set(entries.map((entry) => entry.kind));
  const total = source.groups.reduce((sum, group) => sum + group.count, 0);
  const whole =
    source.groups.filter((group) => shown.has(group.kind)).reduce((sum, group) => sum + group.count, 0) ===
    entries.length;
  const summed = source.groups.filter((group) => !(whole && shown.has(group.kind)));
  const rows = [...(whole ? entries.map(rowOf) : []), ...summed.map(sumOf)];
  rows.sort((a, b) => (a.citations[0] ?? 0) - (b.citations[0] ?? 0));
  const columns = [
    ['at', 'At (UTC)', 'time'],
    ['what', 'What was done', 'text'],
    ['who', 'By', 'text'],
  ] as const;
  return {
    id: 'timeline',
    title: 'What we did, in order',
    blocks: [
      fact({
        id: 'timeline',
        statement: `The ledger holds ${plural(total, 'entry', 'entries')} of this incident. Entries that batches wrote are summed, with the first and the last cited.`,
        citations: source.groups.flatMap((group) => [group.firstSeq, group.lastSeq]).slice(0, 2),
        basis: `Counted in the ledger up to entry ${source.size - 1}.`,
        values: { entries: total },
      }),
      table({ id: 'timeline', title: 'Timeline', columns, rows }),
    ],
  };
}

const rowOf = (entry: LedgerEntry): Row =>
  row({ at: entry.at, what: single[entry.kind]?.(entry) ?? entry.kind, who: entry.actor }, [entry.seq]);

function sumOf(group: EntryGroup): Row {
  const where = group.campaign ? ` in campaign ${group.campaign}` : '';
  const [first, last] = [moment(group.firstAt), moment(group.lastAt)];
  const until = first === last ? '' : `, until ${last}`;
  const who = group.actors === 1 ? group.actor : `${group.actor} and ${plural(group.actors - 1, 'other')}`;
  return row({ at: group.firstAt, what: `${describeKind(group)}${where}${until}`, who }, [
    group.firstSeq,
    group.lastSeq,
  ]);
}

function describeKind({ kind, count: entries }: EntryGroup): string {
  const stage = /^rotation\.(\w+)\.(intended|recorded)$/.exec(kind);
  if (stage)
    return `${stage[2] === 'intended' ? 'Announced' : 'Recorded'} ${count(entries)} × stage ${stage[1]}`;
  if (kind === 'proof') return `Recorded ${plural(entries, 'proof')}`;
  if (kind === 'reboot.proof') return `Recorded ${plural(entries, 'proof')} of a restart`;
  if (kind === 'exposure.found') return `Recorded what scans found, in ${plural(entries, 'part')}`;
  return `${plural(entries, 'entry', 'entries')} of kind ${kind}`;
}

function pathsOf(entry: LedgerEntry): string {
  const paths = fieldOf(entry, 'paths');
  return Array.isArray(paths) ? paths.join(', ') : 'files';
}
