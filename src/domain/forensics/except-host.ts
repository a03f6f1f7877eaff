/** A host that can't be examined now: left out of what is outstanding until a time, signed and approved. */
import { FirebreakError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import type { Context } from '../context.ts';
import { type ExceptionTerms, grantException } from '../evidence/index.ts';
import { getHost, saveException } from './store-hosts.ts';

/** Returns the ledger entry. The host is outstanding again when the exception ends. */
export async function exceptHost(
  context: Context,
  incidentId: string,
  name: string,
  terms: ExceptionTerms,
): Promise<{ host: string; until: Date; ledgerSeq: number }> {
  const { host, state } = await getHost(context.db, incidentId, name);
  if (state === 'examined')
    throw new FirebreakError('conflict', `${host} is examined: there is nothing to except`);
  const predicateType = 'https://firebreak.dev/host-exception/v1';
  const ledgerSeq = await grantException(context, terms, {
    incidentId,
    kind: 'triage.excepted',
    subject: host,
    signed: { ...signedHost(incidentId, host), predicateType, about: { host } },
    data: { host, was: state },
    save: (tx, row) => saveException(tx, { incidentId, host, ...row }),
  });
  return { host, until: terms.until, ledgerSeq };
}

/** A host as the subject of a statement. */
export const signedHost = (incidentId: string, host: string) => ({
  name: host,
  digest: { sha256: sha256Hex(`${incidentId}/${host}`) },
});
