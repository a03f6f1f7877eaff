/** What was read, as people read it. */
import type { AccessedView, AccessResult } from '../../api/contract.ts';
import { plural } from '../../kernel/text.ts';
import { moment, number } from '../format.ts';
import { bad, bold, type Cell, dim, good, type Paper, type Toned, warn } from '../paper.ts';
import { left, placeOf, printCoverage, proofOf } from './hunt.ts';

const shownMax = 40;
const listedMax = 10_000;

export function printAccess(paper: Paper, result: AccessResult, list: boolean): void {
  paper.line(
    bold(`${plural(result.resourcesTotal, 'thing')} read`),
    ` by ${plural(result.principals, 'exposed name')}, ${plural(result.descendants, 'descendant')} and from ${plural(result.addresses.length, 'known address', 'known addresses')}`,
  );
  printTypes(paper, result);
  printReaders(paper, result);
  printSearches(paper, result);
  const things = result.resources.filter(({ type }) => type !== 'search');
  if (list && things.length > 0) {
    paper.heading('Each of them');
    printThings(paper, things);
  }
  if (result.refusedTotal > 0) {
    paper.heading(`Asked for and refused: ${number(result.refusedTotal)}, not counted above`);
    printThings(paper, result.refused, list ? listedMax : shownMax);
  }
  printClasses(paper, result);
  printCoverage(paper, result);
}

function printTypes(paper: Paper, { types }: AccessResult): void {
  if (types.length === 0) return;
  paper.heading('What was read');
  const rows = types.map(({ type, resources, total, byAct, topics }): Cell[] => [
    bold(type),
    total === null ? number(resources) : `${number(resources)} of ${number(total)}`,
    Object.entries(byAct)
      .map(([act, count]) => `${number(count ?? 0)} ${act}`)
      .join(', ') || '-',
    topics
      .slice(0, 6)
      .map(({ word, resources: count }) => `${word} ${count}`)
      .join(', ') || '-',
  ]);
  const columns = [
    { title: 'what' },
    { title: 'how many', align: 'right' as const },
    ...left('how', 'about'),
  ];
  paper.table(columns, rows, '  ');
}

function printReaders(paper: Paper, { readers }: AccessResult): void {
  if (readers.length === 0) return;
  paper.heading('Who read, and from where');
  const rows = readers
    .slice(0, shownMax)
    .map(({ actor, address, resources, first, last }): Cell[] => [
      bold(actor || '-'),
      address || '-',
      resources,
      moment(first),
      moment(last),
    ]);
  const columns = [
    ...left('who', 'from'),
    { title: 'things', align: 'right' as const },
    ...left('first', 'last'),
  ];
  paper.table(columns, rows, '  ');
  if (readers.length > shownMax) paper.line(dim(`  and ${number(readers.length - shownMax)} more`));
}

function printSearches(paper: Paper, { resources }: AccessResult): void {
  const words = resources.filter(({ type }) => type === 'search').map(({ key }) => key);
  if (words.length === 0) return;
  paper.heading('Searched for');
  for (const word of words.slice(0, shownMax)) paper.line(`  ${word}`);
  if (words.length > shownMax) paper.line(dim(`  and ${number(words.length - shownMax)} more`));
}

function printThings(paper: Paper, things: readonly AccessedView[], max = listedMax): void {
  const rows = things
    .slice(0, max)
    .map((one): Cell[] => [
      moment(one.first),
      one.type,
      bold(one.title === '' || one.title === one.key ? one.key : `${one.key} ${one.title}`),
      one.acts.join(', '),
      one.actors.join(', ') || '-',
      one.addresses.join(', ') || '-',
      `${placeOf(one.proof)} ${proofOf(one.proof)}`,
    ]);
  paper.table(left('first', 'type', 'what', 'how', 'who', 'from', 'proof'), rows, '  ');
  if (things.length > max) paper.line(dim(`  and ${number(things.length - max)} more: --list, or --json`));
}

const verdicts: Record<AccessResult['classes'][number]['verdict'], Toned> = {
  accessed: bad('ACCESSED'),
  'no-access-seen': good('reachable, and no access seen with full coverage'),
  'cannot-be-ruled-out': warn("access can't be ruled out"),
};

function printClasses(paper: Paper, { classes }: AccessResult): void {
  paper.heading('Protected classes of data');
  if (classes.length === 0)
    paper.line('  none are named in firebreak.yaml (data:), so nothing is said of any');
  for (const one of classes) {
    const refused = one.refused > 0 ? dim(`  ${plural(one.refused, 'attempt')} refused`) : '';
    paper.line('  ', bold(one.class), '  ', verdicts[one.verdict], refused);
    for (const because of one.because.slice(0, shownMax)) paper.line(`    ${because}`);
    for (const event of one.proof.slice(0, 5))
      paper.line(
        dim(
          `    ${moment(event.at)}  ${event.actor} ${event.address}  ${event.message || event.code}  ${placeOf(event)} ${proofOf(event)}`,
        ),
      );
  }
}
