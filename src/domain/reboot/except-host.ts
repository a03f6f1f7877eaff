/** A host that can't be restarted now: left out of what is outstanding until a time, signed and approved. */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Context } from '../context.ts';
import { type HostException, signHostException } from '../forensics/index.ts';
import { getRebootState, saveRebootException } from './store-states.ts';

/** Returns the ledger entry. The host is outstanding again when the exception ends. Throws conflict when it is proven. */
export async function exceptReboot(
  context: Context,
  incidentId: string,
  name: string,
  input: HostException,
): Promise<{ host: string; until: Date; ledgerSeq: number }> {
  const { host, state, code, planId } = await getRebootState(context.db, incidentId, name);
  if (state === 'proven')
    throw new FirebreakError('conflict', `${host} is proven to have restarted: there is nothing to except`);
  const at = context.clock.now();
  const predicateType = 'https://firebreak.dev/reboot-exception/v1';
  const dsse = signHostException(context, incidentId, host, input, {
    predicateType,
    about: { plan: planId },
  });
  const until = input.until.toISOString();
  const { reason, approver } = input;
  const data = { host, plan: planId, was: code, reason, until, requestedBy: context.actor, dsse };
  const ledgerSeq = await context.db.transaction().execute(async (tx) => {
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      { kind: 'reboot.excepted', actor: approver, incidentId, subject: host, data },
    ]);
    await saveRebootException(tx, incidentId, { host, ...input, seq, at });
    return seq;
  });
  return { host, until: input.until, ledgerSeq };
}
