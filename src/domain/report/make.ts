/** Makes the parts of a report. Text passes here on its way in, so that nothing hostile reaches a renderer. */
import { printable } from '../../kernel/text.ts';
import type { Block, Column, Fact, Listing, Row, Table } from './types.ts';

const statementCharsMax = 4_000;
const cellCharsMax = 1_000;

/** Control and bidirectional characters made visible, half pairs of UTF-16 replaced. */
export function clean(text: string, max = cellCharsMax): string {
  return Buffer.from(printable(text, max).replaceAll('\u061c', '\\u061c')).toString();
}

export interface FactInput {
  id: string;
  statement: string;
  at?: Date | string;
  citations?: readonly (number | null | undefined)[];
  basis?: string;
  values?: Record<string, number | string | null>;
}

export function fact(input: FactInput): Block & { type: 'fact' } {
  return { type: 'fact', fact: makeFact(input) };
}

export function makeFact({ id, statement, at, citations = [], basis, values }: FactInput): Fact {
  return {
    id,
    statement: clean(statement, statementCharsMax),
    ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
    citations: seqs(citations),
    ...(basis === undefined ? {} : { basis: clean(basis) }),
    ...(values === undefined ? {} : { values }),
  };
}

export type Cell = string | number | Date | null | undefined;

/** One row of a table; `cells` by the ids of its columns. */
export function row(
  cells: Record<string, Cell>,
  citations: readonly (number | null | undefined)[] = [],
): Row {
  const entries = Object.entries(cells).map(([id, cell]) => [id, toCell(cell)]);
  return { cells: Object.fromEntries(entries), citations: seqs(citations) };
}

function toCell(cell: Cell): string | number | null {
  if (cell === undefined || cell === null) return null;
  if (cell instanceof Date) return cell.toISOString();
  return typeof cell === 'string' ? clean(cell) : cell;
}

/** `['ref', 'Credential', 'name']` */
export type ColumnInput = readonly [id: string, title: string, kind: Column['kind']];

export const columnsOf = (inputs: readonly ColumnInput[]): Column[] =>
  inputs.map(([id, title, kind]) => ({ id, title, kind }));

export function table(input: {
  id: string;
  title: string;
  columns: readonly ColumnInput[];
  rows: Row[];
  note?: string;
}): Table {
  const { note, columns, ...rest } = input;
  return {
    type: 'table',
    ...rest,
    columns: columnsOf(columns),
    ...(note === undefined ? {} : { note: clean(note) }),
  };
}

/** Lines stay lines; everything else is cleaned. */
export function listing(id: string, title: string, text: string, citations: readonly number[] = []): Listing {
  const lines = text.split('\n').map((line) => clean(line, statementCharsMax));
  return { type: 'listing', id, title: clean(title), text: lines.join('\n'), citations: seqs(citations) };
}

/** `2023-11-23 09:15:02 UTC` */
export const moment = (at: Date | string): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `a, b and c` */
export function join(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** `1.5 MB` */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = value < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${step === 0 ? value : (value / 1_000 ** step).toFixed(1)} ${units[step]}`;
}

function seqs(citations: readonly (number | null | undefined)[]): number[] {
  const known = citations.filter((seq): seq is number => typeof seq === 'number');
  return [...new Set(known)].sort((a, b) => a - b);
}
