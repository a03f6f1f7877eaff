/** How a cell reads, in every format that people read. */
import { count } from '../../kernel/text.ts';
import type { Column, Row } from './types.ts';

const isoMoment = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{3}Z$/;

export function cellText(row: Row, { id, kind }: Column): string {
  const value = row.cells[id];
  if (value === null || value === undefined) return 'not known';
  if (typeof value === 'number') return count(value);
  return kind === 'time' ? value.replace(isoMoment, '$1 $2') : value;
}
