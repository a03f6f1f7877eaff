/** The only other way to close an exposure: a signed exception with an approver and an end. */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Context } from '../context.ts';
import { signAttestation } from '../evidence/index.ts';
import { findExposure, saveException } from './store.ts';

export interface ExceptionInput {
  reason: string;
  approver: string;
  until: Date;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Excepts an outstanding exposure until the given time, when it is outstanding again. Returns the ledger entry. */
export async function exceptExposure(
  context: Context,
  incidentId: string,
  ref: string,
  input: ExceptionInput,
): Promise<{ ref: string; until: Date; ledgerSeq: number }> {
  const exposure = await findExposure(context.db, incidentId, ref);
  const at = context.clock.now();
  const days = (input.until.getTime() - at.getTime()) / dayMs;
  if (!(days > 0))
    throw new FirebreakError(
      'bad_input',
      `the exception must end in the future, got ${input.until.toISOString()}`,
    );
  if (days > limits.exceptionDaysMax)
    throw new FirebreakError(
      'bad_input',
      `an exception may last ${limits.exceptionDaysMax} days at most, got ${Math.ceil(days)}`,
    );
  if (exposure.state !== 'outstanding' && exposure.state !== 'excepted')
    throw new FirebreakError('conflict', `${exposure.ref} is ${exposure.state}: there is nothing to except`);
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: exposure.ref, digest: { exposure: exposure.id.replace('exp_', '') } }],
    predicateType: 'https://firebreak.dev/exception/v1',
    predicate: {
      incident: incidentId,
      reason: input.reason,
      approver: input.approver,
      until: input.until.toISOString(),
    },
  };
  const dsse = signAttestation(context.signer, statement);
  const data = {
    ref: exposure.ref,
    reason: input.reason,
    until: input.until.toISOString(),
    requestedBy: context.actor,
    dsse,
  };
  const ledgerSeq = await context.db.transaction().execute(async (tx) => {
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      { kind: 'exposure.excepted', actor: input.approver, incidentId, subject: exposure.id, data },
    ]);
    await saveException(tx, { exposureId: exposure.id, ...input, seq, at });
    return seq;
  });
  return { ref: exposure.ref, until: input.until, ledgerSeq };
}
