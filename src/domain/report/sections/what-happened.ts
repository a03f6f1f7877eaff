/** What the supplier's breach was, as the advisory tells it. */
import { digestOf } from '../../advisory/index.ts';
import { fact, join, row, table } from '../make.ts';
import { entriesOf, type Source, textOf } from '../source.ts';
import type { Block, Section } from '../types.ts';

export async function whatHappened(source: Source): Promise<Section> {
  const { advisory } = source.incident;
  const opened = (await entriesOf(source, 'incident.opened'))[0];
  const cite = opened ? [opened.seq] : [];
  const basis = opened
    ? undefined
    : 'The advisory as it is stored with the incident; no ledger entry says that the incident was opened.';
  const { supplier, disclosed } = advisory;
  const blocks: Block[] = [
    fact({
      id: 'breach',
      statement: `The supplier ${supplier.name} was breached. ${sentence(advisory.title)} ${advisory.summary}`,
      citations: cite,
      basis,
    }),
    fact({
      id: 'disclosed',
      statement: disclosed
        ? `The public learned of it on ${disclosed}.`
        : 'When the public learned of it is not known.',
      citations: cite,
      basis,
    }),
    windows(source, cite),
    exposed(source, cite),
    digest(source, opened && textOf(opened, 'digest'), cite),
    fact({ id: 'references', statement: references(source), citations: cite, basis }),
  ];
  return { id: 'what-happened', title: 'What happened', blocks };
}

function windows({ incident }: Source, cite: number[]) {
  const rows = incident.advisory.windows.map((window) =>
    row(
      {
        what: window.what,
        from: window.from === null ? 'not known' : plain(window.from),
        to: window.to === null ? 'open-ended' : plain(window.to),
        source: `${window.provenance.source} (${window.provenance.kind})`,
        confidence: window.confidence,
      },
      cite,
    ),
  );
  const columns = [
    ['what', 'What could be read', 'text'],
    ['from', 'From', 'time'],
    ['to', 'Until', 'time'],
    ['source', 'Source', 'text'],
    ['confidence', 'Confidence', 'code'],
  ] as const;
  return table({ id: 'windows', title: 'When, in UTC', columns, rows });
}

function exposed({ incident }: Source, cite: number[]) {
  const rows = incident.advisory.exposes.map((one) =>
    row(
      {
        class: one.class,
        description: one.description,
        where: one.where,
        windows: one.windows ? join(one.windows) : 'all windows',
        source: `${one.provenance.source} (${one.provenance.kind})`,
      },
      cite,
    ),
  );
  const columns = [
    ['class', 'Class', 'code'],
    ['description', 'What', 'text'],
    ['where', 'Where it stood', 'text'],
    ['windows', 'Window', 'text'],
    ['source', 'Source', 'text'],
  ] as const;
  return table({ id: 'exposed-classes', title: 'What the breach exposed', columns, rows });
}

/** The advisory in the store is the one that the ledger's first entry of the incident names, or this says that it is not. */
function digest({ incident }: Source, recorded: string | undefined, cite: number[]): Block {
  const now = digestOf(incident.advisory);
  const id = incident.advisory.id;
  if (recorded === undefined)
    return fact({
      id: 'advisory',
      statement: `Advisory ${id} has the digest ${now}. The ledger does not record it.`,
      basis: 'Computed from the advisory stored with the incident.',
    });
  const statement =
    recorded === now
      ? `This is what advisory ${id} says. Its digest, ${now}, is the one that the ledger recorded when the incident was opened.`
      : `Advisory ${id} was changed in the store: its digest is ${now}, and the ledger recorded ${recorded} when the incident was opened. Do not trust this section.`;
  return fact({ id: 'advisory', statement, citations: cite });
}

function references({ incident }: Source): string {
  const { references: list } = incident.advisory;
  if (list.length === 0) return 'The advisory names no published source.';
  return `Published sources: ${join(list.map(({ url, kind }) => `${url} (${kind})`))}.`;
}

/** The table's title says that it is UTC. */
const plain = (at: string): string => at.replace('T', ' ').replace(/Z$/, '');

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
