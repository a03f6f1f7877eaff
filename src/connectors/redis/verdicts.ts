/** What Redis's error answers say of a credential and of an act. https://redis.io/docs/latest/commands/auth/ */
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { failed, indeterminate, networkFailure, networkReason } from '../calls.ts';
import type { IndeterminateReason, Outcome, Verdict } from '../contract.ts';
import { NamelessLogin } from './login.ts';
import { RedisRefusal } from './resp.ts';

const reasons: Record<string, IndeterminateReason> = {
  NOPERM: 'not-permitted',
  DENIED: 'not-permitted',
  LOADING: 'unreachable',
  BUSY: 'unreachable',
  MASTERDOWN: 'unreachable',
};

/**
 * The verdict on a login that failed. WRONGPASS also stands for a user that is off or gone: the positive
 * control tells these apart.
 */
export function judge(error: unknown): Verdict {
  const message = messageOf(error);
  if (error instanceof RedisRefusal) {
    if (error.code === 'WRONGPASS') return { verdict: 'rejected', code: error.code, message };
    if (/max number of clients/i.test(message)) return indeterminate('rate-limited', message);
    return indeterminate(reasons[error.code] ?? 'unknown-error', message);
  }
  if (error instanceof NamelessLogin) return indeterminate('not-permitted', message);
  return indeterminate(driverReason(error), message);
}

function driverReason(error: unknown): IndeterminateReason {
  return (
    networkReason(error) ??
    (/connection is closed|isn't writeable/i.test(messageOf(error)) ? 'unreachable' : 'protocol')
  );
}

/** The outcome of an act that failed. */
export function failure(error: unknown): Extract<Outcome, { outcome: 'error' }> {
  const message = messageOf(error);
  if (error instanceof RedisRefusal) {
    const later = error.code in reasons && error.code !== 'NOPERM' && error.code !== 'DENIED';
    return failed(error.code, message, later ? 'later' : 'never');
  }
  if (error instanceof FirebreakError) return failed(error.code, message, error.retry);
  return networkFailure(error) ?? failed(driverReason(error), message, 'later');
}
