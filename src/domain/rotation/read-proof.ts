/** The proof that a credential's exposed secret is dead, read back and checked. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import { type Envelope, type Statement, verifyAttestation } from '../evidence/index.ts';
import { findExposure } from '../exposure/index.ts';
import { findProofSeq } from './store-members.ts';

export interface ProofView {
  ref: string;
  ledgerSeq: number;
  at: string;
  /** The in-toto statement; only when its signature holds. */
  statement: Statement | null;
  envelope: Envelope;
  /** The signature holds under the ledger's key. */
  signatureValid: boolean;
  /** The entry stands in the tree of the newest checkpoint. */
  included: boolean;
  /** That checkpoint, a signed note. */
  checkpoint: string;
}

/** Throws not_found when it is not exposed, and outstanding, with the state that it is in, when there is no proof. */
export async function readProof(context: Context, incidentId: string, ref: string): Promise<ProofView> {
  const exposure = await findExposure(context.db, incidentId, ref);
  const seq = await findProofSeq(context.db, exposure.id);
  if (seq === null)
    throw new FirebreakError('outstanding', `${exposure.ref} is not proven dead: it is ${exposure.state}`);
  const [entry, inclusion] = await Promise.all([context.ledger.entry(seq), context.ledger.inclusion(seq)]);
  const { dsse } = entry.data as { dsse: Envelope };
  const { signatureValid, statement = null } = verifyAttestation(context.signer, dsse);
  const { included, checkpoint } = inclusion;
  return {
    ref: exposure.ref,
    ledgerSeq: seq,
    at: entry.at,
    statement,
    envelope: dsse,
    signatureValid,
    included,
    checkpoint,
  };
}
