/** Sessions live as long as they are used: the time limit of opening must not end them later. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { AnyConnector, Ports, Session } from '../../connectors/contract.ts';
import { systemClock } from '../../kernel/clock.ts';
import { limits } from '../../kernel/limits.ts';
import { logger } from '../../kernel/log.ts';
import { systemRandom } from '../../kernel/random.ts';
import { parseConfig } from './config.ts';
import { createSystems, type Systems } from './systems.ts';

beforeEach(() => {
  vi.useFakeTimers();
  // A signal with a time limit must be seen to end, too: Node's own knows nothing of the timers of a test.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const ending = new AbortController();
    setTimeout(() => ending.abort(), ms);
    return ending.signal;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A system whose session answers with the signal that it was given. */
function systemsWith(open: (ports: Ports) => Promise<unknown>): Systems {
  const config = z.object({});
  const connector = {
    ...{ id: 'still', title: 'Still', docs: 'https://example.com', config, kinds: {}, privileges: [] },
    quotas: { concurrency: 1 },
    lockout: () => ({ failuresMax: null, windowMs: 0, source: 'none' }),
    open: (_config: unknown, ports: Ports) => open(ports) as Promise<Session>,
  } satisfies AnyConnector;
  const connectors = new Map<string, AnyConnector>([['still', connector]]);
  const text =
    'firebreak: 1\norganisation: Test\nenvironments: [{name: test}]\nsystems: [{name: s, connector: still, environment: test, config: {}}]\n';
  const ports = { clock: systemClock, random: systemRandom, log: logger('connectors'), fetch };
  return createSystems(parseConfig(text, 'firebreak.yaml', '/', connectors), connectors, ports);
}

test('a session that is open outlives the time limit of its opening, and ends when all is closed', async () => {
  let signal: AbortSignal | undefined;
  const systems = systemsWith(async (ports) => {
    signal = ports.signal;
    return { [Symbol.asyncDispose]: async () => {} };
  });
  await systems.open('s');
  await vi.advanceTimersByTimeAsync(20 * limits.targetCallMsMax);
  expect(signal?.aborted).toBe(false);
  await systems.close();
  expect(signal?.aborted).toBe(true);
});

test('opening that takes too long is aborted, and the next caller opens anew', async () => {
  let opened = 0;
  const systems = systemsWith(async ({ signal }) => {
    opened++;
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('too long'))));
  });
  for (const times of [1, 2]) {
    const opening = expect(systems.open('s')).rejects.toThrow("can't open s (still): too long");
    await vi.advanceTimersByTimeAsync(limits.targetCallMsMax);
    await opening;
    expect(opened).toBe(times);
  }
});
