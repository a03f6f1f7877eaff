/** `except`: signed exceptions that end, as every command grants them that accounts for something. */
import type { Command } from 'commander';
import type { Client } from '../api/index.ts';
import { type Action, type Bind, examples, type IncidentOption, withIncident } from './command.ts';
import type { Io } from './io.ts';
import { endOf } from './period.ts';
import { printExceptions } from './views/exceptions.ts';
import type { Outcome } from './world.ts';

export interface ExceptOption extends IncidentOption {
  reason: string;
  approver: string;
  until: string;
}

/** What goes over the wire; `until` is the end of the day where a day was typed. */
interface Terms {
  reason: string;
  approver: string;
  until: string;
}

interface Granted {
  until: string;
  ledgerSeq: number;
}

/** Asks `grant` for each in turn. */
export async function exceptEach<G extends Granted>(
  io: Io,
  names: readonly string[],
  { reason, approver, until }: ExceptOption,
  grant: (client: Client, name: string, terms: Terms) => Promise<G>,
  nameOf: (granted: G, name: string) => string = (_, name) => name,
): Promise<Outcome & { json: { exceptions: G[] } }> {
  const client = await io.client();
  const terms = { reason, approver, until: endOf('--until', until) };
  const exceptions: G[] = [];
  const shown: { name: string; ledgerSeq: number }[] = [];
  for (const name of names) {
    const granted = await grant(client, name, terms);
    exceptions.push(granted);
    shown.push({ name: nameOf(granted, name), ledgerSeq: granted.ledgerSeq });
  }
  return { json: { exceptions }, print: (paper) => printExceptions(paper, shown, terms) };
}

/** The same for one thing: its JSON is the one exception. */
export async function exceptOne<G extends Granted>(
  io: Io,
  name: string,
  options: ExceptOption,
  grant: (client: Client, name: string, terms: Terms) => Promise<G>,
): Promise<Outcome> {
  const outcome = await exceptEach(io, [name], options, grant);
  return { ...outcome, json: outcome.json.exceptions[0] };
}

interface ExceptWords {
  argument: string;
  description: string;
  /** What the reason is for: `why it can not be rotated now`. */
  reason: string;
  example: readonly [typed: string, does: string];
}

export function addExcept<N>(
  group: Command,
  bind: Bind,
  { argument, description, reason, example }: ExceptWords,
  act: Action<[names: N, options: ExceptOption]>,
): void {
  examples(
    withIncident(group.command('except').argument(argument).description(description))
      .requiredOption('--reason <text>', reason)
      .requiredOption('--approver <name>', 'who answers for it')
      .requiredOption('--until <when>', 'when it is outstanding again: a day such as 2026-12-31, or 30d')
      .action(bind(act)),
    [example],
  );
}
