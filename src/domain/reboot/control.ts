/** Approve, apply, pause, cancel and retry a reboot plan. */
import { lifeOf, type PlanKind } from '../plans/index.ts';
import { rebootPlans } from './store.ts';
import { cancelOpenMembers, reopenMembers } from './store-members.ts';
import type { RebootPlan } from './types.ts';

export const rebootKind: PlanKind<RebootPlan> = {
  store: rebootPlans,
  kind: 'reboot',
  command: 'reboot',
  member: 'host',
  workflow: 'reboot.plan',
  reopenMembers,
  cancelOpenMembers,
};

export const {
  approve: approveReboot,
  apply: applyReboot,
  retry: retryReboot,
  pause: pauseReboot,
  cancel: cancelReboot,
} = lifeOf(rebootKind);
