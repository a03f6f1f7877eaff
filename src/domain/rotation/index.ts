/** Rotation: replace exposed credentials and prove the old ones dead. The module's only door. */
export { applyPlan, approvePlan, cancelCampaign, pauseCampaign, retryCampaign } from './control.ts';
export type { Kit } from './kit.ts';
export { findObstacle, planRotation } from './plan.ts';
export { type ProofView, readProof } from './read-proof.ts';
export { getCampaign, listCampaignIds, readProgress } from './store.ts';
export { listPlanMembers, listTroubled } from './store-members.ts';
export type { Plan, Progress } from './types.ts';
export { rotationWorkflows } from './workflow.ts';
