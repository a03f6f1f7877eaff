/** The first thing that somebody reads: what stands, and what does not. */
import { count, plural } from '../../../kernel/text.ts';
import { fact, join } from '../make.ts';
import { counted, entriesOf, rangeOf, type Source } from '../source.ts';
import type { Block, Section } from '../types.ts';

/** One sentence that says whether something is outstanding. */
export function headline({ census }: Source): string {
  const { total, outstanding } = census.credentials;
  const { descendants, hunts, scans, systems, reboots, questions } = census;
  const unfinished = [
    ...(scans.unfinished > 0 ? [` ${plural(scans.unfinished, 'scan')} did not finish.`] : []),
    ...(hunts.unfinished > 0 ? [` ${plural(hunts.unfinished, 'hunt')} did not finish.`] : []),
    ...(descendants.outstanding > 0
      ? [
          ` ${count(descendants.outstanding)} of ${plural(descendants.total, 'thing')} that the attacker made ${descendants.outstanding === 1 ? 'is' : 'are'} not contained.`,
        ]
      : []),
    ...(systems.outstanding > 0 ? [` ${plural(systems.outstanding, 'system')} not examined.`] : []),
    ...(systems.unfinished > 0 ? [` ${plural(systems.unfinished, 'examination')} did not finish.`] : []),
    ...(reboots.outstanding > 0
      ? [` ${plural(reboots.outstanding, 'system')} not proven to have restarted.`]
      : []),
    ...(questions.notBegun.length > 0 ? [` Not begun: ${join(questions.notBegun)}.`] : []),
    ...(questions.doubts > 0 ? [` ${plural(questions.doubts, 'doubt')} of the hunts open.`] : []),
  ].join('');
  if (outstanding > 0)
    return `${count(outstanding)} of ${plural(total, 'exposed credential')} ${outstanding === 1 ? 'is' : 'are'} outstanding.${unfinished}`;
  if (total === 0) return `No credential is known to be exposed.${unfinished}`;
  return `${unfinished === '' ? 'Nothing is outstanding:' : 'No credential is outstanding:'} ${total === 1 ? 'the one exposed credential is' : `all ${count(total)} exposed credentials are`} accounted for.${unfinished}`;
}

export async function summary(source: Source): Promise<Section> {
  const { credentials } = source.census;
  const { total, provenDead, excepted, replaced, outstanding } = credentials;
  const parts = [
    `${count(provenDead)} ${provenDead === 1 ? 'is' : 'are'} proven dead`,
    `${count(excepted)} ${excepted === 1 ? 'is' : 'are'} excepted`,
    `${count(replaced)} had been replaced before`,
    `${count(outstanding)} ${outstanding === 1 ? 'is' : 'are'} outstanding`,
  ];
  const blocks: Block[] = [
    fact({
      id: 'summary',
      statement: `Of ${plural(total, 'exposed credential')}, ${join(parts)}.`,
      citations: [
        ...rangeOf(source, 'exposure.matched'),
        source.proofs.first?.seq ?? null,
        source.proofs.last?.seq ?? null,
      ],
      basis: counted,
      values: { total, provenDead, excepted, replaced, outstanding },
    }),
    ...(await lifetime(source)),
  ];
  return { id: 'summary', title: 'In short', blocks };
}

async function lifetime(source: Source): Promise<Block[]> {
  const { incident } = source;
  const [opened] = await entriesOf(source, 'incident.opened');
  const closed = (await entriesOf(source, 'incident.closed')).at(-1);
  const basis = (entry: unknown) => (entry ? undefined : 'From the store; the ledger does not record it.');
  const blocks = [
    fact({
      id: 'opened',
      statement: `${incident.openedBy} opened the incident from advisory ${incident.advisoryId}.`,
      at: incident.openedAt,
      citations: [opened?.seq],
      basis: basis(opened),
    }),
  ];
  if (incident.closedAt === null)
    blocks.push(
      fact({
        id: 'closed',
        statement: 'The incident is open.',
        basis: 'No entry incident.closed for this incident in the ledger.',
      }),
    );
  else
    blocks.push(
      fact({
        id: 'closed',
        statement: `${incident.closedBy ?? 'Somebody whose name is not known'} closed the incident.`,
        at: incident.closedAt,
        citations: [closed?.seq],
        basis: basis(closed),
      }),
    );
  return blocks;
}
