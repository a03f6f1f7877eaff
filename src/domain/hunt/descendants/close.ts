/** The two ways out of the list of descendants: contained, with what was done; or excepted, by whom and until when. */
import { FirebreakError } from '../../../kernel/errors.ts';
import type { Context } from '../../context.ts';
import { type ExceptionTerms, grantException } from '../../evidence/index.ts';
import { findDescendant, saveContained, saveDescendantException } from './store.ts';

export interface ContainedInput {
  /** What was done and what shows it: `account disabled, Jira audit record 4711`. */
  because: string;
  /** When it was done; now, where it is not given. */
  at?: Date;
}

/** Throws not_found, or bad_input for a time before it was last made. A later event that makes it anew reopens it. */
export async function containDescendant(
  context: Context,
  incidentId: string,
  ref: string,
  input: ContainedInput,
): Promise<{ id: string; ledgerSeq: number }> {
  const descendant = await findDescendant(context.db, incidentId, ref);
  const at = input.at ?? context.clock.now();
  if (input.because.trim() === '')
    throw new FirebreakError('bad_input', 'say what was done to contain it, and what shows it');
  if (at < descendant.madeAt || at > context.clock.now())
    throw new FirebreakError(
      'bad_input',
      `${descendant.name} was made at ${descendant.madeAt.toISOString()}: it was contained after that, and not in the future`,
    );
  return context.db.transaction().execute(async (tx) => {
    const data = { ...describe(descendant), because: input.because, at: at.toISOString() };
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      { kind: 'hunt.descendant.contained', actor: context.actor, incidentId, subject: descendant.id, data },
    ]);
    await saveContained(tx, descendant.id, { at, by: context.actor, because: input.because, seq });
    return { id: descendant.id, ledgerSeq: seq };
  });
}

/** A signed exception that ends, when it is outstanding once more. Throws bad_input, not_found. */
export async function exceptDescendant(
  context: Context,
  incidentId: string,
  ref: string,
  terms: ExceptionTerms,
): Promise<{ id: string; ledgerSeq: number }> {
  const descendant = await findDescendant(context.db, incidentId, ref);
  const { id } = descendant;
  const ledgerSeq = await grantException(context, terms, {
    incidentId,
    kind: 'hunt.descendant.excepted',
    subject: id,
    signed: { name: descendant.name, digest: { descendant: id.replace('dsc_', '') } },
    data: describe(descendant),
    save: (tx, row) => saveDescendantException(tx, id, row),
  });
  return { id, ledgerSeq };
}

const describe = ({ kind, name }: { kind: string; name: string }) => ({ kind, name });
