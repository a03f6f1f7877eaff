/** Leaves a question of the incident open under somebody's name: a signed exception with a reason and an end. */
import { FirebreakError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { limits } from '../../kernel/limits.ts';
import type { Context } from '../context.ts';
import { signAttestation } from '../evidence/index.ts';
import { readQuestions } from './census.ts';
import { saveQuestionException } from './store-exceptions.ts';
import type { Incident, QuestionException } from './types.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** Throws not_found for what is no question (any more), bad_input for an end that is past or too far. */
export async function exceptQuestion(
  context: Context,
  incident: Incident,
  id: string,
  { reason, approver, until }: Omit<QuestionException, 'ledgerSeq'>,
): Promise<{ question: string; what: string; until: Date; ledgerSeq: number }> {
  const at = context.clock.now();
  const days = (until.getTime() - at.getTime()) / dayMs;
  if (!(days > 0 && days <= limits.exceptionDaysMax))
    throw new FirebreakError(
      'bad_input',
      `an exception ends in the future and within ${limits.exceptionDaysMax} days, got ${until.toISOString()}`,
    );
  const question = (await readQuestions(context, incident)).find((one) => one.id === id);
  if (!question)
    throw new FirebreakError(
      'not_found',
      `${id} is no question of incident ${incident.id}: firebreak incident questions lists them`,
    );
  const { what, why } = question;
  const dsse = signAttestation(context.signer, {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: id, digest: { sha256: sha256Hex(JSON.stringify([incident.id, id, what, why])) } }],
    predicateType: 'https://firebreak.dev/question-exception/v1',
    predicate: { incident: incident.id, what, why, reason, approver, until: until.toISOString() },
  });
  const data = {
    question: id,
    what,
    why,
    reason,
    until: until.toISOString(),
    requestedBy: context.actor,
    dsse,
  };
  const ledgerSeq = await context.db.transaction().execute(async (tx) => {
    const entry = { kind: 'incident.excepted', actor: approver, incidentId: incident.id, subject: id, data };
    const [seq = 0] = await context.ledger.appendWithin(tx, [entry]);
    await saveQuestionException(tx, { incidentId: incident.id, question, reason, approver, until, seq, at });
    return seq;
  });
  return { question: id, what, until, ledgerSeq };
}
