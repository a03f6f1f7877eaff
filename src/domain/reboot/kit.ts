/** What restarting hosts acts with, besides the context: the transport, the policy, the fault injector. */
import type { Faults } from '../../engine/index.ts';
import type { Fleet } from '../../ssh/index.ts';
import type { Context } from '../context.ts';
import type { RebootPolicy } from '../inventory/index.ts';

export interface RebootKit {
  context: Context;
  /** Opens the transport when it is first needed. */
  fleet(): Promise<Fleet>;
  policy: RebootPolicy;
  faults: Faults;
}
