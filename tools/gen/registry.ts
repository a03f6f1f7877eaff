/** src/connectors/registry.ts as text: one connector a folder, in the order of their ids. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFile } from '../../src/kernel/paths.ts';

/** The ids of all connectors: the folders that have an index.ts, but those that begin with an underscore. */
export async function listConnectors(folder = packageFile('src', 'connectors')): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const ids: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('_')) continue;
    if ((await readdir(join(folder, entry.name))).includes('index.ts')) ids.push(entry.name);
  }
  return ids.sort();
}

/** `aws-iam` exports `awsIam`. */
export const exportName = (id: string): string =>
  id.replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** The text of the registry for the connectors in `folder`. */
export async function describeRegistry(folder?: string): Promise<string> {
  const ids = await listConnectors(folder);
  const imports = ids.map((id) => `import { ${exportName(id)} } from './${id}/index.ts';`);
  const entries = ids.map((id) => {
    const name = exportName(id);
    return name === id ? `  ${id},` : `  '${id}': ${name},`;
  });
  return `${[
    '// Written by `npm run gen` from the folders; a test compares it. Do not edit.',
    "import type { AnyConnector } from './contract.ts';",
    ...imports,
    '',
    '/** Every connector by its id. */',
    'export const connectors: Readonly<Record<string, AnyConnector>> = {',
    ...entries,
    '};',
  ].join('\n')}\n`;
}
