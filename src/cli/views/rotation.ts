/** Plans, campaigns and proofs as people read them. */
import type { CampaignView, PlanView, ProgressView, ProofView } from '../../api/contract.ts';
import { plural } from '../../kernel/text.ts';
import { duration, moment, number, percent } from '../format.ts';
import { bad, bold, dim, good, type Paper, type Toned, warn } from '../paper.ts';

const right = (title: string) => ({ title, align: 'right' as const });
const unplannableListed = 20;

export function printPlan(paper: Paper, plan: PlanView): void {
  paper.line('Plan ', bold(plan.id), dim(`  made ${moment(plan.createdAt)} by ${plan.createdBy}`));
  paper.fields(
    [
      ['credentials', plan.members],
      ['estimated time', `about ${duration(plan.estimatedSeconds)}`],
      ['approvals needed', plan.approvals],
      ['stops when', `more than ${(plan.failureRateMax * 100).toFixed(1)} % of a wave fail`],
      ['members digest', dim(plan.membersDigest)],
    ],
    '  ',
  );
  paper.heading('Waves');
  const waves = plan.waves.map((one) => [
    one.wave,
    one.members,
    one.batches,
    one.canary ? 'canary: a few of every system first' : '',
  ]);
  paper.table([right('wave'), right('credentials'), right('batches'), { title: '' }], waves, '  ');
  paper.heading('Systems');
  const systems = plan.systems.map((one) => [
    bold(one.system),
    one.connector,
    one.members,
    one.concurrency,
    one.perSecond ?? 'no limit',
    one.negativeProbes,
    duration(one.estimatedSeconds),
  ]);
  paper.table(
    [
      { title: 'system' },
      { title: 'connector' },
      right('credentials'),
      right('at a time'),
      right('per second'),
      right('probes each'),
      right('about'),
    ],
    systems,
    '  ',
  );
  printUnplannable(paper, plan.unplannable);
}

function printUnplannable(paper: Paper, { total, listed }: PlanView['unplannable']): void {
  if (total === 0) return;
  paper.heading(`${plural(total, 'exposed credential')} in no plan, and outstanding`);
  for (const { ref, code, reason } of listed.slice(0, unplannableListed)) {
    paper.line('  ', bad(ref), dim(`  ${code}`));
    paper.line(`    ${reason}`);
  }
  const more = total - Math.min(listed.length, unplannableListed);
  if (more > 0)
    paper.line(dim(`  and ${number(more)} more: firebreak exposure list --reason-code not-planned`));
}

export function toneOf(status: ProgressView['status']): Toned {
  if (status === 'finished') return good(status);
  return status === 'stopped' || status === 'cancelled' ? bad(status) : warn(status);
}

/** Everything of the plan is done, and well. */
export const isDone = ({ status, total, done }: ProgressView): boolean =>
  status === 'finished' && done === total;

export function printCampaign(paper: Paper, { plan, approvals, progress, troubled }: CampaignView): void {
  paper.line('Campaign ', bold(plan.id), '  ', toneOf(progress.status));
  if (progress.statusReason !== null) paper.line('  ', bad(progress.statusReason));
  const { total, done, failed, indeterminate, cancelled, running, pending } = progress;
  const states: [string, number][] = [
    ['proven dead', done],
    ['failed', failed],
    ['not proven', indeterminate],
    ['cancelled', cancelled],
    ['under way', running],
    ['waiting', pending],
  ];
  const given = states.filter(([, count]) => count > 0);
  paper.fields(
    [
      [
        'credentials',
        `${number(total)} = ${given.map(([state, count]) => `${number(count)} ${state}`).join(' + ') || 'none'}`,
      ],
      [
        'progress',
        `${percent(progress.steps.reached, progress.steps.total)} of all stages${progress.wave === null ? '' : `, wave ${progress.wave} of ${progress.waves}`}`,
      ],
      [
        'approved by',
        approvals.map(({ approver }) => approver).join(', ') || `nobody yet; ${plan.approvals} needed`,
      ],
      ['started', moment(progress.startedAt)],
      ['ended', moment(progress.finishedAt)],
      ['took', elapsed(progress)],
    ],
    '  ',
  );
  printTroubled(paper, troubled, failed + indeterminate + cancelled);
  const next = nextCommand(plan.id, progress);
  if (next !== undefined) paper.space().line('Next: ', bold(next));
}

