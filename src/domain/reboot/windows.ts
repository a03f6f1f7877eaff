/** Maintenance windows, in UTC. */
import type { RebootPolicy, RebootWindow } from '../inventory/index.ts';

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The windows of a role: its own, or those of the policy. None means always. */
export const windowsOf = (policy: RebootPolicy, role: string): readonly RebootWindow[] =>
  policy.roles[role]?.windows ?? policy.windows;

/** Nothing when a restart may begin now; else when the next window opens. */
export function opensAt(windows: readonly RebootWindow[], now: Date): Date | undefined {
  if (windows.length === 0) return undefined;
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const opens: number[] = [];
  // From yesterday, whose window may reach over midnight, to the same day of next week.
  for (let day = -1; day <= 7; day++) {
    const start = midnight + day * dayMs;
    const name = names[new Date(start).getUTCDay()] as (typeof names)[number];
    for (const { days, from, to } of windows) {
      if (!days.includes(name)) continue;
      const [begin, end] = [start + minutes(from) * minuteMs, start + minutes(to) * minuteMs];
      const until = end > begin ? end : end + dayMs;
      if (begin <= now.getTime() && now.getTime() < until) return undefined;
      if (begin > now.getTime()) opens.push(begin);
    }
  }
  return new Date(Math.min(...opens));
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
