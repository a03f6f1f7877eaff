import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestStore } from '../../test/lab/store.ts';
import { systemClock } from '../kernel/clock.ts';
import { limits } from '../kernel/limits.ts';
import type { Store } from '../store/index.ts';
import { type Engine, type Faults, noFaults, parseFaults, startEngine, type Workflows } from './index.ts';

let store: Store;
let engine: Engine | undefined;

beforeEach(async () => {
  store = await createTestStore();
});
afterEach(async () => {
  await engine?.shutdown();
  engine = undefined;
  await store.close();
});

const start = async (workflows: Workflows, faults: Faults = noFaults) => {
  engine = await startEngine({ url: store.url, db: store.db, clock: systemClock, workflows, faults });
  return engine;
};

test('children share a queue, and no more of one system run at a time than are allowed', async () => {
  let running = 0;
  let most = 0;
  const workflows: Workflows = {
    parent: async (flow, count: number) =>
      flow.children(
        Array.from({ length: count }, (_, index) => ({
          workflow: 'child',
          id: `c${index}`,
          input: index,
          system: 'db',
        })),
      ),
    child: async (flow, index: number) =>
      flow.step('work', async () => {
        most = Math.max(most, ++running);
        // Each stays until the system is full, so that more would show.
        while (most < limits.engineSystemBatchesMax) await systemClock.sleep(5);
        await systemClock.sleep(20);
        running--;
        return index * 2;
      }),
  };
  const { start: run, result } = await start(workflows);
  const count = 2 * limits.engineSystemBatchesMax;
  await run('parent', 'p1', count);
  expect(await result('p1')).toEqual(Array.from({ length: count }, (_, index) => index * 2));
  expect(most).toBe(limits.engineSystemBatchesMax);
});

test('a workflow that is started twice under one id runs once', async () => {
  let runs = 0;
  const { start: run, result } = await start({
    once: async (flow) => flow.step('count', async () => ++runs),
  });
  await run('once', 'o1', null);
  await run('once', 'o1', null);
  expect(await result('o1')).toBe(1);
  expect(runs).toBe(1);
});

test('what a dead worker was running is finished by another', async () => {
  let attempts = 0;
  const workflows: Workflows = {
    slow: async (flow) => {
      await flow.step('first', async () => 1);
      return flow.step('second', async () => {
        // The first time, the process is gone before the step ends.
        if (++attempts === 1) await new Promise(() => {});
        return 'done';
      });
    },
  };
  const { start: run } = await start(workflows);
  await run('slow', 's1', null);
  await expect.poll(() => attempts).toBe(1);
  await store.db
    .updateTable('worker')
    .set({ pid: 2 ** 22 + 1 })
    .execute();
  const dead = await store.db.selectFrom('worker').select('executor_id').executeTakeFirstOrThrow();
  await engine?.shutdown();
  await store.db
    .insertInto('worker')
    .values({ executor_id: dead.executor_id, pid: 2 ** 22 + 1, host: (await import('node:os')).hostname() })
    .execute();
  const { result } = await start(workflows);
  expect(await result('s1')).toBe('done');
  expect(attempts).toBe(2);
});

test('a fault is injected at its moment and count', () => {
  const faults = parseFaults('fail:after:rotation.issue:2');
  faults.check('after', 'rotation.issue');
  faults.check('before', 'rotation.issue');
  expect(() => faults.check('after', 'rotation.issue')).toThrow('fault injected');
  expect(() => parseFaults('explode:never')).toThrow('FIREBREAK_FAULT');
});

test('a database that goes away while the engine starts is waited for', async () => {
  const proxy = await proxyTo(new URL(store.url));
  const url = new URL(store.url);
  url.port = String(proxy.port);
  try {
    const workflows: Workflows = { once: async (flow) => flow.step('work', async () => 'done') };
    const starting = startEngine({ url: url.href, db: store.db, clock: systemClock, workflows });
    await expect.poll(proxy.bytes).toBeGreaterThan(0);
    await proxy.breakOff();
    await systemClock.sleep(300);
    await proxy.listen();
    engine = await starting;
    await engine.start('once', 'o1', null);
    expect(await engine.result('o1')).toBe('done');
    await engine.shutdown();
    engine = undefined;
  } finally {
    await proxy.breakOff();
  }
});

/** A way to PostgreSQL that can be broken off and come back on the same port. */
async function proxyTo({ hostname, port }: URL) {
  const open = new Set<Socket>();
  let bytes = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
    far.on('data', (data) => {
      bytes += data.length;
    });
  });
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    bytes: () => bytes,
    listen: () => listen(own),
    breakOff: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
        open.clear();
      }),
  };
}
