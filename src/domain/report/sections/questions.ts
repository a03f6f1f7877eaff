/** What nobody began and what the hunts could not answer, and who signed for leaving it so. */
import { count, plural } from '../../../kernel/text.ts';
import { readQuestions } from '../../incident/index.ts';
import { fact, row, table } from '../make.ts';
import { counted, type Source } from '../source.ts';
import type { Block, Section } from '../types.ts';

export async function questions(source: Source): Promise<Section> {
  const { context, tx, incident, census } = source;
  const all = await readQuestions({ ...context, db: tx }, incident);
  const { total, open, excepted } = census.questions;
  const seqs = all.flatMap(({ exception }) => exception?.ledgerSeq ?? []);
  const statement =
    total === 0
      ? 'Every part of the response was begun, and the hunts left no doubt.'
      : `${plural(total, 'question')}: ${count(excepted)} excepted, ${count(open)} open. Of an open one nothing can be said; an excepted one somebody answers for.`;
  const blocks: Block[] = [
    fact({ id: 'questions', statement, citations: seqs, basis: counted, values: { total, open, excepted } }),
  ];
  if (all.length > 0)
    blocks.push(
      table({
        id: 'questions',
        title: 'Each of them',
        columns: [
          ['what', 'Question', 'text'],
          ['why', 'Why', 'text'],
          ['state', 'Now', 'text'],
          ['reason', 'Left so because', 'text'],
          ['approver', 'Approved by', 'text'],
          ['until', 'Until (UTC)', 'time'],
        ],
        rows: all.map(({ what, why, state, exception }) =>
          row(
            {
              what,
              why,
              state,
              reason: exception?.reason ?? '',
              approver: exception?.approver ?? '',
              until: exception?.until ?? '',
            },
            [exception?.ledgerSeq],
          ),
        ),
      }),
    );
  return { id: 'questions', title: 'What is not begun, and what is in doubt', blocks };
}
