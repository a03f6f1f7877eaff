/** A host that can't be examined now: left out of what is outstanding until a time, signed and approved. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import { type HostException, signHostException } from './sign-exception.ts';
import { getHost, saveException } from './store-hosts.ts';

/** Returns the ledger entry. The host is outstanding again when the exception ends. */
export async function exceptHost(
  context: Context,
  incidentId: string,
  name: string,
  input: HostException,
): Promise<{ host: string; until: Date; ledgerSeq: number }> {
  const { host, state } = await getHost(context.db, incidentId, name);
  if (state === 'examined')
    throw new FirebreakError('conflict', `${host} is examined: there is nothing to except`);
  const at = context.clock.now();
  const predicateType = 'https://firebreak.dev/host-exception/v1';
  const dsse = signHostException(context, incidentId, host, input, { predicateType });
  const until = input.until.toISOString();
  const data = { host, was: state, reason: input.reason, until, requestedBy: context.actor, dsse };
  const ledgerSeq = await context.db.transaction().execute(async (tx) => {
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      { kind: 'triage.excepted', actor: input.approver, incidentId, subject: host, data },
    ]);
    await saveException(tx, { incidentId, host, ...input, seq, at });
    return seq;
  });
  return { host, until: input.until, ledgerSeq };
}
