/** A store of its own for a test, cloned from the migrated template in a few milliseconds. */
import pg from 'pg';
import { openStore, type Store } from '../../src/store/index.ts';

let made = 0;

/** Opens a fresh store. `close()` also drops its database, and fails when a connection was left open. */
export async function createTestStore(): Promise<Store> {
  const server = process.env.FIREBREAK_TEST_POSTGRES;
  if (!server) throw new Error('FIREBREAK_TEST_POSTGRES is not set: run the tests through vitest');
  const name = `test_${process.pid}_${++made}`;
  await asAdmin(server, `create database ${name} template template1 strategy file_copy`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const store = await openStore(url);
  return {
    ...store,
    close: async () => {
      await store.close();
      await asAdmin(server, `drop database ${name}`);
    },
  };
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Cloning wants the template to itself, and so does dropping; others may be at it for a moment.
    for (let attempt = 1; ; attempt++) {
      try {
        await client.query(statement);
        return;
      } catch (error) {
        if (attempt === 50 || (error as { code?: string }).code !== '55006') throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  } finally {
    await client.end();
  }
}
