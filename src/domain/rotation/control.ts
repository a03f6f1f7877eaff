/** Approve, apply, pause, resume, cancel and retry a campaign. */
import { lifeOf, type PlanKind } from '../plans/index.ts';
import { campaigns } from './store.ts';
import { cancelOpenMembers, reopenMembers } from './store-members.ts';
import type { Plan } from './types.ts';

export const rotationPlans: PlanKind<Plan> = {
  store: campaigns,
  kind: 'rotation',
  command: 'rotate',
  member: 'credential',
  workflow: 'rotation.campaign',
  reopenMembers,
  cancelOpenMembers,
};

export const {
  approve: approvePlan,
  apply: applyPlan,
  retry: retryCampaign,
  pause: pauseCampaign,
  cancel: cancelCampaign,
} = lifeOf(rotationPlans);
