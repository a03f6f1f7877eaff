/** "Unused" is a claim, not an exit: who made it, of how many, and where those credentials stand. */
import { count, plural } from '../../../kernel/text.ts';
import { fact, join, row, table } from '../make.ts';
import { counted, type Source } from '../source.ts';
import { groupClaims, listClaimed } from '../store.ts';
import type { Block, Section } from '../types.ts';

export async function unused(source: Source): Promise<Section> {
  const groups = await groupClaims(source.tx, source.incident.id);
  const title = 'Credentials believed unused';
  const total = groups.reduce((sum, group) => sum + group.exposures, 0);
  if (total === 0)
    return {
      id: 'unused',
      title,
      blocks: [
        fact({
          id: 'unused',
          statement: 'Of no exposed credential does any source say that nobody uses it.',
          basis: counted,
          values: { total: 0 },
        }),
      ],
    };
  const listed = await listClaimed(source.tx, source.incident.id);
  const citations = listed.slice(0, 20).flatMap((one) => [...one.citations, one.excepted]);
  const people = [...new Set(groups.map((group) => group.by))];
  const blocks: Block[] = [
    fact({
      id: 'unused',
      statement: `${plural(total, 'exposed credential is', 'exposed credentials are')} said to be unused, by ${join(people)}. That closed none of them: now ${join(standings(groups))}.`,
      citations,
      basis: counted,
      values: { total, ...byState(groups) },
    }),
    list(listed, total),
  ];
  return { id: 'unused', title, blocks };
}

type Group = Awaited<ReturnType<typeof groupClaims>>[number];

function byState(groups: Group[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { state, exposures } of groups) sums[state] = (sums[state] ?? 0) + exposures;
  return sums;
}

const standings = (groups: Group[]): string[] =>
  Object.entries(byState(groups)).map(
    ([state, exposures]) => `${plural(exposures, 'is', 'are')} ${words[state] ?? state}`,
  );

const words: Record<string, string> = { 'proven-dead': 'proven dead', replaced: 'replaced before' };

function list(listed: Awaited<ReturnType<typeof listClaimed>>, total: number) {
  const rows = listed.map((one) =>
    row(
      {
        ref: one.ref,
        by: one.claimedUnusedBy,
        state: words[one.state] ?? one.state,
        reason: one.reason ?? '',
      },
      [...one.citations, one.excepted],
    ),
  );
  const columns = [
    ['ref', 'Credential', 'name'],
    ['by', 'Believed unused by', 'text'],
    ['state', 'Stands now', 'text'],
    ['reason', 'Why', 'text'],
  ] as const;
  const note =
    total > rows.length
      ? `The first ${count(rows.length)} of ${count(total)}; the appendices list all by state.`
      : undefined;
  return table({ id: 'unused', title: 'Each of them', columns, rows, note });
}
