/** The life that every plan has: made once, approved, applied wave by wave, paused, cancelled, retried. The module's only door. */
export { lifeOf, type PlanKind, type PlanRun, planDigest } from './life.ts';
export { PlanStore } from './store.ts';
export type { Halt, MemberStatus, PlanHead, PlanProgress, PlanRow, PlanStatus } from './types.ts';
export { runWaves, type Waves } from './waves.ts';
