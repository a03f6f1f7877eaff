/** Reboot plans and how far they are, as people read them. */
import type {
  RebootCensusView,
  RebootList,
  RebootMemberView,
  RebootPlanView,
  RebootProgressView,
  RebootView,
} from '../../api/contract.ts';
import { plural } from '../../kernel/text.ts';
import { duration, moment, number } from '../format.ts';
import { bad, bold, dim, good, type Paper, type Toned, warn } from '../paper.ts';

const right = (title: string) => ({ title, align: 'right' as const });
const left = (title: string) => ({ title });
const listed = 20;

export function printRebootPlan(paper: Paper, plan: RebootPlanView): void {
  paper.line('Plan ', bold(plan.id), dim(`  made ${moment(plan.createdAt)} by ${plan.createdBy}`));
  const reimages = plan.reimages > 0 ? `, ${number(plan.reimages)} of them installed anew` : '';
  paper.fields(
    [
      ['hosts', `${number(plan.members)}${reimages}`],
      ['waves', number(plan.waves.length)],
      ['estimated time', describeEstimate(plan.estimate)],
      ['at the longest', `${duration(plan.estimate.secondsMax)}; maintenance windows come on top`],
      ['a host may take', `${plan.minutesMax} minutes; one that does not come back stops its wave`],
      ['approvals needed', plan.approvals],
      ['members digest', dim(plan.membersDigest)],
    ],
    '  ',
  );
  paper.heading('Roles');
  const roles = plan.roles.map((one) => [bold(one.role || '(none)'), one.hosts, one.downMax, one.waves]);
  paper.table([left('role'), right('hosts'), right('down at a time'), right('waves')], roles, '  ');
  paper.heading('Waves');
  const waves = plan.waves.slice(0, listed).map((one) => [one.wave, one.hosts, one.canary ? 'canary' : '']);
  paper.table([right('wave'), right('hosts'), left('')], waves, '  ');
  if (plan.waves.length > listed) paper.line(dim(`  and ${number(plan.waves.length - listed)} more`));
  printUnplannable(paper, plan.unplannable);
}

function describeEstimate({ seconds, basis, restarts }: RebootPlanView['estimate']): string {
  const from =
    basis === 'measured'
      ? `measured on ${plural(restarts, 'earlier restart')}`
      : 'assumed: no restart was measured here yet';
  return `about ${duration(seconds)} (${from})`;
}

function printUnplannable(paper: Paper, { total, listed: some }: RebootPlanView['unplannable']): void {
  if (total === 0) return;
  paper.heading(`${plural(total, 'host')} in no plan, and outstanding`);
  for (const { host, code, reason } of some.slice(0, listed)) {
    paper.line('  ', bad(host), dim(`  ${code}`));
    paper.line(`    ${reason}`);
  }
  if (total > listed) paper.line(dim(`  and ${number(total - Math.min(listed, some.length))} more`));
}

export function toneOf(status: RebootProgressView['status']): Toned {
  if (status === 'finished') return good(status);
  return status === 'stopped' || status === 'cancelled' ? bad(status) : warn(status);
}

/** Every host of the plan is proven, and none was left out of it. */
export const isDone = ({ plan, progress }: Pick<RebootView, 'plan' | 'progress'>): boolean =>
  progress.status === 'finished' && progress.outstanding === 0 && plan.unplannable.total === 0;

export function printReboot(paper: Paper, view: RebootView): void {
  const { plan, progress, approvals, outstanding } = view;
  paper.line('Reboot ', bold(plan.id), '  ', toneOf(progress.status));
  if (progress.statusReason !== null) paper.line('  ', bad(progress.statusReason));
  const states: [string, number][] = [
    ['restarted and proven', progress.done],
    ['failed', progress.failed],
    ['not proven', progress.indeterminate],
    ['cancelled', progress.cancelled],
    ['under way', progress.running],
    ['waiting', progress.pending],
  ];
  const given = states.filter(([, count]) => count > 0).map(([state, count]) => `${number(count)} ${state}`);
  const wave = progress.wave === null ? '' : `, wave ${progress.wave} of ${progress.waves}`;
  paper.fields(
    [
      ['hosts', `${number(progress.total)} = ${given.join(' + ') || 'none'}${wave}`],
      [
        'approved by',
        approvals.map(({ approver }) => approver).join(', ') || `nobody yet; ${plan.approvals} needed`,
      ],
      ['started', moment(progress.startedAt)],
      ['ended', moment(progress.finishedAt)],
    ],
    '  ',
  );
  if (outstanding.length > 0) paper.heading('Not proven');
  for (const one of outstanding.slice(0, listed)) {
    paper.line(
      '  ',
      bold(one.host),
      '  ',
      bad(one.status),
      dim(`  wave ${one.wave}${one.reasonCode ? `, ${one.reasonCode}` : ''}`),
    );
    if (one.reason !== null) paper.line(`    ${one.reason}`);
  }
  const more = progress.outstanding - Math.min(listed, outstanding.length);
  if (more > 0) paper.line(dim(`  and ${number(more)} more: firebreak reboot show ${plan.id} --outstanding`));
  printUnplannable(paper, plan.unplannable);
  const next = nextCommand(view);
  if (next) paper.space().line('Next: ', bold(next));
}

