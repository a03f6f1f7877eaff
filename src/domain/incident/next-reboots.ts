/** What to do now about restarts: finish what was planned, deal with who did not restart, say whom no plan means. */
import { count, plural } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import { listCollections } from '../forensics/index.ts';
import {
  getRebootPlan,
  listRebootPlanIds,
  type RebootProgress,
  readRebootProgress,
} from '../reboot/index.ts';
import type { Census, Incident, NextStep } from './types.ts';

export async function rebootSteps(context: Context, incident: Incident, census: Census): Promise<NextStep[]> {
  const ids = await listRebootPlanIds(context.db, incident.id);
  const plans = await Promise.all(ids.map((id) => readRebootProgress(context.db, id)));
  const steps = (await Promise.all(plans.map((plan) => planSteps(context, plan)))).flat();
  return [
    ...steps,
    ...remainder(census, steps.length > 0),
    ...(await survivalSteps(context, incident, census, plans)),
  ];
}

/** A plan that waits for somebody. Who is left after it is in the census. */
async function planSteps(context: Context, progress: RebootProgress): Promise<NextStep[]> {
  const { planId: id, status, done, total } = progress;
  const waiting = progress.pending + progress.running;
  const hosts = plural(waiting, 'system');
  if (status === 'planned') {
    const { plan, approvals } = await getRebootPlan(context.db, id);
    const missing = plural(plan.approvals - approvals.length, 'approval');
    const why = `the restart of ${hosts} waits for ${missing}`;
    const command = `firebreak reboot approve ${id} --approver NAME`;
    return [{ urgency: 'now', what: `Approve reboot plan ${id}`, why, command }];
  }
  if (status === 'approved' || status === 'paused') {
    const reason = progress.statusReason === null ? '' : `: ${progress.statusReason}`;
    const why = `it is ${status}${reason}; ${hosts} ${waiting === 1 ? 'waits' : 'wait'}`;
    const command = `firebreak reboot apply ${id}`;
    return [{ urgency: 'now', what: `Apply reboot plan ${id}`, why, command }];
  }
  if (status === 'running') {
    const why = `${count(done)} of ${plural(total, 'system')} restarted and proven`;
    return [
      { urgency: 'next', what: `Watch reboot plan ${id}`, why, command: `firebreak reboot status ${id}` },
    ];
  }
  if (status !== 'stopped') return [];
  const what = `Look into reboot plan ${id}, then continue it`;
  const why = `it stopped: ${progress.statusReason}`;
  return [{ urgency: 'now', what, why, command: `firebreak reboot status ${id}` }];
}

/** Whoever was examined before a restart is examined after it: what is still there is persistence. */
async function survivalSteps(
  { db }: Context,
  { id }: Incident,
  { systems }: Census,
  plans: readonly RebootProgress[],
): Promise<NextStep[]> {
  const ended = plans.filter(({ done, finishedAt }) => done > 0 && finishedAt !== null);
  if (systems.total === 0 || ended.length === 0) return [];
  const last = Math.max(...ended.map(({ finishedAt }) => Date.parse(String(finishedAt))));
  const again = (await listCollections(db, id)).some(({ createdAt }) => createdAt.getTime() > last);
  if (again) return [];
  const restarted = ended.reduce((sum, { done }) => sum + done, 0);
  return [
    {
      urgency: 'next',
      what: 'Examine again what was restarted',
      why: `${plural(restarted, 'restart')} since the last examination; what is still there is persistence (firebreak triage survived)`,
      command: 'firebreak triage collect',
    },
  ];
}

function remainder({ reboots, systems }: Census, plansWait: boolean): NextStep[] {
  const steps: NextStep[] = [];
  if (reboots.outstanding > 0 && !plansWait) {
    const reasons = Object.entries(reboots.outstandingBy).map(([code, hosts]) => `${count(hosts)} ${code}`);
    steps.push({
      urgency: 'now',
      what: `See to ${plural(reboots.outstanding, 'system')} not proven to have restarted, or except them`,
      why: reasons.join(', '),
      command: 'firebreak reboot status',
    });
  }
  // Before anything was examined, a restart would only destroy what is in memory.
  if (reboots.beyond > 0 && systems.total > 0 && reboots.total > 0)
    steps.push({
      urgency: 'next',
      what: `Plan the restart of ${plural(reboots.beyond, 'system')}`,
      why: 'what lives in memory only ends with it, and no plan of this incident means them',
      command: 'firebreak reboot plan',
    });
  return steps;
}
