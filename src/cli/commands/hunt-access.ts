/** `firebreak hunt access` and `firebreak hunt timeline`. */
import type { Command } from 'commander';
import { AccessResult } from '../../api/contract.ts';
import { answerOf, unwrap } from '../../api/index.ts';
import { type TimelineFormat, timelineFormats } from '../../domain/hunt/nouns.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { type Bind, examples, type IncidentOption, incidentParam, usage, withIncident } from '../command.ts';
import { followJob } from '../follow.ts';
import { bytes } from '../format.ts';
import type { Io } from '../io.ts';
import { dim, good } from '../paper.ts';
import { type PeriodOption, periodOf, withPeriod } from '../period.ts';
import { streamToStdout, writeStream } from '../stream.ts';
import { printAccess } from '../views/access.ts';
import { waitFor } from '../wait-for.ts';
import type { Outcome } from '../world.ts';

interface AttackerOption extends IncidentOption, PeriodOption {
  principal?: string[];
  address?: string[];
}

const attackerOf = ({ principal, address, ...options }: AttackerOption) => ({
  ...periodOf(options),
  ...(principal === undefined ? {} : { principals: principal }),
  ...(address === undefined ? {} : { addresses: address }),
});

interface AccessOption extends AttackerOption {
  totals?: string;
  list?: boolean;
}

async function access(io: Io, { totals, list, ...options }: AccessOption): Promise<Outcome> {
  const client = await io.client();
  const json = { ...attackerOf(options), ...(totals === undefined ? {} : { totalsFile: io.path(totals) }) };
  const { job } = await unwrap(
    client.v1.incidents[':incident'].hunts.access.$post({ ...incidentParam(options), json }),
  );
  const again = 'firebreak hunt access';
  const result = await followJob(io, job, { title: 'Reading what was read', schema: AccessResult, again });
  return {
    json: result,
    print: (paper) => printAccess(paper, result, list === true),
    exitCode: result.outstanding.length > 0 ? 1 : 0,
  };
}

interface TimelineOption extends AttackerOption {
  format: string;
  out?: string;
}

async function timeline(io: Io, { format: typed, out, ...options }: TimelineOption): Promise<Outcome> {
  const format = timelineFormats.find((one) => one === typed);
  if (!format) throw usage('--format', `one of ${timelineFormats.join(', ')}`, typed);
  const pieces = await request(io, options, io.json && out === undefined ? 'json' : format);
  if (out === undefined)
    return streamToStdout(io, pieces, (whole) => JSON.parse(whole) as Record<string, unknown>);
  const file = io.path(out);
  const size = await writeStream(file, pieces);
  return {
    json: { file, format, bytes: size },
    print: (paper) => paper.line(good('written'), `  ${file}  `, dim(bytes(size))),
  };
}

async function request(
  io: Io,
  options: AttackerOption,
  format: TimelineFormat,
): Promise<AsyncIterable<Uint8Array>> {
  const client = await io.client();
  const call = client.v1.incidents[':incident'].timeline.$post({
    ...incidentParam(options),
    json: { ...attackerOf(options), format },
  });
  const { body } = await waitFor(io, 'Putting it in order', () => answerOf(call as Promise<Response>));
  if (body === null) throw new FirebreakError('internal', 'the server sent no timeline');
  return body as unknown as AsyncIterable<Uint8Array>;
}

const withAttacker = (command: Command): Command =>
  withPeriod(withIncident(command))
    .option(
      '--principal <name...>',
      'whose acts: users, e-mail addresses, key ids (default: the exposed ones)',
    )
    .option('--address <address...>', 'and whatever came from these addresses or ranges');

export function addAccessCommands(group: Command, bind: Bind): void {
  const reading = group
    .command('access')
    .description(
      'what the attacker read, counted in things; and for each protected class, whether it was read',
    )
    .option('--totals <file>', 'JSON with how many there are: {"totals": {"issues": 2059357}}')
    .option('--list', 'name each thing that was read');
  examples(withAttacker(reading).action(bind(access)), [
    ['firebreak hunt access --totals estate-totals.json', '36 of 2,059,357 tickets'],
    [
      'firebreak hunt access --principal smartsheet_svc --address 192.0.2.66 --list',
      'one account and one address',
    ],
  ]);
  const ordering = group
    .command('timeline')
    .description('what was found, made and read, sessions and pauses, and our own acts, in one order')
    .option('--format <format>', timelineFormats.join(', '), 'text')
    .option('--out <file>', 'write it there (default: stdout)');
  examples(withAttacker(ordering).action(bind(timeline)), [
    ['firebreak hunt timeline', 'a line each, with the line of the log or the ledger entry that shows it'],
    ['firebreak hunt timeline --format timesketch --out timeline.jsonl', 'for Timesketch'],
    ['firebreak hunt timeline --format csv --out timeline.csv', 'for a spreadsheet; no cell is a formula'],
  ]);
}
