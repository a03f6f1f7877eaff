/** The collector as a file, for hosts that can't be reached from here: run by hand, and brought back. */
import type { Context } from '../context.ts';
import { buildCollector } from './collector/build.ts';
import type { CostClass } from './types.ts';

/** A script with a nonce of its own. Its output is read by `triage import`. */
export function collectorScript(
  { random }: Pick<Context, 'random'>,
  options: { cost: CostClass; artifacts?: string[]; since?: Date },
): string {
  return buildCollector({ ...options, nonce: Buffer.from(random.bytes(16)).toString('hex') });
}
