/** Every registered connector against its real server. CONNECTOR=postgres runs one alone. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeRegistry, listConnectors } from '../../tools/gen/registry.ts';
import { packageFile } from '../kernel/paths.ts';
import { type Bench, conformanceCases, type Harness, prepareBench } from './conformance.ts';
import { connectors } from './registry.ts';

test('the registry holds every folder, and each by its own id', async () => {
  expect(await readFile(packageFile('src', 'connectors', 'registry.ts'), 'utf8')).toBe(
    await describeRegistry(),
  );
  expect(Object.keys(connectors)).toEqual(await listConnectors());
  for (const [id, connector] of Object.entries(connectors)) expect(connector.id).toBe(id);
  expect(Object.keys(connectors)).not.toContain('_template');
});

const chosen = Object.entries(connectors).filter(([id]) =>
  [undefined, '', id].includes(process.env.CONNECTOR),
);

describe.each(chosen)('%s conforms', (id, connector) => {
  let bench: Bench | { missing: string };

  beforeAll(async () => {
    const { harness } = (await import(`./${id}/harness.ts`)) as { harness: Harness };
    bench = await prepareBench(connector, harness);
  });
  afterAll(async () => {
    if (bench && 'close' in bench) await bench.close();
  });

  test.for(conformanceCases)('$name', async ({ run }, context) => {
    if ('missing' in bench) return context.skip(bench.missing);
    await run(bench);
  });
});
