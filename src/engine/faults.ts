/**
 * The fault injector: stops the process (SIGKILL, as a power cut would) or fails the call before or after the
 * effect of a named step. Tests set FIREBREAK_FAULT, such as `kill:after:rotation.issue:2` (the second time);
 * without it every check is one comparison.
 */
import { FirebreakError } from '../kernel/errors.ts';

type FaultMoment = 'before' | 'after';

export interface Faults {
  /** Called by the engine around every step, and by steps around each effect inside them. */
  check(moment: FaultMoment, step: string): void;
}

export const noFaults: Faults = { check: () => {} };

/** Reads `kill|fail:before|after:STEP[:COUNT]`. */
export function parseFaults(text: string | undefined): Faults {
  if (!text) return noFaults;
  const match = /^(kill|fail):(before|after):([a-z.-]+)(?::(\d+))?$/.exec(text);
  if (!match)
    throw new FirebreakError(
      'bad_input',
      `FIREBREAK_FAULT must be kill|fail:before|after:STEP[:COUNT], got ${text}`,
    );
  const [, action, moment, step, count] = match;
  let left = Number(count ?? 1);
  return {
    check(at, name) {
      if (at !== moment || name !== step || --left !== 0) return;
      if (action === 'kill') process.kill(process.pid, 'SIGKILL');
      throw new FirebreakError('unavailable', `fault injected ${at} ${name}`, { retry: 'later' });
    },
  };
}
