/** What every exception of a host has: a reason, an approver, an end within bounds, and a signature over all of it. */
import { FirebreakError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import type { Context } from '../context.ts';
import { type Envelope, signAttestation } from '../evidence/index.ts';

export interface HostException {
  reason: string;
  approver: string;
  until: Date;
}

const dayMs = 24 * 60 * 60 * 1_000;

/**
 * Signs that `host` is excepted, as an in-toto statement of `predicateType`; `about` says more of what is excepted.
 * Throws bad_input when it would not end in the future, or too late.
 */
export function signHostException(
  context: Context,
  incidentId: string,
  host: string,
  { reason, approver, until }: HostException,
  { predicateType, about = {} }: { predicateType: string; about?: object },
): Envelope {
  const days = (until.getTime() - context.clock.now().getTime()) / dayMs;
  if (!(days > 0 && days <= limits.exceptionDaysMax))
    throw new FirebreakError(
      'bad_input',
      `an exception ends in the future and within ${limits.exceptionDaysMax} days, got ${until.toISOString()}`,
    );
  return signAttestation(context.signer, {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: host, digest: { sha256: sha256Hex(`${incidentId}/${host}`) } }],
    predicateType,
    predicate: { incident: incidentId, host, ...about, reason, approver, until: until.toISOString() },
  });
}
