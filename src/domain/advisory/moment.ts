/**
 * Times as advisories give them: a day, a minute or a second, always UTC. A time stands for its whole unit,
 * so a window from a day begins with the day's first millisecond and a window to a day ends with its last.
 */
import { z } from 'zod';

const pattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/;

/** `2023-09-28`, `2023-09-28T15:06Z` or `2023-09-28T15:06:00Z`. */
export const Moment = z
  .string()
  .regex(pattern, {
    error: 'a UTC day or time such as 2023-09-28, 2023-09-28T15:06Z or 2023-09-28T15:06:00Z',
    abort: true,
  })
  .refine(isReal, 'a day and time that exist in the calendar');
export type Moment = z.infer<typeof Moment>;

/** `2023-09-28`. */
export const Day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'a day such as 2023-09-28', abort: true })
  .refine(isReal, 'a day that exists in the calendar');
export type Day = z.infer<typeof Day>;

/** The first millisecond that `moment` stands for. */
export function firstOf(moment: Moment): Date {
  return new Date(fullForm(moment));
}

/** The last millisecond that `moment` stands for. */
export function lastOf(moment: Moment): Date {
  return new Date(firstOf(moment).getTime() + unitMs(moment) - 1);
}

function unitMs(moment: Moment): number {
  if (!moment.includes('T')) return 24 * 60 * 60 * 1000;
  return moment.length === 'YYYY-MM-DDTHH:MMZ'.length ? 60 * 1000 : 1000;
}

/** The form that every JavaScript engine reads as UTC. */
function fullForm(moment: Moment): string {
  if (!moment.includes('T')) return `${moment}T00:00:00.000Z`;
  return moment.length === 'YYYY-MM-DDTHH:MMZ'.length
    ? moment.replace('Z', ':00.000Z')
    : moment.replace('Z', '.000Z');
}

/** JavaScript reads February 30th as March 2nd, so the date is written back and compared. */
function isReal(moment: string): boolean {
  const date = new Date(fullForm(moment));
  return !Number.isNaN(date.getTime()) && date.toISOString() === fullForm(moment);
}
