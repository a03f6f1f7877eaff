/** The table `incident_exception`: questions that are left open under somebody's name. */
import type { Db, Tx } from '../../store/index.ts';
import type { ExceptionRow } from '../evidence/index.ts';
import type { QuestionException } from './types.ts';

/** The latest of each question, in force or ended. */
export async function listQuestionExceptions(
  db: Db,
  incidentId: string,
): Promise<Map<string, QuestionException>> {
  const rows = await db
    .selectFrom('incident_exception')
    .select(['question', 'reason', 'approver', 'until', 'ledger_seq'])
    .where('incident_id', '=', incidentId)
    .execute();
  return new Map(
    rows.map(({ question, ledger_seq, ...rest }) => [question, { ...rest, ledgerSeq: Number(ledger_seq) }]),
  );
}

export async function saveQuestionException(
  tx: Tx,
  row: ExceptionRow & { incidentId: string; question: { id: string; what: string; why: string } },
): Promise<void> {
  const { reason, approver, until, at } = row;
  const { what, why } = row.question;
  const signed = { what, why, reason, approver, until, ledger_seq: row.seq, at };
  await tx
    .insertInto('incident_exception')
    .values({ incident_id: row.incidentId, question: row.question.id, ...signed })
    .onConflict((conflict) => conflict.columns(['incident_id', 'question']).doUpdateSet(signed))
    .execute();
}
