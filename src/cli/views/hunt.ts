/** What a hunt found, as people read it: what, who, when, from where, and the line of the log that shows it. */
import type { DescendantView, EventLine, IocResult, OutstandingLine } from '../../api/contract.ts';
import { plural } from '../../kernel/text.ts';
import { moment, number } from '../format.ts';
import { bad, bold, dim, good, type Paper, type Toned, warn } from '../paper.ts';

const shownMax = 40;
const doubtsMax = 12;

/** Where an event stands: the beginning of its file's hash and its line. */
export const proofOf = ({ fileId, line }: Pick<EventLine, 'fileId' | 'line'>): string =>
  `${fileId.slice(0, 12)}:${line}`;

/** `jira-audit on atlassian-01` */
export const placeOf = ({ source, host }: Pick<EventLine, 'source' | 'host'>): string =>
  host === '' ? source : `${source} on ${host}`;

export const left = (...titles: string[]) => titles.map((title) => ({ title }));

interface Doubtful {
  period: { from: string; to: string };
  claims: readonly { source: string; verdict: string; events: number }[];
  doubts: readonly string[];
}

/** What the answer rests on, and what is in the way of a plain no. */
export function printCoverage(paper: Paper, { period, claims, doubts }: Doubtful): void {
  paper.heading('What this rests on');
  const span = `${moment(period.from)} to ${moment(period.to)}`;
  const full = claims.filter(({ verdict }) => verdict === 'full').length;
  const events = claims.reduce((sum, one) => sum + one.events, 0);
  paper.line(`  ${plural(events, 'event')} of ${plural(claims.length, 'source')}, ${span}`);
  if (doubts.length === 0) {
    paper.line('  ', good('covered:'), ' no gap, no hole and no unread record in any of them');
    return;
  }
  paper.line(
    '  ',
    warn(`${number(full)} of ${plural(claims.length, 'source')} covered in full;`),
    ' in the way of a plain no:',
  );
  for (const doubt of doubts.slice(0, doubtsMax)) paper.line(`    ${doubt}`);
  if (doubts.length > doubtsMax)
    paper.line(dim(`    and ${number(doubts.length - doubtsMax)} more: firebreak logs coverage`));
}

export function printOutstanding(paper: Paper, outstanding: readonly OutstandingLine[]): void {
  if (outstanding.length === 0) return;
  paper.heading('Outstanding');
  for (const { what, why } of outstanding.slice(0, shownMax)) paper.line('  ', bad(what), `: ${why}`);
  if (outstanding.length > shownMax) paper.line(dim(`  and ${number(outstanding.length - shownMax)} more`));
}

const verdicts: Record<IocResult['results'][number]['verdict'], Toned> = {
  seen: bad('SEEN'),
  'not-seen': good('not seen'),
  'cannot-be-ruled-out': warn("not seen, can't be ruled out"),
};

export function printIoc(paper: Paper, result: IocResult): void {
  const seen = result.results.filter(({ verdict }) => verdict === 'seen');
  paper.line(
    bold(`${number(seen.length)} of ${plural(result.results.length, 'indicator')} seen`),
    `; ${plural(result.tally.found, 'finding')}, ${number(result.tally.added)} new`,
  );
  if (seen.length > 0) {
    paper.heading('Seen');
    const rows = seen.map((one) => [
      bold(one.title),
      one.events,
      moment(one.first),
      moment(one.last),
      one.bySource.map(({ source, events }) => `${source} ${number(events)}`).join(', '),
    ]);
    const columns = [
      { title: 'what' },
      { title: 'events', align: 'right' as const },
      ...left('first', 'last', 'where'),
    ];
    paper.table(columns, rows, '  ');
    paper.heading('First sightings');
    const sightings = seen
      .flatMap((one) =>
        [...one.sightings]
          .sort(byTime)
          .slice(0, 5)
          .map((sighting) => ({ one, ...sighting })),
      )
      .sort(byTime);
    paper.table(
      left('when', 'indicator', 'who', 'from', 'what', 'source', 'proof'),
      sightings
        .slice(0, shownMax)
        .map(({ one, event, column }) => [
          moment(event.at),
          one.title,
          event.actor || '-',
          event.address || '-',
          event.code || column,
          placeOf(event),
          dim(proofOf(event)),
        ]),
      '  ',
    );
  }
  const others = result.results.filter(({ verdict }) => verdict !== 'seen');
  if (others.length > 0) {
    paper.heading('Not seen');
    for (const { title, verdict, notes } of others.slice(0, shownMax))
      paper.line('  ', verdicts[verdict], `  ${title}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`);
    if (others.length > shownMax) paper.line(dim(`  and ${number(others.length - shownMax)} more`));
  }
  printCoverage(paper, result);
  printOutstanding(paper, result.outstanding);
}

const byTime = (a: { event: EventLine }, b: { event: EventLine }): number =>
  a.event.at < b.event.at ? -1 : a.event.at > b.event.at ? 1 : 0;

const states: Record<DescendantView['state'], Toned> = {
  outstanding: bad('outstanding'),
  contained: good('contained'),
  excepted: warn('excepted'),
};

export function printDescendants(paper: Paper, list: readonly DescendantView[]): void {
  const names = new Map(list.map(({ id, name }) => [id, name]));
  const rows = list.map((one) => {
    const [edge] = one.edges;
    return [
      moment(one.madeAt),
      one.kind,
      bold(one.owner === '' || one.owner === one.name ? one.name : `${one.name} (${one.owner})`),
      edge ? (names.get(edge.parent) ?? edge.parent) : '-',
      edge?.event.address || '-',
      states[one.state],
      edge ? `${placeOf(edge.event)} ${proofOf(edge.event)}` : '-',
      dim(one.id),
    ];
  });
  paper.table(left('made', 'kind', 'what', 'by', 'from', 'state', 'proof', 'id'), rows, '  ');
}
