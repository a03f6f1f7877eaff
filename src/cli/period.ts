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
export function timeOf(option: string, typed: string, part: 'begin' | 'end'): string {
  const rest = part === 'begin' ? 'T00:00:00Z' : 'T23:59:59.999Z';
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(typed) ? `${typed}${rest}` : typed);
  if (Number.isNaN(date.getTime()))
    throw usage(option, 'a day such as 2023-11-14 or an ISO 8601 time', typed);
  return date.toISOString();
}
