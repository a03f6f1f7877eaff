/** How a command is declared. */
import type { Command } from 'commander';
import type { ExitCode } from '../api/index.ts';
import { badInput, type FirebreakError } from '../kernel/errors.ts';
import type { Io } from './io.ts';
import type { Outcome } from './world.ts';

/** What a command does: gives what is to be shown, or an exit code when it has shown it itself. */
export type Action<A extends unknown[]> = (io: Io, ...args: A) => Promise<Outcome | ExitCode>;

/** Makes of an action what commander calls. */
export type Bind = <A extends unknown[]>(action: Action<A>) => (...args: A) => Promise<void>;

/** A group of commands adds itself to the program. */
export type AddCommands = (program: Command, bind: Bind) => void;

/** Examples at the end of a command's help: what to type, and what it does. */
export function examples(
  command: Command,
  lines: readonly (readonly [typed: string, does: string])[],
): Command {
  const width = Math.max(...lines.map(([typed]) => typed.length));
  const text = lines.map(([typed, does]) =>
    width > 60 ? `  ${typed}\n      ${does}` : `  ${typed.padEnd(width)}  ${does}`,
  );
  return command.addHelpText('after', `\nExamples:\n${text.join('\n')}`);
}

export interface IncidentOption {
  incident?: string;
}

/** `--incident ID`; without it the only open one. */
export function withIncident(command: Command): Command {
  return command.option(
    '--incident <id>',
    'incident, or the beginning of its id (default: the only open one)',
  );
}

export const incidentParam = ({ incident }: IncidentOption) => ({
  param: { incident: incident ?? 'current' },
});

export interface PageOption {
  limit?: string;
  after?: string;
}

const defaultRows = '100';

export function withPage(command: Command): Command {
  return command
    .option('--limit <n>', 'rows to show', defaultRows)
    .option('--after <ref>', 'begin after this one: the next page');
}

export const pageOf = ({ limit = defaultRows, after }: PageOption) => ({
  limit,
  ...(after === undefined ? {} : { after }),
});

/** The options that were given, without those that were not. */
export function given<T extends Record<string, string | undefined>>(options: T): { [K in keyof T]?: string } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: string };
}

/** What was typed does not fit: exit 2. */
export function usage(field: string, expected: string, got?: string): FirebreakError {
  return badInput('the command line', [
    { field, expected, ...(got === undefined ? {} : { got: JSON.stringify(got) }) },
  ]);
}
