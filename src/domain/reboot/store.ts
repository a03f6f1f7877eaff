/** Reboot plans. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../store/index.ts';
import { PlanStore } from '../plans/index.ts';
import type { RebootPlan, RebootProgress } from './types.ts';

export const rebootPlans = new PlanStore<RebootPlan>({
  plan: 'reboot_plan',
  approvals: 'reboot_approval',
  members: 'reboot_member',
  key: 'plan_id',
  called: 'reboot plan',
});

/** Throws not_found. */
export const getRebootPlan = (db: Db | Tx, id: string) => rebootPlans.get(db, id);
export const listRebootPlanIds = (db: Db | Tx, incidentId: string) => rebootPlans.listIds(db, incidentId);

/** Counted from the members. Throws not_found. */
export const readRebootProgress = (db: Db | Tx, id: string): Promise<RebootProgress> =>
  rebootPlans.readProgress(db, id, sql`, count(*) filter (where m.status <> 'done') as outstanding`);
