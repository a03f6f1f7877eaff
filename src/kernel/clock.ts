/** Time as a port, so that tests and the replay can set it. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Wall-clock time, UTC. */
  now(): Date;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};
