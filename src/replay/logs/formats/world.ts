/** What every log of the practice company draws from. */
import type { Cast } from '../cast.ts';
import { Dice } from '../dice.ts';
import { Attendance } from '../rhythm.ts';

export interface World {
  seed: string;
  cast: Cast;
  from: number;
  to: number;
}

/** The randomness of one log, which no other log disturbs. */
export const diceOf = (world: World, log: string): Dice => new Dice(`${world.seed}:${log}`);

export const attendanceOf = (world: World, dice: Dice): Attendance => new Attendance(world.cast, dice);

/** A text as JSON; most values of these logs need no marks, these may. */
export const quoted = (text: string): string => JSON.stringify(text);

/** The log is one file. */
export const oneFile = (path: string) => (): string => path;

const dayMs = 86_400_000;

/** A new file every `days` days from the beginning, named by its first day. */
export function rotated(world: World, days: number, name: (start: number) => string): (at: number) => string {
  let until = Number.NEGATIVE_INFINITY;
  let since = 0;
  let path = '';
  return (at) => {
    if (at < until && at >= since) return path;
    const part = Math.floor((at - world.from) / (days * dayMs));
    since = world.from + part * days * dayMs;
    until = since + days * dayMs;
    path = name(since);
    return path;
  };
}
