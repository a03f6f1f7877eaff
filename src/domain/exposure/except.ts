/** The only other way to close an exposure: a signed exception with an approver and an end. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import { type ExceptionTerms, grantException } from '../evidence/index.ts';
import { findExposure, saveException } from './store.ts';

/** Excepts an outstanding exposure until the given time, when it is outstanding again. Returns the ledger entry. */
export async function exceptExposure(
  context: Context,
  incidentId: string,
  ref: string,
  terms: ExceptionTerms,
): Promise<{ ref: string; until: Date; ledgerSeq: number }> {
  const exposure = await findExposure(context.db, incidentId, ref);
  if (exposure.state !== 'outstanding' && exposure.state !== 'excepted')
    throw new FirebreakError('conflict', `${exposure.ref} is ${exposure.state}: there is nothing to except`);
  const ledgerSeq = await grantException(context, terms, {
    incidentId,
    kind: 'exposure.excepted',
    subject: exposure.id,
    signed: { name: exposure.ref, digest: { exposure: exposure.id.replace('exp_', '') } },
    data: { ref: exposure.ref },
    save: (tx, row) => saveException(tx, { exposureId: exposure.id, ...row }),
  });
  return { ref: exposure.ref, until: terms.until, ledgerSeq };
}