function elapsed({ startedAt, finishedAt }: ProgressView): string | null {
  if (startedAt === null || finishedAt === null) return null;
  return duration((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000);
}

function printTroubled(paper: Paper, troubled: CampaignView['troubled'], total: number): void {
  if (troubled.length === 0) return;
  paper.heading('Not proven dead');
  for (const { ref, status, stage, code, reason } of troubled) {
    paper.line(
      '  ',
      bold(ref),
      '  ',
      bad(status),
      dim(`  after stage ${stage}${code === null ? '' : `, ${code}`}`),
    );
    if (reason !== null) paper.line(`    ${reason}`);
  }
  if (total > troubled.length) paper.line(dim(`  and ${number(total - troubled.length)} more`));
}

function nextCommand(
  id: string,
  { status, failed, indeterminate, cancelled }: ProgressView,
): string | undefined {
  if (status === 'planned') return `firebreak rotate approve ${id} --approver NAME`;
  if (status === 'approved' || status === 'paused') return `firebreak rotate apply ${id}`;
  if (status !== 'running' && failed + indeterminate > 0) return `firebreak rotate retry ${id}`;
  if (status === 'stopped') return `firebreak rotate apply ${id}`;
  if (cancelled > 0) return 'firebreak rotate plan';
  return status === 'finished' ? 'firebreak incident census' : undefined;
}

/** The parts of a proof that people ask for. Another predicate is shown as it is. */
interface Predicate {
  probes: {
    at: string;
    role: string;
    verdict: string;
    code?: string;
    message?: string;
    principal?: string;
    reason?: string;
  }[];
  control?: string;
  actedAs?: string;
  replacement?: string;
  acceptedBeforeTheChange?: boolean | null;
  oldSessionsOpen?: number | null;
}

export function printProof(paper: Paper, proof: ProofView): void {
  paper.line(
    bold(proof.ref),
    '  ',
    proof.signatureValid && proof.included ? good('proven dead') : bad('NOT PROVEN'),
    `  ${moment(proof.at)}`,
  );
  const predicate = proof.statement?.predicate as Predicate | undefined;
  if (Array.isArray(predicate?.probes)) printPredicate(paper, predicate);
  paper.heading('Why this can be believed');
  paper.fields(
    [
      ['signature', proof.signatureValid ? good('valid') : bad('NOT VALID: the statement is not shown')],
      ['ledger entry', String(proof.ledgerSeq)],
      [
        'inclusion',
        proof.included ? good('stands in the tree of the newest checkpoint') : bad('NOT IN THE SIGNED TREE'),
      ],
      ['checkpoint', proof.checkpoint.split('\n').slice(0, 3).join('  ')],
    ],
    '  ',
  );
  paper.line(dim('  --json prints the in-toto statement and its DSSE envelope'));
}

function printPredicate(paper: Paper, { probes, ...facts }: Predicate): void {
  paper.heading('What was seen');
  const rows = probes.map((probe) => [
    moment(probe.at),
    probe.role === 'old' ? 'old secret' : 'control',
    verdictOf(probe.verdict),
    probe.verdict === 'accepted'
      ? `as ${probe.principal ?? '?'}`
      : [probe.code ?? probe.reason, probe.message].filter(Boolean).join(': '),
  ]);
  paper.table(
    [{ title: 'when' }, { title: 'what' }, { title: 'verdict' }, { title: 'said the system' }],
    rows,
    '  ',
  );
  paper.space().fields(
    [
      ['sessions of the old secret', sessions(facts.oldSessionsOpen)],
      ['old secret before the change', before(facts.acceptedBeforeTheChange)],
      ['replacement', facts.replacement],
      ['acted as', facts.actedAs],
    ],
    '  ',
  );
}

function verdictOf(verdict: string): Toned {
  if (verdict === 'rejected') return good('refused');
  return verdict === 'accepted' ? bold('accepted') : bad(verdict);
}

function sessions(open: number | null | undefined): Toned | string {
  if (open === null || open === undefined) return 'none of its own at this system';
  return open === 0 ? good('0 open') : bad(`${number(open)} OPEN`);
}

function before(accepted: boolean | null | undefined): string {
  if (accepted === true) return 'was accepted, so its refusal now means something';
  return accepted === false ? 'was not accepted; it is a leaked secret that is tried by itself' : 'not known';
}
