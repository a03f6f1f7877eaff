import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bounded, CallStopped, coalesce, networkReason } from './calls.ts';

const forever = () => new Promise<never>(() => undefined);

describe('bounded', () => {
  test('gives what the call gives', async () => {
    const { signal } = new AbortController();
    expect(
      await bounded(
        signal,
        async () => 7,
        () => undefined,
      ),
    ).toBe(7);
    await expect(
      bounded(
        signal,
        () => Promise.reject(new Error('no')),
        () => undefined,
      ),
    ).rejects.toThrow('no');
  });

  test('stops once, with the reason, on time-out and on abort', async () => {
    const reasons: string[] = [];
    const note = (reason: string) => void reasons.push(reason);
    await expect(bounded(new AbortController().signal, forever, note, 5)).rejects.toMatchObject({
      reason: 'timeout',
    });
    const abort = new AbortController();
    const call = bounded(abort.signal, forever, note);
    abort.abort();
    await expect(call).rejects.toBeInstanceOf(CallStopped);
    expect(reasons).toEqual(['timeout', 'aborted']);
  });

  test('does not begin under an aborted signal', async () => {
    let begun = false;
    const act = async () => {
      begun = true;
    };
    await expect(bounded(AbortSignal.abort(), act, () => undefined)).rejects.toMatchObject({
      reason: 'aborted',
    });
    expect(begun).toBe(false);
  });

  test('leaves no listener behind, and a thousand calls on one signal raise no warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => void warnings.push(warning);
    process.on('warning', listen);
    const { signal } = new AbortController();
    await Promise.all(
      Array.from({ length: 1_000 }, () =>
        bounded(
          signal,
          () => delay(1),
          () => undefined,
        ),
      ),
    );
    await delay(0);
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});

describe('coalesce', () => {
  test('serves all who wait with one run that began after their calls', async () => {
    let state = 0;
    let runs = 0;
    const save = coalesce(async () => {
      runs++;
      const saved = state;
      await delay(5);
      return saved;
    });
    const calls: Promise<boolean>[] = [];
    for (let step = 1; step <= 40; step++) {
      state = step;
      calls.push(save().then((saved) => saved >= step));
      if (step % 4 === 0) await delay(1);
    }
    expect((await Promise.all(calls)).every(Boolean)).toBe(true);
    expect(runs).toBeLessThan(20);
  });

  test('a failed run fails its own callers only', async () => {
    let runs = 0;
    const work = coalesce(async () => {
      if (++runs === 1) throw new Error('first');
      return runs;
    });
    await expect(work()).rejects.toThrow('first');
    expect(await work()).toBe(2);
  });
});

test('networkReason looks into causes and aggregates', () => {
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  expect(networkReason(new TypeError('fetch failed', { cause: refused }))).toBe('unreachable');
  expect(networkReason(new AggregateError([refused]))).toBe('unreachable');
  expect(networkReason(Object.assign(new Error('x'), { code: 'ETIMEDOUT' }))).toBe('timeout');
  expect(networkReason(Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }))).toBe(
    'protocol',
  );
  expect(networkReason(new Error('anything'))).toBeUndefined();
});
