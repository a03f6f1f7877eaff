/** A host that can't be restarted now: left out of what is outstanding until a time, signed and approved. */
import { FirebreakError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import type { Context } from '../context.ts';
import { signAttestation } from '../evidence/index.ts';
import { getRebootState, saveRebootException } from './store-states.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** Returns the ledger entry. The host is outstanding again when the exception ends. Throws conflict when it is proven. */
export async function exceptReboot(
  context: Context,
  incidentId: string,
  name: string,
  input: { reason: string; approver: string; until: Date },
): Promise<{ host: string; until: Date; ledgerSeq: number }> {
  const { host, state, code, planId } = await getRebootState(context.db, incidentId, name);
  if (state === 'proven')
    throw new FirebreakError('conflict', `${host} is proven to have restarted: there is nothing to except`);
  const at = context.clock.now();
  const days = (input.until.getTime() - at.getTime()) / dayMs;
  if (!(days > 0 && days <= limits.exceptionDaysMax))
    throw new FirebreakError(
      'bad_input',
      `an exception ends in the future and within ${limits.exceptionDaysMax} days, got ${input.until.toISOString()}`,
    );
  const until = input.until.toISOString();
  const { reason, approver } = input;
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: host, digest: { sha256: sha256Hex(`${incidentId}/${host}`) } }],
    predicateType: 'https://firebreak.dev/reboot-exception/v1',
    predicate: { incident: incidentId, host, plan: planId, reason, approver, until },
  };
  const dsse = signAttestation(context.signer, statement);
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
