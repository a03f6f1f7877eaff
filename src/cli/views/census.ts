/** The census as people read it: total = sum of the states, then what is not done and why. */
import type { CensusView, ExposureView, IncidentView } from '../../api/contract.ts';
import { plural } from '../../kernel/text.ts';
import { moment, number } from '../format.ts';
import { bad, bold, dim, good, type Paper, warn } from '../paper.ts';
import { printRebootCensus } from './reboot.ts';
import { printHostCensus } from './triage.ts';

export interface CensusPage {
  incident: Pick<IncidentView, 'id' | 'title'>;
  census: CensusView;
  /** Outstanding ones that somebody says nobody uses; the first of them. */
  claimedUnused: readonly Pick<ExposureView, 'ref' | 'claimedUnusedBy'>[];
}

/** What a reason code says, and what to do about it. */
const reasons: Record<string, [why: string, command: string]> = {
  'not-planned': ["in no plan; planning says why where it can't take one", 'firebreak rotate plan'],
  'in-campaign': ['waiting in a campaign', 'firebreak rotate status'],
  cancelled: ['their campaign was cancelled', 'firebreak rotate plan'],
  unreachable: ['their system does not answer', 'firebreak rotate retry PLAN'],
  timeout: ['their system answers too late', 'firebreak rotate retry PLAN'],
  aborted: ['the call was broken off', 'firebreak rotate retry PLAN'],
  'rate-limited': ['their system asks us to slow down', 'firebreak rotate retry PLAN'],
  'wrong-principal': ['accepted, but as somebody else', 'firebreak exposure list --state outstanding'],
  'unknown-error': ['refused with an error that proves nothing', 'firebreak rotate status PLAN'],
  'not-permitted': ['their system stopped us before it judged the secret', 'firebreak rotate status PLAN'],
  protocol: ["an answer that does not fit the system's protocol", 'firebreak rotate status PLAN'],
  'no-secret': [
    'replaced, but the old secret is not known, so nobody can see it refused',
    'firebreak inventory import FILE',
  ],
  'no-control': ['nothing is known that the system would accept', 'firebreak rotate status PLAN'],
  'old-not-live': ['the secret that we hold was refused before too', 'firebreak inventory import FILE'],
  'still-accepted': ['THE OLD SECRET IS STILL ACCEPTED', 'firebreak rotate retry PLAN'],
  'sessions-alive': ['sessions of the old secret are still open', 'firebreak rotate retry PLAN'],
  'not-delivered': ['the replacement could not be handed over', 'firebreak rotate retry PLAN'],
  'no-recipient': [
    'their owner has no age recipient',
    'edit firebreak.yaml, then firebreak rotate retry PLAN',
  ],
  'replacement-rejected': ['the replacement is not accepted', 'firebreak rotate retry PLAN'],
};

const elsewhere: [string, string] = ['see the reason of each', 'firebreak exposure list --state outstanding'];

export function printCensus(paper: Paper, { incident, census, claimedUnused }: CensusPage): void {
  const { credentials, scans, complete } = census;
  paper.line(bold(incident.title));
  paper.line(dim(`incident ${incident.id}, counted ${moment(census.at)}`));
  paper.heading('Exposed credentials');
  printStates(paper, census);
  if (credentials.outstanding > 0) printOutstanding(paper, credentials.outstandingBy);
  printClaims(paper, credentials.outstandingClaimedUnused, claimedUnused);
  paper.heading('Scans');
  const rest = scans.unfinished === 0 ? 'all finished' : `${number(scans.unfinished)} not finished`;
  paper.line(`  ${scans.total === 0 ? 'none' : `${plural(scans.total, 'scan')}, ${rest}`}`);
  if (scans.filesWithErrors > 0)
    paper.line(
      '  ',
      warn(`${plural(scans.filesWithErrors, 'file')} could not be read whole`),
      ' (firebreak exposure scans)',
    );
  printHunts(paper, census);
  if (census.systems.total > 0) {
    paper.heading('Systems');
    printHostCensus(paper, census.systems);
    if (census.systems.outstanding > 0) paper.line(dim('  who, and why: firebreak triage status'));
  }
  printRestarts(paper, census);
  printQuestions(paper, census);
  paper.space();
  if (complete) paper.line(good('Complete:'), ' nothing is outstanding.');
  else paper.line(bad('Not complete:'), ` ${describeOpen(census)}.`);
}

/** What nobody began is named: a set that is empty because nobody looked is not one that is done. */
function printQuestions(paper: Paper, { questions }: CensusView): void {
  if (questions.total === 0) return;
  const { total, open, excepted, notBegun, doubts } = questions;
  paper.heading('Questions');
  paper.line(
    `  ${plural(total, 'question')} = ${number(excepted)} excepted + `,
    open > 0 ? bad(`${number(open)} open`) : `${number(open)} open`,
    ...(open > 0 ? [' (firebreak incident questions)'] : []),
  );
  if (notBegun.length > 0) paper.line('  ', warn('not begun:'), ` ${notBegun.join(', ')}`);
  if (doubts > 0) paper.line('  ', warn(plural(doubts, 'doubt')), ' of the hunts');
}

