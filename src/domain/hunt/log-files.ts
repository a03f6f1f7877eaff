/** `logs sources`: which kinds of log are in the lake, how much of each, and the files that it came from. */
import { readFiles, readInterrupted } from './coverage/read-coverage.ts';
import type { FileCoverage, InterruptedFile } from './coverage/types.ts';
import type { HuntContext } from './types.ts';

export interface SourceTally {
  source: string;
  files: number;
  events: number;
  rejects: number;
  first: Date | null;
  last: Date | null;
}

export interface LogFiles {
  tallies: SourceTally[];
  files: FileCoverage[];
  interrupted: InterruptedFile[];
}

export async function listLogFiles(context: HuntContext): Promise<LogFiles> {
  const lake = await context.lake();
  const files = await readFiles(lake);
  const tallies = new Map<string, SourceTally>();
  for (const file of files) {
    const tally = tallies.get(file.source) ?? {
      source: file.source,
      files: 0,
      events: 0,
      rejects: 0,
      first: null,
      last: null,
    };
    tally.files++;
    tally.events += file.events;
    tally.rejects += file.rejects;
    if (file.first && (tally.first === null || file.first < tally.first)) tally.first = file.first;
    if (file.last && (tally.last === null || file.last > tally.last)) tally.last = file.last;
    tallies.set(file.source, tally);
  }
  return { tallies: [...tallies.values()], files, interrupted: await readInterrupted(lake) };
}
