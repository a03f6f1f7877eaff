/** What every verb of the domain acts with. Built once, in src/main.ts. */
import type { Clock } from '../kernel/clock.ts';
import type { Fingerprinter } from '../kernel/hash.ts';
import type { Random } from '../kernel/random.ts';
import type { Db } from '../store/index.ts';
import type { Sealer } from '../store/sealing.ts';
import type { Ledger, LedgerSigner } from './evidence/index.ts';

export interface Context {
  db: Db;
  ledger: Ledger;
  /** Signs attestations: proofs and exceptions. */
  signer: LedgerSigner;
  clock: Clock;
  random: Random;
  fingerprinter: Fingerprinter;
  sealer: Sealer;
  /** Who acts: a person's name, written with every entry of the ledger. */
  actor: string;
}
