/**
 * `npm run gen`: writes what is generated and committed: src/store/schema.sql and
 * src/store/tables.generated.ts from the migrations, src/connectors/registry.ts and src/lake/sources/registry.ts from the folders, the JSON
 * Schema of advisories from theirs, and docs/collector.md from the artifacts and rules.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { advisoryJsonSchema } from '../src/domain/advisory/index.ts';
import { packageFile } from '../src/kernel/paths.ts';
import { Secret } from '../src/kernel/secret.ts';
import { openPool, openStore } from '../src/store/index.ts';
import { startPostgres } from '../src/store/postgres/server.ts';
import { describeCollector } from './gen/collector-page.ts';
import { describeRegistry, describeSources } from './gen/registry.ts';
import { describeSchema, describeTables } from './gen/schema.ts';

await writeFile(packageFile('src', 'connectors', 'registry.ts'), await describeRegistry());
await writeFile(packageFile('src', 'lake', 'sources', 'registry.ts'), await describeSources());
await writeFile(
  packageFile('src', 'domain', 'advisory', 'advisory.schema.json'),
  `${JSON.stringify(advisoryJsonSchema(), null, 2)}\n`,
);
await writeFile(packageFile('docs', 'collector.md'), describeCollector());

const folder = await mkdtemp(join(tmpdir(), 'firebreak-gen-'));
const server = await startPostgres({
  folder,
  user: 'gen',
  password: new Secret('gen'),
  settings: { fsync: 'off' },
});
try {
  const url = server.url('postgres');
  await (await openStore(url)).close();
  const pool = openPool(url, 1);
  await writeFile(packageFile('src', 'store', 'schema.sql'), await describeSchema(pool));
  await writeFile(packageFile('src', 'store', 'tables.generated.ts'), await describeTables(pool));
  await pool.end();
} finally {
  await server.stop('immediate');
  await rm(folder, { recursive: true, force: true });
}
