/** Spreads calls evenly so that no more than `perSecond` start in a second. */
import type { Clock } from '../../kernel/clock.ts';

export function createPacer(
  clock: Clock,
  perSecond: number | undefined,
): <T>(act: () => Promise<T>) => Promise<T> {
  if (!perSecond) return (act) => act();
  const gapMs = 1_000 / perSecond;
  let nextMs = 0;
  return async (act) => {
    const nowMs = clock.monotonicMs();
    const startMs = Math.max(nowMs, nextMs);
    nextMs = startMs + gapMs;
    if (startMs > nowMs) await clock.sleep(startMs - nowMs);
    return act();
  };
}
