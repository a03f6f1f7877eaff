/** The registries as text: one connector, or one log source, a folder, in the order of their ids. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFile } from '../../src/kernel/paths.ts';

/** The ids of a registry: the folders that have an index.ts, but those that begin with an underscore. */
async function listFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const ids: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('_')) continue;
    if ((await readdir(join(folder, entry.name))).includes('index.ts')) ids.push(entry.name);
  }
  return ids.sort();
}

/** The ids of all connectors. */
export const listConnectors = (folder = packageFile('src', 'connectors')): Promise<string[]> =>
  listFolders(folder);

/** The ids of all log sources. */
export const listSources = (folder = packageFile('src', 'lake', 'sources')): Promise<string[]> =>
  listFolders(folder);

/** `aws-iam` exports `awsIam`. */
export const exportName = (id: string): string =>
  id.replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

const head = '// Written by `npm run gen` from the folders; a test compares it. Do not edit.';
const importsOf = (ids: readonly string[]): string[] =>
  ids.map((id) => `import { ${exportName(id)} } from './${id}/index.ts';`);

/** The text of the registry for the connectors in `folder`. */
export async function describeRegistry(folder?: string): Promise<string> {
  const ids = await listConnectors(folder);
  const entries = ids.map((id) => {
    const name = exportName(id);
    return name === id ? `  ${id},` : `  '${id}': ${name},`;
  });
  return `${[
    head,
    "import type { AnyConnector } from './contract.ts';",
    ...importsOf(ids),
    '',
    '/** Every connector by its id. */',
    'export const connectors: Readonly<Record<string, AnyConnector>> = {',
    ...entries,
    '};',
  ].join('\n')}\n`;
}

/** The text of the registry for the log sources in `folder`. */
export async function describeSources(folder?: string): Promise<string> {
  const ids = await listSources(folder);
  return `${[
    head,
    "import type { Source } from './contract.ts';",
    ...importsOf(ids),
    '',
    '/** Every kind of log that has a folder. */',
    'export const sources: readonly Source[] = [',
    ...ids.map((id) => `  ${exportName(id)},`),
    '];',
  ].join('\n')}\n`;
}
