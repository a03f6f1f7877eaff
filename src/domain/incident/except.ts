/** Leaves a question of the incident open under somebody's name: a signed exception with a reason and an end. */
import { FirebreakError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import type { Context } from '../context.ts';
import { type ExceptionTerms, grantException } from '../evidence/index.ts';
import { readQuestions } from './census.ts';
import { saveQuestionException } from './store-exceptions.ts';
import type { Incident } from './types.ts';

/** Throws not_found for what is no question (any more), bad_input for an end that is past or too far. */
export async function exceptQuestion(
  context: Context,
  incident: Incident,
  id: string,
  terms: ExceptionTerms,
): Promise<{ question: string; what: string; until: Date; ledgerSeq: number }> {
  const incidentId = incident.id;
  const question = (await readQuestions(context, incident)).find((one) => one.id === id);
  if (!question)
    throw new FirebreakError(
      'not_found',
      `${id} is no question of incident ${incidentId}: firebreak incident questions lists them`,
    );
  const { what, why } = question;
  const ledgerSeq = await grantException(context, terms, {
    incidentId,
    kind: 'incident.excepted',
    subject: id,
    signed: {
      name: id,
      digest: { sha256: sha256Hex(JSON.stringify([incidentId, id, what, why])) },
      predicateType: 'https://firebreak.dev/question-exception/v1',
      about: { what, why },
    },
    data: { question: id, what, why },
    save: (tx, row) => saveQuestionException(tx, { incidentId, question, ...row }),
  });
  return { question: id, what, until: terms.until, ledgerSeq };
}
