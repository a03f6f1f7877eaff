/**
 * What every connector needs for a call to a system: a time limit and an abort that end it at once, the
 * reason behind a network error, and work that many callers share.
 */
import { setMaxListeners } from 'node:events';
import { assert, FirebreakError, messageOf } from '../kernel/errors.ts';
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

interface Caller<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
  gone: boolean;
}

/**
 * One run of `work` serves every caller that was waiting when it began, up to `max`, each with what it asked for:
 * the items, and their results in order. Each caller's run began after its call; when it fails, it fails for all.
 * A caller's abort or time limit ends its own waiting, and the run once nobody waits for it any more.
 */
export function gather<Item, Result>(
  work: (items: readonly Item[], signal: AbortSignal) => Promise<readonly Result[]>,
  max: number,
): (item: Item, signal: AbortSignal) => Promise<Result> {
  let waiting: Caller<Item, Result>[] = [];
  let served: { callers: Caller<Item, Result>[]; stop: AbortController } | undefined;
  const serve = async (callers: Caller<Item, Result>[]): Promise<void> => {
    const stop = new AbortController();
    served = { callers, stop };
    try {
      const items = callers.map(({ item }) => item);
      const results = await work(items, stop.signal);
      assert(results.length === items.length, 'gathered work has a result for every item');
      for (const [index, { resolve }] of callers.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of callers) reject(error);
    }
  };
  let running = false;
  const run = async () => {
    // What is called in the same turn of the event loop is served together.
    await Promise.resolve();
    for (;;) {
      waiting = waiting.filter((caller) => !caller.gone);
      const callers = waiting.slice(0, max);
      if (callers.length === 0) break;
      waiting = waiting.slice(max);
      await serve(callers);
    }
    running = false;
  };
  return (item, signal) => {
    let self: Caller<Item, Result> | undefined;
    const ask = () =>
      new Promise<Result>((resolve, reject) => {
        self = { item, resolve, reject, gone: false };
        waiting.push(self);
        if (running) return;
        running = true;
        void run();
      });
    return bounded(signal, ask, () => {
      if (self) self.gone = true;
      if (served?.callers.every((caller) => caller.gone)) served.stop.abort();
    });
  };
}
