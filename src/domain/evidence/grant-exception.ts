/** The only way out besides a proof: an exception with a reason and an approver, signed, in the ledger, and with an end. */
import type { Clock } from '../../kernel/clock.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import type { Db, Tx } from '../../store/index.ts';
import { signAttestation } from './attestation.ts';
import type { LedgerSigner } from './keys.ts';
import type { Ledger } from './types.ts';

/** Who answers for it, why, and until when. */
export interface ExceptionTerms {
  reason: string;
  approver: string;
  until: Date;
}

/** What is kept of one: the terms, the ledger entry that holds the signature, and when. */
export interface ExceptionRow extends ExceptionTerms {
  seq: number;
  at: Date;
}

export interface Excepted {
  incidentId: string;
  /** The kind of the ledger entry, and what it is about. */
  kind: string;
  subject: string;
  /** What the statement is signed of. */
  signed: { name: string; digest: Record<string, string>; predicateType?: string; about?: object };
  /** What else the entry says. */
  data: object;
  /** Writes the row that counts. */
  save(tx: Tx, row: ExceptionRow): Promise<void>;
}

interface Grantor {
  db: Db;
  ledger: Ledger;
  signer: LedgerSigner;
  clock: Clock;
  /** Who asks for it. */
  actor: string;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** What is excepted is outstanding again when it ends. Returns the ledger entry. Throws bad_input. */
export async function grantException(
  { db, ledger, signer, clock, actor }: Grantor,
  { reason, approver, until }: ExceptionTerms,
  { incidentId, kind, subject, signed, data, save }: Excepted,
): Promise<number> {
  const at = clock.now();
  const days = (until.getTime() - at.getTime()) / dayMs;
  if (!(days > 0 && days <= limits.exceptionDaysMax))
    throw new FirebreakError(
      'bad_input',
      `an exception ends in the future and within ${limits.exceptionDaysMax} days, got ${until.toISOString()}`,
    );
  if (reason.trim() === '' || approver.trim() === '')
    throw new FirebreakError('bad_input', 'an exception has a reason and an approver');
  const { name, digest, predicateType = 'https://firebreak.dev/exception/v1', about = {} } = signed;
  const terms = { reason, approver, until: until.toISOString() };
  const dsse = signAttestation(signer, {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest }],
    predicateType,
    predicate: { incident: incidentId, ...about, ...terms },
  });
  const entry = { ...data, reason, until: terms.until, requestedBy: actor, dsse };
  return db.transaction().execute(async (tx) => {
    const [seq = 0] = await ledger.appendWithin(tx, [
      { kind, actor: approver, incidentId, subject, data: entry },
    ]);
    await save(tx, { reason, approver, until, seq, at });
    return seq;
  });
}
