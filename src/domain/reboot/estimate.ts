/**
 * How long a plan will take. From earlier restarts of this installation where there are any, by role; else from an
 * assumption, and it says which. The time that each host is given at most is the bound above it.
 */
import type { Placed } from './arrange.ts';
import type { PlanEstimate } from './types.ts';

/** What a role took in a wave: from its first request until its last host showed another boot. */
export interface MeasuredRestarts {
  /** Seconds that half of the waves of the role stayed under. */
  byRole: ReadonlyMap<string, number>;
  /** The same over all; undefined when no restart was measured. */
  overall: number | undefined;
  /** What half of the plans that went through in one run stayed under for a wave; 0 when there is none. */
  wave: number;
  /** How many hosts it was measured on. */
  restarts: number;
}

/** What a host takes to restart when nothing better is known. */
const assumedSecondsEach = 90;

/** A wave takes as long as the slowest of its roles, and not less than waves took before; they follow each other. Maintenance windows are not in it. */
export function estimate(
  placed: readonly Pick<Placed, 'wave' | 'role'>[],
  { byRole, overall, wave: least, restarts }: MeasuredRestarts,
  minutesMax: number,
): PlanEstimate {
  const secondsEach = minutesMax * 60;
  const waves = new Map<number, number>();
  for (const { wave, role } of placed) {
    const seconds = byRole.get(role) ?? overall ?? assumedSecondsEach;
    waves.set(wave, Math.max(waves.get(wave) ?? 0, Math.min(Math.max(seconds, least), secondsEach)));
  }
  const sum = [...waves.values()].reduce((total, seconds) => total + seconds, 0);
  return {
    seconds: Math.ceil(sum),
    secondsMax: Math.ceil(waves.size * secondsEach),
    basis: restarts > 0 ? 'measured' : 'assumed',
    restarts,
  };
}
