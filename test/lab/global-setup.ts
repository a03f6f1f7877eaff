/** One PostgreSQL server for the run, with a migrated template that every test store is cloned from. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/kernel/secret.ts';
import { openStore } from '../../src/store/index.ts';
import { startPostgres } from '../../src/store/postgres/server.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-test-'));
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '64MB',
  };
  const server = await startPostgres({ folder, user: 'lab', password: new Secret('lab'), settings });
  await (await openStore(server.url('template1'))).close();
  process.env.FIREBREAK_TEST_POSTGRES = server.url('postgres');
  return async () => {
    await server.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  };
}
