/** Triage as people read it: the census of systems, one host, outliers with their reasons. */

import type { z } from 'zod';
import type {
  CollectionProgressView,
  HostCensusView,
  HostLineView,
  HostReportView,
  StackResult,
  TriageImportResult,
  TriageStatus,
} from '../../api/contract.ts';
import { describeFault } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import { bytes, duration, moment, number } from '../format.ts';
import { bad, bold, dim, good, type Paper, type Part, type Toned, warn } from '../paper.ts';

type Census = z.infer<typeof HostCensusView>;

const right = (title: string) => ({ title, align: 'right' as const });

/** Total = sum of the states. */
export function printHostCensus(paper: Paper, census: Census): void {
  const rows: [string, number, string][] = [
    ['examined', census.examined, 'every artifact came whole'],
    ['partial', census.partial, 'some artifacts did not'],
    ['refused', census.refused, 'it answers, and lets us not in'],
    ['unreachable', census.unreachable, 'it does not answer'],
    ['not attempted', census.notAttempted, ''],
    ['excepted', census.excepted, 'signed, with an end'],
  ];
  const isDone = (state: string) => state === 'examined' || state === 'excepted';
  const cells = rows.map(([state, count, note]) => [
    state,
    count > 0 && !isDone(state) ? bad(number(count)) : number(count),
    dim(note),
  ]);
  const sum = rows.map(([, count]) => number(count)).join(' + ');
  paper.table(
    [{ title: '' }, right(''), { title: '' }],
    [...cells, [bold('total'), bold(number(census.total)), dim(`= ${sum}`)]],
    '  ',
  );
}

export function printTriageStatus(paper: Paper, { systems, collections, outstanding }: TriageStatus): void {
  if (collections.length === 0) {
    paper.line('Nothing was collected yet: firebreak triage collect');
    if (systems.beyond > 0) paper.line(`${plural(systems.beyond, 'system')} in the inventory.`);
    return;
  }
  paper.heading('Systems');
  printHostCensus(paper, systems);
  if (systems.beyond > 0)
    paper.line(
      warn(`  ${plural(systems.beyond, 'system')} of the inventory`),
      ' in no collection of this incident',
    );
  paper.heading('Collections');
  for (const one of collections) printCollection(paper, one);
  printOutstanding(paper, outstanding, systems.outstanding);
  paper.space();
  if (systems.outstanding === 0) paper.line(good('Complete:'), ' every system is examined or excepted.');
  else paper.line(bad('Outstanding:'), ` ${plural(systems.outstanding, 'system')}.`);
}

function printCollection(paper: Paper, one: CollectionProgressView): void {
  const pace =
    one.perSecond === null
      ? ''
      : `, ${one.perSecond >= 10 ? Math.round(one.perSecond) : one.perSecond.toFixed(1)}/s, ${duration(one.secondsLeft ?? 0)} left`;
  const reason = one.statusReason === null ? '' : `: ${one.statusReason}`;
  const done = one.census.total - one.pending;
  paper.line(
    '  ',
    bold(one.id),
    `  ${one.status}${reason}`,
    dim(`  ${number(done)} of ${number(one.census.total)} seen to${pace}`),
  );
  if (one.status === 'paused' || one.status === 'stopped')
    paper.line(dim(`    go on: firebreak triage resume ${one.id}`));
  if (one.status === 'running')
    paper.line(dim('    if nothing moves, its process is gone: firebreak triage resume'));
}

export function printOutstanding(paper: Paper, hosts: readonly HostLineView[], total: number): void {
  if (hosts.length === 0) return;
  paper.heading('Outstanding');
  const rows = hosts.map((one) => [bold(one.host), one.role, bad(one.state), one.code, one.why]);
  paper.table(
    ['host', 'role', 'state', 'code', 'why'].map((title) => ({ title })),
    rows,
    '  ',
  );
  if (total > hosts.length)
    paper.line(dim(`  and ${number(total - hosts.length)} more: firebreak triage hosts --state STATE`));
  paper.line(
    dim(
      '  again: firebreak triage retry     leave one out: firebreak triage except HOST --reason --approver --until',
    ),
  );
}

const toneOf = (score: number): ((text: string) => Toned) => (score >= 70 ? bad : score >= 40 ? warn : dim);

