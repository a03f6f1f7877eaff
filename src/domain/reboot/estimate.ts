/**
 * How long a plan will take. From earlier restarts of this installation where there are any, by role; else from an
 * assumption, and it says which. The time that each host is given at most is the bound above it.
 */
import type { Placed } from './arrange.ts';
import type { PlanEstimate } from './types.ts';

/** What restarts took: from the request until the host showed another boot. */
export interface MeasuredRestarts {
  /** Seconds that nine of ten hosts of the role stayed under. */
  byRole: ReadonlyMap<string, number>;
  /** The same over all; undefined when no restart was measured. */
  overall: number | undefined;
  /** How many restarts it was measured on. */
  restarts: number;
}

/** What a host takes to restart when nothing better is known. */
const assumedSecondsEach = 90;

/** A wave takes as long as the slowest of its roles; waves follow each other. Maintenance windows are not in it. */
export function estimate(
  placed: readonly Pick<Placed, 'wave' | 'role'>[],
  { byRole, overall, restarts }: MeasuredRestarts,
  minutesMax: number,
): PlanEstimate {
  const secondsEach = minutesMax * 60;
  const waves = new Map<number, number>();
  for (const { wave, role } of placed) {
    const seconds = byRole.get(role) ?? overall ?? assumedSecondsEach;
    waves.set(wave, Math.max(waves.get(wave) ?? 0, Math.min(seconds, secondsEach)));
  }
  const sum = [...waves.values()].reduce((total, seconds) => total + seconds, 0);
  return {
    seconds: Math.ceil(sum),
    secondsMax: Math.ceil(waves.size * secondsEach),
    basis: restarts > 0 ? 'measured' : 'assumed',
    restarts,
  };
}
