/** `--from` and `--to` of a command. */
import type { Command } from 'commander';
import { usage } from './command.ts';

export interface PeriodOption {
  from?: string;
  to?: string;
}

/** A day counts from its begin to its end. */
export function withPeriod(command: Command): Command {
  return command
    .option(
      '--from <time>',
      'begin, such as 2023-11-14 or an ISO 8601 time (default: the begin of the breach)',
    )
    .option('--to <time>', 'end; a day counts to its end (default: now)');
}

export function periodOf({ from, to }: PeriodOption): { from?: string; to?: string } {
  return {
    ...(from === undefined ? {} : { from: timeOf('--from', from, 'begin') }),
    ...(to === undefined ? {} : { to: timeOf('--to', to, 'end') }),
  };
}

/** ISO 8601 of what was typed; of a day, its begin or its end. */
export function timeOf(
  option: string,
  typed: string,
  part: 'begin' | 'end',
  expected = 'a day such as 2023-11-14 or an ISO 8601 time',
): string {
  const rest = part === 'begin' ? 'T00:00:00Z' : 'T23:59:59.999Z';
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(typed) ? `${typed}${rest}` : typed);
  if (Number.isNaN(date.getTime())) throw usage(option, expected, typed);
  return date.toISOString();
}

/** When an exception ends: a day, a time, or so many days from now, as in `30d`. */
export function endOf(option: string, typed: string): string {
  const [, days] = /^(\d{1,4})d$/.exec(typed) ?? [];
  if (days !== undefined) return new Date(Date.now() + Number(days) * 24 * 60 * 60 * 1_000).toISOString();
  const expected = 'a day such as 2026-12-31, a number of days such as 30d, or an ISO 8601 time';
  return timeOf(option, typed, 'end', expected);
}
