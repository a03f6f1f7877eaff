import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestStore } from '../../../test/lab/store.ts';
import type { Store } from '../../store/index.ts';
import { digestOf, getAdvisory, listAdvisories, loadShipped, saveAdvisory } from './index.ts';

let store: Store;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

it('stores an advisory once, replaces it when it changes, and gives it back as it was', async () => {
  const [first, second] = await loadShipped();
  const day = (date: number) => new Date(Date.UTC(2024, 0, date));
  expect(await saveAdvisory(store.db, first!, digestOf(first!), day(1))).toBe('added');
  expect(await saveAdvisory(store.db, first!, digestOf(first!), day(2))).toBe('unchanged');
  expect(await saveAdvisory(store.db, second!, digestOf(second!), day(2))).toBe('added');
  const changed = { ...first!, title: 'Said otherwise' };
  expect(await saveAdvisory(store.db, changed, digestOf(changed), day(3))).toBe('replaced');

  expect(await getAdvisory(store.db, changed.id)).toEqual({
    id: changed.id,
    digest: digestOf(changed),
    advisory: changed,
    importedAt: day(3),
  });
  expect((await listAdvisories(store.db)).map(({ id }) => id)).toEqual([first!.id, second!.id].sort());
  expect(await getAdvisory(store.db, 'nobody-1999-01')).toBeUndefined();
});

it('gives the same digest whatever the order of fields', async () => {
  const [advisory] = await loadShipped();
  const turned = Object.fromEntries(Object.entries(advisory!).reverse()) as typeof advisory;
  expect(digestOf(turned!)).toBe(digestOf(advisory!));
});
