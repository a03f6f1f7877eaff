/** Where every exposed credential stands now. The total is the sum of the states. */
import { count, plural } from '../../../kernel/text.ts';
import { fact, row, table } from '../make.ts';
import { counted, rangeOf, type Source } from '../source.ts';
import { groupOutstanding } from '../store.ts';
import type { Block, Section } from '../types.ts';

export async function census(source: Source): Promise<Section> {
  const { credentials, scans } = source.census;
  const { total, provenDead, excepted, replaced, outstanding } = credentials;
  const exposed = ['exposure.matched', 'exposure.precaution', 'exposure.found'].flatMap((kind) =>
    rangeOf(source, kind),
  );
  const proofs = [source.proofs.first?.seq, source.proofs.last?.seq];
  const exceptions = rangeOf(source, 'exposure.excepted');
  const sum = `${count(provenDead)} proven dead + ${count(excepted)} excepted + ${count(replaced)} replaced before + ${count(outstanding)} outstanding = ${count(total)}`;
  const rows = [
    row(
      {
        state: 'Proven dead',
        meaning: 'the system itself refuses the exposed secret',
        credentials: provenDead,
      },
      proofs,
    ),
    row(
      { state: 'Excepted', meaning: 'somebody answers for leaving it, until a day', credentials: excepted },
      exceptions,
    ),
    row(
      {
        state: 'Replaced before',
        meaning: 'changed after the window closed, with evidence',
        credentials: replaced,
      },
      exposed,
    ),
    row(
      { state: 'Outstanding', meaning: 'not closed, whatever is said of it', credentials: outstanding },
      exposed,
    ),
    row({ state: 'Total', meaning: 'the sum of the states', credentials: total }, exposed),
  ];
  const blocks: Block[] = [
    fact({
      id: 'census',
      statement: `${plural(total, 'credential is', 'credentials are')} exposed: ${sum}.`,
      citations: [...exposed, ...proofs, ...exceptions],
      basis: counted,
      values: { total, provenDead, excepted, replaced, outstanding },
    }),
    table({
      id: 'census',
      title: 'Exposed credentials by state',
      columns: [
        ['state', 'State', 'text'],
        ['meaning', 'It means', 'text'],
        ['credentials', 'Credentials', 'number'],
      ],
      rows,
    }),
    await outstandingGroups(source),
    fact({
      id: 'scans-finished',
      statement:
        scans.unfinished === 0
          ? `${plural(scans.total, 'scan was', 'scans were')} started, and none is unfinished.`
          : `${plural(scans.unfinished, 'scan')} of ${count(scans.total)} did not finish: what they did not read is not known.`,
      citations: [...rangeOf(source, 'exposure.scan.started'), ...rangeOf(source, 'exposure.scan.finished')],
      basis: counted,
      values: { total: scans.total, unfinished: scans.unfinished },
    }),
  ];
  return { id: 'census', title: 'The census now', blocks };
}

/** What people do about a group, by the code of its reason. */
const remedies: Record<string, string> = {
  'not-planned': 'in no plan: firebreak rotate plan, or except it',
  'in-campaign': 'a campaign has it: firebreak rotate status',
  cancelled: 'its campaign was cancelled: firebreak rotate plan',
  'no-secret': 'the old secret is not known here, so nobody can see it refused',
};

async function outstandingGroups(source: Source): Promise<Block> {
  const groups = await groupOutstanding(source.tx, source.incident.id);
  if (groups.length === 0)
    return fact({
      id: 'outstanding',
      statement: 'No exposed credential is outstanding.',
      basis: counted,
      values: { outstanding: 0 },
    });
  const rows = groups.map((group) => {
    const example = group.example ?? 'no reason is recorded';
    const reason =
      group.reasons > 1 ? `${example} (and ${plural(group.reasons - 1, 'other reason')})` : example;
    return row(
      {
        code: group.code,
        reason,
        next: remedies[group.code] ?? 'look into the reason, then firebreak rotate retry',
        credentials: group.exposures,
        unused: group.claimedUnused,
      },
      [group.firstSeq, group.lastSeq],
    );
  });
  const columns = [
    ['code', 'Reason', 'code'],
    ['reason', 'In words', 'text'],
    ['next', 'What to do', 'text'],
    ['credentials', 'Credentials', 'number'],
    ['unused', 'Believed unused', 'number'],
  ] as const;
  return table({
    id: 'outstanding',
    title: 'Outstanding, by reason',
    columns,
    rows,
    note: 'Each one is listed in the appendix of outstanding credentials.',
  });
}
