import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestStore } from '../../test/lab/store.ts';
import { holdLocks } from './hold-locks.ts';
import { openStore, type Store } from './index.ts';

let [one, other] = [{} as Store, {} as Store];
beforeAll(async () => {
  one = await createTestStore();
  other = await openStore(one.url, { connections: 2 });
});
afterAll(async () => {
  await other.close?.();
  await one.close?.();
});

test('what one holds another waits for, says so, and has it when it is released', async () => {
  const release = await holdLocks(one.db, ['a', 'b']);
  const order: string[] = [];
  let said = (): void => {};
  const waits = new Promise<void>((resolve) => {
    said = resolve;
  });
  const second = holdLocks(other.db, ['c', 'b'], { onWait: said }).then((mine) => {
    order.push('second');
    return mine;
  });
  await waits;
  // Others are free meanwhile.
  await (await holdLocks(one.db, ['d']))();
  order.push('released');
  await release();
  await (await second)();
  expect(order).toEqual(['released', 'second']);
  await (await holdLocks(one.db, ['a', 'b', 'c']))();
});

test('two that want the same in another order do not wait for each other for ever', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
  let [inside, most, turns] = [0, 0, 0];
  const take = async (store: Store, wanted: string[]): Promise<void> => {
    const release = await holdLocks(store.db, wanted);
    most = Math.max(most, ++inside);
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
    await release();
  };
  await Promise.all(
    Array.from({ length: 5 }, () => [take(one, names), take(other, [...names].reverse())]).flat(),
  );
  expect({ most, turns }).toEqual({ most: 1, turns: 10 });
});

test('whoever gives up waiting holds nothing', async () => {
  const release = await holdLocks(one.db, ['z']);
  const abort = new AbortController();
  const waiting = holdLocks(other.db, ['y', 'z'], {
    signal: abort.signal,
    onWait: () => abort.abort(new Error('enough')),
  });
  await expect(waiting).rejects.toThrow('enough');
  await (await holdLocks(one.db, ['y']))();
  await release();
});
