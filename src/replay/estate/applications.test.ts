/** The practice applications: they come back by themselves when their sessions end, with the secret of that moment. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTargetPostgres } from '../../../test/lab/target-postgres.ts';
import { startApplications } from './applications.ts';
import { keyOf, makeAccounts } from './names.ts';

test('many that lose their sessions at once come back with their new passwords, and raise no warning', async () => {
  const warnings: string[] = [];
  const listen = (warning: Error) => void warnings.push(warning.message);
  process.on('warning', listen);
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-applications-'));
  const target = await startTargetPostgres();
  const accounts = makeAccounts('applications', '', 12);
  const fileOf = ({ name }: { name: string }) => join(folder, name);
  const setAll = async (verb: string, password: (name: string) => string) => {
    for (const account of accounts)
      await writeFile(fileOf(account), `${keyOf(account.name)}=${password(account.name)}\n`);
    await target.sql(
      accounts.map(({ name }) => `${verb} role ${name} login password '${password(name)}'`).join(';'),
    );
  };
  try {
    await setAll('create', (name) => `old-${name}`);
    const applications = await startApplications(target.port, accounts, fileOf);
    await setAll('alter', (name) => `new-${name}`);
    await target.sql('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
    await expect
      .poll(() => applications.check(), { timeout: 20_000 })
      .toEqual({ connected: 12, total: 12, reconnects: 12 });
    await applications.stop();
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', listen);
    await target.close();
    await rm(folder, { recursive: true, force: true });
  }
});
