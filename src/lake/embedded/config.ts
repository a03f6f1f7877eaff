/**
 * What the embedded engine is configured with: bounds on its memory, and two roles, of which a connection for
 * reading keeps the one that may only SELECT from the lake. Reading files, addresses and other servers is a
 * privilege that this role lacks, so the engine itself refuses it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../kernel/limits.ts';
import { database, readableTables } from '../schema.ts';

const cacheBytes = 128 * 1024 * 1024;

/**
 * Parts of like size that are worth merging; the engine's own measure is 5. Merges take the processor from the ingest
 * under way, and the fewer and wider they are the less often a record is written again.
 */
const mergedPartsMin = 32;

/** Writes the configuration into the lake's folder; returns the paths of the data and of the configuration. */
export async function writeConfig(folder: string): Promise<{ data: string; config: string }> {
  const data = join(folder, 'data');
  const config = join(folder, 'engine.xml');
  const users = join(folder, 'users.xml');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(users, usersXml(), { mode: 0o600 });
  await writeFile(config, engineXml(users), { mode: 0o600 });
  return { data, config };
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const engineXml = (users: string): string => `<clickhouse>
  <max_server_memory_usage>${limits.lakeMemoryBytesMax}</max_server_memory_usage>
  <mark_cache_size>${cacheBytes}</mark_cache_size>
  <merge_tree><merge_selector_base>${mergedPartsMin}</merge_selector_base></merge_tree>
  <user_directories><users_xml><path>${escapeXml(users)}</path></users_xml></user_directories>
</clickhouse>
`;

const usersXml = (): string => `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <roles>
    <writer><grants><query>GRANT ALL ON *.*</query></grants></writer>
    <reader><grants>
${readableTables.map((table) => `      <query>GRANT SELECT ON ${database}.${table}</query>`).join('\n')}
    </grants></reader>
  </roles>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants><query>GRANT writer, reader</query></grants>
    </default>
  </users>
</clickhouse>
`;
