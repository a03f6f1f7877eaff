/** Template for the conformance suite: start the real server here, and make credentials at it. */
import type { Harness } from '../conformance.ts';

export const harness: Harness = {
  start: async () => {
    throw new Error(
      'src/connectors/_template/harness.ts starts no server yet: start the real one (test/lab has those of other connectors) and return an Estate, then this suite says what the connector still lacks',
    );
  },
};
