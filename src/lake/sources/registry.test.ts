import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSources, listSources } from '../../../tools/gen/registry.ts';
import { packageFile } from '../../kernel/paths.ts';
import { sources } from './registry.ts';

test('the registry lists every folder, each under its own name', async () => {
  const text = await readFile(packageFile('src', 'lake', 'sources', 'registry.ts'), 'utf8');
  expect(text, 'run `npm run gen`').toBe(await describeSources());
  expect(sources.map(({ id }) => id)).toEqual(await listSources());
});

/** Texts, remarks and parameters; else a name with the names of elements after it. */
const subcolumns = /'(?:[^'\\]|\\.|'')*'|--[^\n]*|\{[^}]*\}|(?<![\w.)\]])([a-z_]\w*(?:\.[A-Za-z_]\w*)+)/g;

test('mappings read the elements of a tuple by place, as (t).name: as t.name they cost a quarter more', async () => {
  const folder = packageFile('src', 'lake', 'sources');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.sql'));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const sql = await readFile(join(folder, file), 'utf8');
    const found = [...sql.matchAll(subcolumns)].flatMap(([, name]) => (name === undefined ? [] : [name]));
    expect(found, file).toEqual([]);
  }
});
