/** Ports for tests of a connector: everything real, and a log that is kept. */
import { inspect } from 'node:util';
import type { Discovered, Ports, Session } from '../../src/connectors/contract.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemRandom } from '../../src/kernel/random.ts';

export function testPorts(lines: string[] = []): Ports {
  const write = (facts: object, message: string) =>
    void lines.push(`${message} ${inspect(facts, { depth: 9 })}`);
  const log = { debug: write, info: write, warn: write, error: write };
  return { clock: systemClock, random: systemRandom, log, fetch, signal: new AbortController().signal };
}

/** Everything that a session discovers, and how large its batches were. */
export async function discoverAll(session: Session): Promise<{ found: Discovered[]; batches: number[] }> {
  const found: Discovered[] = [];
  const batches: number[] = [];
  for await (const batch of session.discover?.(new AbortController().signal) ?? []) {
    found.push(...batch);
    batches.push(batch.length);
  }
  return { found, batches };
}
