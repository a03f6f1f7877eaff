/** The conformance suite for the command line: each connector brings its own server, as in the tests. */
import type { ConformanceSuite } from './cli/index.ts';
import { conformanceCases, type Harness, prepareBench } from './connectors/conformance.ts';
import { connectors } from './connectors/registry.ts';
import { FirebreakError } from './kernel/errors.ts';

/** Starts the connector's server, or says what is missing for it. Throws not_found for an unknown connector. */
export async function openConformance(id: string): Promise<ConformanceSuite | { missing: string }> {
  const connector = Object.hasOwn(connectors, id) ? connectors[id] : undefined;
  if (!connector)
    throw new FirebreakError(
      'not_found',
      `no connector ${id}; there are: ${Object.keys(connectors).join(', ')}`,
    );
  const { harness } = (await import(`./connectors/${id}/harness.ts`)) as { harness: Harness };
  const bench = await prepareBench(connector, harness);
  if ('missing' in bench) return bench;
  return {
    title: `${connector.title}, against a server of its own`,
    cases: conformanceCases.map(({ name, run }) => ({ name, run: () => run(bench) })),
    close: () => bench.close(),
  };
}
