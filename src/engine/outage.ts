/** Waiting for our own database to come back: a step that finds it down is repeated, not failed. */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';

const outageCodes = /^(08\w\w\w|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;
const outageMessages =
  /connection terminated|connection ended|client has encountered a connection error|the database system is/i;

/** Whether `error` says that the database itself is away, and not that a statement was wrong. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return outageCodes.test(code) || outageMessages.test(error.message) || isOutage(error.cause);
}

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
