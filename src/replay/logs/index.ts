/**
 * The logs of the practice company, two months of all its systems in the vendors' own formats, with the intrusion
 * of November 2023 in them as it was published. The same seed gives the same bytes. See README.md.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { tellStory } from './acts/index.ts';
import { makeCast, totals } from './cast.ts';
import { Dice } from './dice.ts';
import { DeliverySink, LineSink, type SinkFacts } from './log-file.ts';
import { type AnyLog, makeLogs } from './logs.ts';
import { moment } from './stamps.ts';
import type { Breakage } from './stream.ts';
import { TruthKeeper } from './truth.ts';
import type { LogEstate, LogFileInfo, LogGap, LogsOptions } from './types.ts';

export { indicators } from './acts/schedule.ts';
export type {
  LogEstate,
  LogFileInfo,
  LogGap,
  LogsOptions,
  Place,
  Totals,
  Truth,
  TruthEvent,
} from './types.ts';

/** The logs reach from before the breach to the beginning of the independent forensics, and the day after. */
const logsFrom = moment('10-01');
const logsTo = moment('11-28');

export const defaultEvents = 2_000_000;
const defaultSeed = 'thanksgiving-2023';

/** The collector of the status page's log was down for a day: nothing that matters much, and still no proof of anything. */
const defaultGaps: readonly LogGap[] = [
  { log: 'nginx:status-01', from: moment('11-21'), to: moment('11-22') },
];

const half = (record: string): string => record.slice(0, Math.floor(record.length / 2));

/** What a crash of a collector, a full disk and a bad copy leave. In logs that the intruder is in only by DNS. */
const breakages: readonly (Breakage & { log: string })[] = [
  { log: 'gateway-dns', at: moment('10-20 03:12'), spoil: half, why: 'cut off in the middle' },
  {
    log: 'nginx:www-01',
    at: moment('11-02 04:00'),
    spoil: (record) => record.slice(0, 24),
    why: 'cut off in the middle',
  },
  {
    log: 'kubernetes',
    at: moment('11-05 22:41'),
    spoil: (record) => `${half(record)}${record}`,
    why: 'two records run into each other',
  },
];

/** Writes all logs. Throws bad_input for numbers out of range, and what `signal` was aborted with. */
export async function writeLogs(options: LogsOptions): Promise<LogEstate> {
  const { events = defaultEvents, seed = defaultSeed, gaps = defaultGaps, broken = true } = options;
  if (!Number.isSafeInteger(events) || events < 1 || events > limits.practiceLogEventsMax)
    throw new FirebreakError(
      'bad_input',
      `events must be 1 to ${limits.practiceLogEventsMax}, not ${events}`,
    );
  const root = join(options.folder, 'logs');
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  const cast = makeCast(seed);
  const told = tellStory(cast, seed);
  const logs = makeLogs({ seed, cast, from: logsFrom, to: logsTo }, told.deeds);
  checkNames(logs, gaps, told.deeds.length);

  const keeper = new TruthKeeper();
  const files: LogFileInfo[] = [];
  const shares = logs.reduce((sum, { share }) => sum + share, 0);
  let before = 0;
  for (const log of logs) {
    const sink = sinkOf(log, root);
    const written = await log.run({
      sink,
      dice: new Dice(`${seed}:${log.id}:pace`),
      from: logsFrom,
      to: logsTo,
      budget: Math.max(1, Math.round((Math.max(0, events - told.deeds.length) * log.share) / shares)),
      gaps: gaps.filter((gap) => gap.log === log.id),
      breakages: broken ? breakages.filter((one) => one.log === log.id) : [],
      onDeed: (deed, place) => keeper.deed(deed, place),
      onBroken: (why, place) => keeper.broken(why, place),
      onDay: (records) => {
        options.signal?.throwIfAborted();
        options.progress?.(before + records, events);
      },
    });
    files.push(...(await sink.close()));
    before += written;
    options.progress?.(before, events);
  }
  const truth = keeper.tell({ seed, from: logsFrom, to: logsTo, cast, told, gaps });
  const truthFile = await writeBeside(options.folder, 'truth/logs.json', truth);
  const totalsFile = await writeBeside(options.folder, 'estate-totals.json', {
    asOf: new Date(logsTo).toISOString(),
    totals,
  });
  return { folder: root, files, events: before, truth, truthFile, totalsFile };
}

function sinkOf(log: AnyLog, root: string) {
  const { source, host, path } = log;
  const facts: SinkFacts = { root, source, path, ...(host === undefined ? {} : { host }) };
  return log.delivery ? new DeliverySink(facts) : new LineSink(facts);
}

/** A gap or a deed of a log that does not exist would be lost without a word. */
function checkNames(logs: readonly AnyLog[], gaps: readonly LogGap[], deeds: number): void {
  const ids = new Set(logs.map(({ id }) => id));
  for (const { log } of gaps)
    if (!ids.has(log))
      throw new FirebreakError('bad_input', `there is no log ${log}; there are: ${[...ids].join(', ')}`);
  assert(logs.reduce((sum, log) => sum + log.deeds, 0) === deeds, 'each deed stands in one log');
}

async function writeBeside(folder: string, name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${JSON.stringify(content, null, 1)}\n`);
  return file;
}
