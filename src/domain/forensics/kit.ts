/** What examining hosts acts with, besides the context: the transport, the lake, the evidence folder. */
import type { Faults } from '../../engine/index.ts';
import type { Fleet, SshHost } from '../../ssh/index.ts';
import type { HuntContext } from '../hunt/index.ts';
import type { EvidenceFolder } from './evidence-folder.ts';

export interface ForensicsKit {
  context: HuntContext;
  /** Opens the transport when it is first needed; `firstUse` says whether a key never met before is taken on trust. */
  fleet(): Promise<Fleet>;
  evidence: EvidenceFolder;
  faults: Faults;
}

export type { SshHost };
