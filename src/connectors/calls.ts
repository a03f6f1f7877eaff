/**
 * What every connector needs for a call to a system: a time limit and an abort that end it at once, the
 * reason behind a network error, and work that many callers share.
 */
import { setMaxListeners } from 'node:events';
import { FirebreakError, messageOf } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import { printable } from '../kernel/text.ts';
import type { IndeterminateReason, Outcome, Verdict } from './contract.ts';

/** A call that we ended ourselves: its time was up, or the caller aborted it. */
export class CallStopped extends Error {
  readonly reason: 'timeout' | 'aborted';

  constructor(reason: 'timeout' | 'aborted') {
    super(reason === 'timeout' ? 'no answer within the time limit' : 'aborted');
    this.name = 'CallStopped';
    this.reason = reason;
  }
}

/**
 * Runs `act` until it settles, `signal` aborts or `ms` have passed, whichever is first. In the last two
 * cases `stop` is called once with the reason, to tear down the connection, and the promise rejects with
 * CallStopped.
 */
export function bounded<T>(
  signal: AbortSignal,
  act: () => Promise<T>,
  stop: (reason: 'timeout' | 'aborted') => void,
  ms: number = limits.targetCallMsMax,
): Promise<T> {
  if (signal.aborted) return Promise.reject(new CallStopped('aborted'));
  // One signal stops a whole batch; Node warns of more than ten listeners, which here is no leak.
  setMaxListeners(0, signal);
  return new Promise((resolve, reject) => {
    const end = (reason: 'timeout' | 'aborted') => {
      tidy();
      reject(new CallStopped(reason));
      stop(reason);
    };
    const timer = setTimeout(end, ms, 'timeout');
    const onAbort = () => end('aborted');
    const tidy = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    act().then(
      (value) => {
        tidy();
        resolve(value);
      },
      (error: unknown) => {
        tidy();
        reject(error);
      },
    );
  });
}

const unreachableCodes =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_\w+|EADDRNOTAVAIL|UND_ERR_SOCKET)$/;
const timeoutCodes = /^(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_\w*TIMEOUT)$/;
const tlsCodes = /^(ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|HPE_\w+)$/;

/** Why the network failed us, or undefined when `error` is not about the network. Looks into causes. */
export function networkReason(error: unknown): IndeterminateReason | undefined {
  if (error instanceof CallStopped) return error.reason;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError) {
    const reason = error.errors.map(networkReason).find((found) => found !== undefined);
    if (reason) return reason;
  }
  const code = 'code' in error ? String(error.code) : '';
  if (unreachableCodes.test(code)) return 'unreachable';
  if (timeoutCodes.test(code)) return 'timeout';
  if (tlsCodes.test(code)) return 'protocol';
  return networkReason(error.cause);
}

export function indeterminate(
  reason: IndeterminateReason,
  message: string,
): Extract<Verdict, { verdict: 'indeterminate' }> {
  return { verdict: 'indeterminate', reason, message: printable(message) };
}

export function failed(
  code: string,
  message: string,
  retry: 'never' | 'later',
): Extract<Outcome, { outcome: 'error' }> {
  return { outcome: 'error', code, message: printable(message), retry };
}

/** The error outcome of an act that the network or our own limits ended; undefined for anything else. */
export function networkFailure(error: unknown): Extract<Outcome, { outcome: 'error' }> | undefined {
  const reason = networkReason(error);
  return reason && failed(reason, messageOf(error), 'later');
}

/** The error of an open() that could not reach its system. Carries no cause: drivers' errors may hold secrets. */
export function cannotOpen(system: string, error: unknown): FirebreakError {
  if (error instanceof FirebreakError) return error;
  const retry = networkReason(error) ? 'later' : 'never';
  return new FirebreakError('unavailable', `can't open ${system}: ${printable(messageOf(error))}`, { retry });
}

/**
 * One run of `work` serves every caller that was waiting when it began. Callers that come while it runs
 * share the next run, so each caller's run began after its call.
 */
export function coalesce<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const run = work();
    const settled = run.then(
      () => undefined,
      () => undefined,
    );
    running = settled;
    void settled.then(() => {
      if (running === settled) running = undefined;
    });
    return run;
  };
  return () => {
    // Even when nothing runs, what is called in the same turn of the event loop is served together.
    next ??= (running ?? Promise.resolve()).then(begin);
    return next;
  };
}
