/**
 * What an application's answers say of a credential and of an act. No message quotes an answer's body: an
 * application may echo what it was sent.
 */
import { FirebreakError, messageOf } from '../../kernel/errors.ts';
import { CallStopped, failed, indeterminate } from '../calls.ts';
import type { Outcome, Verdict } from '../contract.ts';
import { HttpFault, pointTo, type Reply, textAt, UnknownVariable } from './client.ts';
import type { Act, Answer, Verify } from './schema.ts';

/** The declared answer that `reply` is, with the code that it carries. */
function matchAnswer(reply: Reply, answers: readonly Answer[]): string | undefined {
  for (const { status, code, codes } of answers) {
    if (reply.status !== status) continue;
    if (code === undefined) return String(status);
    const found = textAt(reply.json, code);
    if (found !== undefined && (codes === undefined || codes.includes(found))) return found;
  }
  return undefined;
}

const isSuccess = ({ status }: Reply): boolean => status >= 200 && status < 300;

/** The verdict on a request that presented a credential. */
export function judge(reply: Reply, verify: Verify): Verdict {
  const refused = matchAnswer(reply, verify.refused);
  if (refused !== undefined)
    return {
      verdict: 'rejected',
      code: refused.slice(0, 100),
      message: `the application answered ${reply.status}`,
    };
  if (!isSuccess(reply)) return unclear(reply);
  if (!reply.isJson) return indeterminate('protocol', `${reply.status} without JSON: perhaps a login page`);
  const principal = textAt(reply.json, verify.principal);
  if (principal === undefined)
    return indeterminate('protocol', `${reply.status} without a principal at ${verify.principal}`);
  return { verdict: 'accepted', principal };
}

function unclear({ status }: Reply): Extract<Verdict, { verdict: 'indeterminate' }> {
  if (status === 429) return indeterminate('rate-limited', 'the application answered 429');
  if (status >= 300 && status < 400)
    return indeterminate('protocol', `${status}: a redirect, perhaps to a login page`);
  if (status >= 500) return indeterminate('protocol', `the application answered ${status}`);
  if (status === 403) return indeterminate('not-permitted', 'the application answered 403');
  return indeterminate(
    'unknown-error',
    `${status} with a code that is not declared as an authentication error`,
  );
}

/** The verdict on a request that failed before there was an answer. */
export function judgeFault(error: unknown): Extract<Verdict, { verdict: 'indeterminate' }> {
  if (error instanceof HttpFault || error instanceof CallStopped)
    return indeterminate(error.reason, error.message);
  return indeterminate('protocol', 'the call failed');
}

/** The outcome of an act that was answered. */
export function outcomeOf(reply: Reply, act: Pick<Act, 'absent' | 'count'>): Outcome {
  if (matchAnswer(reply, act.absent) !== undefined) return { outcome: 'absent' };
  if (!isSuccess(reply)) return refusal(reply);
  if (act.count === undefined) return { outcome: 'done' };
  const count = pointTo(reply.json, act.count);
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
    return failed('protocol', `${reply.status} without a count at ${act.count}`, 'later');
  return count === 0 ? { outcome: 'absent' } : { outcome: 'done', count };
}

/** The error outcome of an answer that is no success. */
export function refusal(reply: Reply): Extract<Outcome, { outcome: 'error' }> {
  const { reason, message } = unclear(reply);
  if (reply.status === 401 || reply.status === 403)
    return failed('not-permitted', `the application answered ${reply.status} to the administrator`, 'never');
  return failed(reason, message, reply.status === 429 || reply.status >= 500 ? 'later' : 'never');
}

/** The error outcome of an act that failed before there was an answer. */
export function failure(error: unknown): Extract<Outcome, { outcome: 'error' }> {
  if (error instanceof UnknownVariable) return failed('unknown-variable', error.message, 'never');
  if (error instanceof HttpFault)
    return failed(error.reason, error.message, error.reason === 'protocol' ? 'never' : 'later');
  if (error instanceof CallStopped) return failed(error.reason, error.message, 'later');
  if (error instanceof FirebreakError) return failed(error.code, messageOf(error), error.retry);
  return failed('protocol', 'the call failed', 'later');
}
