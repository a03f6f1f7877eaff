/** What to do now about restarts: finish what was planned, deal with who did not restart, say whom no plan means. */
import { plural } from '../../kernel/text.ts';
import type { Context } from '../context.ts';
import {
  getRebootPlan,
  listRebootPlanIds,
  type RebootProgress,
  readRebootProgress,
} from '../reboot/index.ts';
import type { Census, Incident, NextStep } from './types.ts';

export async function rebootSteps(context: Context, incident: Incident, census: Census): Promise<NextStep[]> {
  const steps: NextStep[] = [];
  for (const id of await listRebootPlanIds(context.db, incident.id))
    steps.push(...(await planSteps(context, await readRebootProgress(context.db, id))));
  return [...steps, ...remainder(census, steps.length > 0)];
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
    const why = `${done} of ${plural(total, 'system')} restarted and proven`;
    return [
      { urgency: 'next', what: `Watch reboot plan ${id}`, why, command: `firebreak reboot status ${id}` },
    ];
  }
  if (status !== 'stopped') return [];
  const what = `Look into reboot plan ${id}, then continue it`;
  const why = `it stopped: ${progress.statusReason}`;
  return [{ urgency: 'now', what, why, command: `firebreak reboot status ${id}` }];
}

function remainder({ reboots, systems }: Census, plansWait: boolean): NextStep[] {
  const steps: NextStep[] = [];
  if (reboots.outstanding > 0 && !plansWait) {
    const reasons = Object.entries(reboots.outstandingBy).map(([code, hosts]) => `${hosts} ${code}`);
    steps.push({
      urgency: 'now',
      what: `See to ${plural(reboots.outstanding, 'system')} not proven to have restarted, or except them`,
      why: reasons.join(', '),
      command: 'firebreak reboot status',
    });
  }
  // Before anything was examined, a restart would only destroy what is in memory.
  if (reboots.beyond > 0 && systems.total > 0)
    steps.push({
      urgency: 'next',
      what: `Plan the restart of ${plural(reboots.beyond, 'system')}`,
      why: 'what lives in memory only ends with it, and no plan of this incident means them',
      command: 'firebreak reboot plan',
    });
  return steps;
}
