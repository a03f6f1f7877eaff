/** docs/collector.md is what the artifacts and rules say; `npm run gen` writes it anew. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { packageFile } from '../src/kernel/paths.ts';
import { describeCollector } from '../tools/gen/collector-page.ts';

test('the page of the collector is the one that its data give', async () => {
  expect(await readFile(packageFile('docs', 'collector.md'), 'utf8')).toBe(describeCollector());
});
