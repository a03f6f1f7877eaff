/** What was left standing, who answers for it, why and until when. */
import { plural } from '../../../kernel/text.ts';
import { verifyAttestation } from '../../evidence/index.ts';
import { fact, row, table } from '../make.ts';
import { counted, rangeOf, type Source } from '../source.ts';
import { listExceptions, type StandingException } from '../store.ts';
import type { Section } from '../types.ts';

export async function exceptions(source: Source): Promise<Section> {
  const list = await listExceptions(source.tx, source.incident.id);
  const title = 'Exceptions';
  if (list.length === 0)
    return {
      id: 'exceptions',
      title,
      blocks: [
        fact({
          id: 'exceptions',
          statement: 'No exception was made.',
          basis: 'No entry exposure.excepted for this incident in the ledger.',
          values: { inForce: 0 },
        }),
      ],
    };
  const { excepted } = source.census.credentials;
  const rows = list.map((one) =>
    row(
      {
        ref: one.ref,
        reason: one.reason,
        approver: one.approver,
        asked: one.requestedBy,
        until: one.until,
        stands: standing(one, source.generatedAt),
        signature: signatureOf(source, one),
      },
      [one.seq],
    ),
  );
  const columns = [
    ['ref', 'Credential', 'name'],
    ['reason', 'Why', 'text'],
    ['approver', 'Approved by', 'text'],
    ['asked', 'Asked for by', 'text'],
    ['until', 'Until (UTC)', 'time'],
    ['stands', 'Now', 'text'],
    ['signature', 'Signature', 'text'],
  ] as const;
  const blocks = [
    fact({
      id: 'exceptions',
      statement: `${plural(excepted, 'exception is', 'exceptions are')} in force. An excepted credential still opens its door; when the exception ends it is outstanding again.`,
      citations: rangeOf(source, 'exposure.excepted'),
      basis: counted,
      values: { inForce: excepted },
    }),
    table({ id: 'exceptions', title: 'Each of them', columns, rows }),
  ];
  return { id: 'exceptions', title, blocks };
}

function signatureOf({ context }: Source, { dsse }: StandingException): string {
  const checked = verifyAttestation(context.signer, dsse);
  return checked.signatureValid ? 'holds' : `NOT verified: expected ${checked.fault}`;
}

function standing(one: StandingException, now: Date): string {
  if (one.state === 'proven-dead') return 'proven dead since';
  if (one.state === 'excepted') return 'in force';
  return one.until <= now ? 'ended' : one.state;
}
