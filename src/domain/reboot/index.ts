/** Restarting: every host in safe waves, and the proof by its boot identity. The module's only door. */
export { applyReboot, approveReboot, cancelReboot, pauseReboot, retryReboot } from './control.ts';
export { exceptReboot } from './except-host.ts';
export type { RebootKit } from './kit.ts';
export { planReboot } from './plan.ts';
export { rebootPredicateType } from './proof.ts';
export { getRebootPlan, listRebootPlanIds, readRebootProgress } from './store.ts';
export { listRebootMembers } from './store-members.ts';
export {
  countRebootReasons,
  countReboots,
  listRebootExceptions,
  listRebootStates,
  type RebootCensus,
  type RebootException,
  type RebootState,
} from './store-states.ts';
export type { RebootMember, RebootPlan, RebootProgress } from './types.ts';
export { rebootWorkflows } from './workflow.ts';