function nextCommand({ plan, progress }: RebootView): string | undefined {
  const { status, failed, indeterminate } = progress;
  if (status === 'planned') return `firebreak reboot approve ${plan.id} --approver NAME`;
  if (status === 'approved' || status === 'paused') return `firebreak reboot apply ${plan.id}`;
  if (failed + indeterminate > 0 && (status === 'finished' || status === 'stopped'))
    return `firebreak reboot retry ${plan.id}`;
  if (status === 'finished') return 'firebreak triage collect && firebreak triage survived';
  return status === 'stopped' ? `firebreak reboot apply ${plan.id}` : undefined;
}

/** Total = sum of the states, then what is outstanding by reason. */
export function printRebootCensus(paper: Paper, census: RebootCensusView): void {
  const { total, proven, excepted, outstanding, outstandingBy } = census;
  const reasons = Object.entries(outstandingBy).map(([code, count]) => `${number(count)} ${code}`);
  const rows: [string, number, string][] = [
    ['restarted', proven, 'proven by another boot identity, signed'],
    ['excepted', excepted, 'signed, with an end'],
    ['outstanding', outstanding, reasons.join(', ')],
  ];
  const cells = rows.map(([state, count, note]) => [
    state,
    state === 'outstanding' && count > 0 ? bad(number(count)) : number(count),
    dim(note),
  ]);
  const sum = rows.map(([, count]) => number(count)).join(' + ');
  paper.table(
    [left(''), right(''), left('')],
    [...cells, [bold('total'), bold(number(total)), dim(`= ${sum}`)]],
    '  ',
  );
  if (census.beyond > 0)
    paper.line(warn(`  ${plural(census.beyond, 'more system')}`), ' of the inventory in no reboot plan');
}

/** All plans, and where each host that one of them meant stands now. */
export function printRebootStatus(paper: Paper, { plans, census, outstanding }: RebootList): void {
  printRebootList(paper, plans);
  if (plans.length === 0) return;
  paper.heading('Over all plans');
  printRebootCensus(paper, census);
  if (census.outstanding > 0) paper.heading('Not proven');
  for (const { host, code, reason, planId } of outstanding.slice(0, listed)) {
    paper.line('  ', bold(host), '  ', bad(code ?? ''), dim(`  ${planId}`));
    if (reason !== null) paper.line(`    ${reason}`);
  }
  const more = census.outstanding - Math.min(listed, outstanding.length);
  if (more > 0) paper.line(dim(`  and ${number(more)} more: firebreak reboot status --json`));
  paper.space();
  if (census.outstanding === 0) paper.line(good('Complete:'), ' every system is restarted or excepted.');
  else paper.line(bad('Outstanding:'), ` ${plural(census.outstanding, 'system')}.`);
}

function printRebootList(paper: Paper, plans: RebootProgressView[]): void {
  if (plans.length === 0) {
    paper.line('No plan yet: firebreak reboot plan');
    return;
  }
  const rows = plans.map((one) => [
    bold(one.planId),
    toneOf(one.status),
    one.total,
    one.done,
    one.failed + one.indeterminate,
    one.statusReason ?? '',
  ]);
  paper.table(
    [left('plan'), left('status'), right('hosts'), right('proven'), right('in trouble'), left('')],
    rows,
  );
}

export function printRebootMembers(
  paper: Paper,
  { members, next }: { members: RebootMemberView[]; next: number | null },
): void {
  paper.heading('Hosts');
  const rows = members.map((one) => [
    one.ordinal,
    one.wave,
    bold(one.host),
    one.role,
    one.action,
    one.status === 'done' ? good(one.status) : one.status === 'failed' ? bad(one.status) : warn(one.status),
    one.reason ?? (one.bootIdAfter ? `${one.bootIdBefore} → ${one.bootIdAfter}` : ''),
  ]);
  const columns = [
    right('step'),
    right('wave'),
    left('host'),
    left('role'),
    left('action'),
    left('status'),
    left('why, or boot identity'),
  ];
  paper.table(columns, rows);
  if (next !== null) paper.line(dim(`more: --after ${next}`));
}
