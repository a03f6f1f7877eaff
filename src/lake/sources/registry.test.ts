import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { describeSources, listSources } from '../../../tools/gen/registry.ts';
import { packageFile } from '../../kernel/paths.ts';
import { sources } from './registry.ts';

test('the registry lists every folder, each under its own name', async () => {
  const text = await readFile(packageFile('src', 'lake', 'sources', 'registry.ts'), 'utf8');
  expect(text, 'run `npm run gen`').toBe(await describeSources());
  expect(sources.map(({ id }) => id)).toEqual(await listSources());
});
