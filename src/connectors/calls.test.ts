import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bounded, CallStopped, coalesce, gather, networkReason } from './calls.ts';

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

describe('gather', () => {
  const { signal } = new AbortController();

  test('serves those who wait together, each with its own result, and at most so many at once', async () => {
    const runs: number[][] = [];
    const twice = gather(async (items: readonly number[]) => {
      runs.push([...items]);
      await delay(1);
      return items.map((item) => 2 * item);
    }, 3);
    const early = [1, 2].map((item) => twice(item, signal));
    await Promise.resolve();
    await Promise.resolve();
    const late = [3, 4, 5, 6].map((item) => twice(item, signal));
    expect(await Promise.all([...early, ...late])).toEqual([2, 4, 6, 8, 10, 12]);
    expect(runs).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  test('a failure is that of the callers it served, and the next ones are served anew', async () => {
    let runs = 0;
    const fragile = gather(async (items: readonly string[]) => {
      if (++runs === 1) throw new Error('down');
      return items;
    }, 10);
    const first = await Promise.allSettled([fragile('a', signal), fragile('b', signal)]);
    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await fragile('c', signal)).toBe('c');
  });

  test('an abort ends the waiting of one caller, and the run when nobody waits any more', async () => {
    const seen: AbortSignal[] = [];
    const silent = gather((items: readonly string[], run: AbortSignal) => {
      seen.push(run);
      if (items.includes('answer')) return Promise.resolve(items);
      return new Promise<string[]>((_, reject) =>
        run.addEventListener('abort', () => reject(new Error('stopped'))),
      );
    }, 10);
    const [one, other] = [new AbortController(), new AbortController()];
    const calls = [silent('one', one.signal), silent('other', other.signal)];
    await Promise.resolve();
    await Promise.resolve();
    const next = silent('answer', signal);
    one.abort();
    await expect(calls[0]).rejects.toMatchObject({ reason: 'aborted' });
    expect(seen[0]?.aborted).toBe(false);
    other.abort();
    await expect(calls[1]).rejects.toMatchObject({ reason: 'aborted' });
    expect(seen[0]?.aborted).toBe(true);
    expect(await next).toBe('answer');
  });
});
