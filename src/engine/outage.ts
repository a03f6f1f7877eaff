/** Waiting for our own database to come back: a step that finds it down is repeated, not failed. */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { isOutage } from '../kernel/outage.ts';

/** Runs `act`, which must bear repeating, until the database answers; gives up after `waitMs`. */
export async function outlastOutage<T>(
  act: () => Promise<T>,
  clock: Clock,
  log: Log,
  waitMs = 120_000,
): Promise<T> {
  const giveUpAt = clock.monotonicMs() + waitMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    try {
      return await act();
    } catch (error) {
      if (!isOutage(error) || clock.monotonicMs() > giveUpAt) throw error;
      log.debug({ error, pauseMs }, 'the database is away; waiting for it');
      await clock.sleep(pauseMs);
    }
  }
}