function printRestarts(paper: Paper, { reboots }: CensusView): void {
  if (reboots.total === 0) return;
  paper.heading('Restarts');
  printRebootCensus(paper, reboots);
  if (reboots.outstanding > 0) paper.line(dim('  who, and why: firebreak reboot status'));
}

function printHunts(paper: Paper, { descendants, hunts }: CensusView): void {
  if (hunts.total === 0) return;
  paper.heading('What the attacker made');
  const { total, outstanding, contained, excepted } = descendants;
  paper.line(
    `  ${plural(total, 'descendant')} = ${number(contained)} contained + ${number(excepted)} excepted + `,
    outstanding > 0 ? bad(`${number(outstanding)} outstanding`) : `${number(outstanding)} outstanding`,
    ...(outstanding > 0 ? [' (firebreak hunt made --state outstanding)'] : []),
  );
  const rest = hunts.unfinished === 0 ? 'all finished' : `${number(hunts.unfinished)} not finished`;
  paper.line(`  ${plural(hunts.total, 'hunt')}, ${rest}`);
}

function printStates(paper: Paper, { credentials }: CensusView): void {
  const { total, provenDead, excepted, replaced, outstanding } = credentials;
  const rows: [string, number, string][] = [
    ['proven dead', provenDead, 'refused by the system itself, while a control was accepted'],
    ['replaced before', replaced, 'changed after the window, with evidence'],
    ['excepted', excepted, 'signed, with an end'],
    ['outstanding', outstanding, outstanding === 0 ? '' : 'an open door until shown otherwise'],
  ];
  const cells = rows.map(([state, count, note]) => [
    state,
    state === 'outstanding' && count > 0 ? bad(number(count)) : number(count),
    dim(note),
  ]);
  const columns = [{ title: '' }, { title: '', align: 'right' as const }, { title: '' }];
  const sum = [provenDead, replaced, excepted, outstanding].map(number).join(' + ');
  paper.table(columns, [...cells, [bold('total'), bold(number(total)), dim(`= ${sum}`)]], '  ');
}

function printOutstanding(paper: Paper, by: Record<string, number>): void {
  paper.heading('Outstanding, and what to do');
  const rows = Object.entries(by)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => {
      const [why, command] = reasons[code] ?? elsewhere;
      return [number(count), code, why, bold(command)];
    });
  const columns = [
    { title: 'count', align: 'right' as const },
    { title: 'code' },
    { title: 'why' },
    { title: 'command' },
  ];
  paper.table(columns, rows, '  ');
}

/** Law 2: a claim that nobody uses a credential closes nothing, so each is named. */
function printClaims(paper: Paper, total: number, listed: CensusPage['claimedUnused']): void {
  if (total === 0) return;
  paper.heading(
    `${plural(total, 'of these is', 'of these are').replace(/^1 of/, '1 of')} said to be unused, and outstanding all the same`,
  );
  for (const { ref, claimedUnusedBy } of listed)
    paper.line('  ', bold(ref), `  believed unused by ${claimedUnusedBy ?? 'somebody'}: that closes nothing`);
  if (total > listed.length)
    paper.line(
      dim(
        `  and ${number(total - listed.length)} more: firebreak exposure list --state outstanding --claimed-unused`,
      ),
    );
}

function describeOpen(census: CensusView): string {
  const { credentials, scans, descendants, hunts, systems, reboots, questions } = census;
  return [
    ...(credentials.outstanding > 0 ? [`${plural(credentials.outstanding, 'credential')} outstanding`] : []),
    ...(scans.unfinished > 0 ? [`${plural(scans.unfinished, 'scan')} not finished`] : []),
    ...(descendants.outstanding > 0 ? [`${plural(descendants.outstanding, 'descendant')} outstanding`] : []),
    ...(hunts.unfinished > 0 ? [`${plural(hunts.unfinished, 'hunt')} not finished`] : []),
    ...(systems.outstanding > 0 ? [`${plural(systems.outstanding, 'system')} not examined`] : []),
    ...(systems.unfinished > 0 ? [`${plural(systems.unfinished, 'collection')} not finished`] : []),
    ...(reboots.outstanding > 0
      ? [`${plural(reboots.outstanding, 'system')} not proven to have restarted`]
      : []),
    ...(questions.notBegun.length > 0 ? [`not begun: ${questions.notBegun.join(', ')}`] : []),
    ...(questions.doubts > 0 ? [`${plural(questions.doubts, 'doubt')} of the hunts open`] : []),
  ].join(', ');
}
