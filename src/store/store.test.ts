import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createTestStore } from '../../test/lab/store.ts';

test('a test store is migrated, and bigint comes back as a number', async () => {
  const store = await createTestStore();
  const { rows } = await sql<{ n: number }>`select count(*) as n from ledger_entry`.execute(store.db);
  expect(rows).toEqual([{ n: 0 }]);
  await store.close();
});

test('the ledger refuses updates in the database itself', async () => {
  const store = await createTestStore();
  await expect(sql`delete from ledger_entry`.execute(store.db)).rejects.toThrow('append-only');
  await store.close();
});