export function printStack(paper: Paper, result: StackResult): void {
  const { outliers, hosts, facts, more, withoutFacts, notes, window, seconds } = result;
  paper.line(
    `${plural(facts, 'fact')} of ${plural(hosts, 'system')} compared in ${seconds.toFixed(1)} s; the attacker's time is ${moment(window.from)} to ${moment(window.to)}.`,
  );
  if (withoutFacts > 0)
    paper.line(
      warn(`${plural(withoutFacts, 'system')} gave nothing to compare`),
      ': firebreak triage status names them',
    );
  for (const note of notes) paper.line(warn('note'), `  ${note}`);
  if (outliers.length === 0) paper.line('No outlier.');
  for (const one of outliers) {
    const tone = toneOf(one.score);
    paper
      .space()
      .line(
        tone(String(one.score).padStart(3)),
        '  ',
        bold(one.host),
        dim(`  ${[one.role, one.site, one.environment].filter((part) => part !== '').join(', ')}`),
      );
    const what: Part[] = ['     ', `${one.artifact}  `, bold(one.key)];
    if (one.value !== '' && one.value !== one.sha256) what.push(`  ${one.value.slice(0, 160)}`);
    paper.line(...what);
    const facts = [
      one.technique,
      one.owner && `owner ${one.owner}`,
      one.at && `at ${moment(one.at)}`,
      one.sha256 && `sha256 ${one.sha256}`,
    ];
    const known = facts.filter((part) => part);
    if (known.length > 0) paper.line(dim(`     ${known.join('  ')}`));
    for (const { points, why } of one.reasons)
      paper.line(dim(`     ${String(points).padStart(3)}`), `  ${why}`);
  }
  if (more > 0) paper.space().line(dim(`and ${number(more)} of lower score: --limit`));
}

export function printHost(paper: Paper, { host, findings, facts, factsTotal, raw }: HostReportView): void {
  paper.line(
    bold(host.host),
    `  ${[host.role, host.site, host.environment].filter((part) => part !== '').join(', ')}`,
  );
  const isDone = host.state === 'examined';
  paper.fields([
    ['verdict', [isDone ? good(host.state) : bad(host.state), host.why === null ? '' : `  ${host.why}`]],
    ['when', moment(host.at)],
    ['excepted until', moment(host.exceptedUntil)],
    ['system', host.identity && `${host.identity.osId} ${host.identity.osVersion}, ${host.identity.kernel}`],
    [
      'boot',
      host.identity &&
        `${host.identity.bootId}${host.identity.bootedAt === null ? '' : ` since ${moment(host.identity.bootedAt)}`}`,
    ],
    ['container', host.identity?.container || null],
    ['host key', host.hostKey],
    ['origin', host.origin || null],
    ['script', host.scriptSha256 && `sha256 ${host.scriptSha256}`],
    ['ledger', host.ledgerSeq === null ? null : `entry ${host.ledgerSeq}`],
  ]);
  if (raw) {
    paper.heading('Raw output');
    paper.fields(
      [
        ['sha256', raw.sha256],
        ['size', bytes(raw.bytes)],
        ['file', raw.isHere ? raw.path : [bad('not in this evidence folder'), `  ${raw.path}`]],
        ['check', raw.check],
      ],
      '  ',
    );
  }
  const gaps = host.artifacts.filter((one) => one.state === 'partial' || one.state === 'failed');
  if (gaps.length > 0) {
    paper.heading('Not whole');
    paper.table(
      ['artifact', 'state', 'why'].map((title) => ({ title })),
      gaps.map((one) => [one.artifact, warn(one.state), one.why]),
      '  ',
    );
  }
  paper.heading(
    findings.length === 0 ? 'Nothing stands out on it by itself' : 'What stands out on it by itself',
  );
  for (const one of findings) {
    paper.line(
      '  ',
      toneOf(one.score)(String(one.score).padStart(3)),
      '  ',
      bold(one.title),
      dim(`  ${one.technique}  ${one.artifact}`),
    );
    paper.line(`       ${one.why}`);
  }
  paper.heading(`Facts (${number(factsTotal)})`);
  const rows = facts.map((one) => [one.artifact, bold(one.key), one.value, one.owner, moment(one.at)]);
  paper.table(
    ['artifact', 'key', 'value', 'owner', 'changed'].map((title) => ({ title })),
    rows,
    '  ',
  );
  if (factsTotal > facts.length)
    paper.line(dim(`  ${number(facts.length)} of ${number(factsTotal)} listed: --artifact, --limit`));
}

export function printTriageImport(paper: Paper, result: TriageImportResult): void {
  paper.line(
    good('imported'),
    `  ${result.file}: ${plural(result.records, 'record')} of ${result.format}, into ${result.collectionId}`,
  );
  paper.line(dim(`sha256 ${result.sha256}`));
  for (const one of result.hosts)
    paper.line(
      '  ',
      bold(one.host),
      '  ',
      one.state === 'examined' ? good(one.state) : warn(one.state),
      `  ${plural(one.facts, 'fact')}, ${plural(one.findings, 'finding')}${one.why === null ? '' : `  ${one.why}`}`,
    );
  for (const host of result.skipped)
    paper.line(
      '  ',
      bold(host),
      warn('  left as it is'),
      ': examined already; --apart puts the file into a collection of its own',
    );
  for (const fault of result.rejects) paper.line('  ', bad('rejected'), `  ${describeFault(fault)}`);
  if (result.rejected > result.rejects.length)
    paper.line(dim(`  and ${number(result.rejected - result.rejects.length)} more rejected`));
}
