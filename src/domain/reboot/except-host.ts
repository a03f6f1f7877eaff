/** A host that can't be restarted now: left out of what is outstanding until a time, signed and approved. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import { type ExceptionTerms, grantException } from '../evidence/index.ts';
import { signedHost } from '../forensics/index.ts';
import { getRebootState, saveRebootException } from './store-states.ts';

/** Returns the ledger entry. The host is outstanding again when the exception ends. Throws conflict when it is proven. */
export async function exceptReboot(
  context: Context,
  incidentId: string,
  name: string,
  terms: ExceptionTerms,
): Promise<{ host: string; until: Date; ledgerSeq: number }> {
  const { host, state, code, planId: plan } = await getRebootState(context.db, incidentId, name);
  if (state === 'proven')
    throw new FirebreakError('conflict', `${host} is proven to have restarted: there is nothing to except`);
  const predicateType = 'https://firebreak.dev/reboot-exception/v1';
  const ledgerSeq = await grantException(context, terms, {
    incidentId,
    kind: 'reboot.excepted',
    subject: host,
    signed: { ...signedHost(incidentId, host), predicateType, about: { host, plan } },
    data: { host, plan, was: code },
    save: (tx, row) => saveRebootException(tx, incidentId, { host, ...row }),
  });
  return { host, until: terms.until, ledgerSeq };
}
