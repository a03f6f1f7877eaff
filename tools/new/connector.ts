/** Makes a connector's folder from `src/connectors/_template` and registers it. */
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FirebreakError } from '../../src/kernel/errors.ts';
import { describeRegistry, exportName } from '../gen/registry.ts';

/** Returns the new folder, from `root`, and its files. Throws bad_input for an id that can't be one, conflict when it exists. */
export async function createConnector(
  root: string,
  id: string,
): Promise<{ folder: string; files: string[] }> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id) || id.length > 40)
    throw new FirebreakError(
      'bad_input',
      `a connector's id is kebab-case, such as aws-iam; got ${JSON.stringify(id)}`,
    );
  if (reserved.has(exportName(id))) throw new FirebreakError('bad_input', `${id} is a word of the language`);
  const connectors = join(root, 'src', 'connectors');
  const folder = join(connectors, id);
  // Folders beside the connectors, such as conformance/, are taken as well.
  const taken = await access(folder).then(
    () => true,
    () => false,
  );
  if (taken) throw new FirebreakError('conflict', `src/connectors/${id} exists already`);
  const files = (await readdir(join(connectors, '_template'))).sort();
  await mkdir(folder);
  for (const file of files) {
    const text = await readFile(join(connectors, '_template', file), 'utf8');
    await writeFile(join(folder, file), rename(text, id));
  }
  await writeFile(join(connectors, 'registry.ts'), await describeRegistry(connectors));
  return { folder: `src/connectors/${id}`, files };
}

const reserved = new Set([
  'new',
  'delete',
  'default',
  'import',
  'export',
  'function',
  'class',
  'return',
  'switch',
  'package',
  'connectors',
]);

function rename(text: string, id: string): string {
  const name = exportName(id);
  const typeName = name[0]?.toUpperCase() + name.slice(1);
  return text
    .replaceAll('_template', id)
    .replaceAll('template-1', `${id}-1`)
    .replaceAll('template.example', `${id}.example`)
    .replaceAll('TEMPLATE_', `${id.toUpperCase().replaceAll('-', '_')}_`)
    .replaceAll(/\bTemplate(?=[A-Z])/g, typeName)
    .replaceAll(/\bTemplate\b/g, typeName)
    .replaceAll(/\btemplate\b/g, name);
}
