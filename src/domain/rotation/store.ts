/** Campaigns, the plans of rotation, and the exposures that they may take on. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../store/index.ts';
import type { Delivery } from '../inventory/index.ts';
import { PlanStore } from '../plans/index.ts';
import { type Plan, type Progress, stages } from './types.ts';

export const campaigns = new PlanStore<Plan>({
  plan: 'campaign',
  approvals: 'campaign_approval',
  members: 'rotation',
  key: 'campaign_id',
  called: 'rotation plan',
});

/** Throws not_found. */
export const getCampaign = (db: Db | Tx, id: string) => campaigns.get(db, id);
export const listCampaignIds = (db: Db | Tx, incidentId: string) => campaigns.listIds(db, incidentId);
/** What people want of a campaign at this moment, and whose it is. */
export const readControl = (db: Db, id: string) => campaigns.readControl(db, id);

/** An outstanding exposure as the planner sees it. */
export interface Candidate {
  exposureId: string;
  credentialId: string;
  ref: string;
  system: string;
  kind: string;
  environment: string | null;
  owner: string | null;
  delivery: Delivery | null;
  attributes: Record<string, string>;
}

/** Outstanding exposures that no live campaign holds, in order of ref, a page at a time. */
export async function listCandidates(
  db: Db,
  incidentId: string,
  after: string,
  limit: number,
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select s.id as "exposureId", s.credential_id as "credentialId", s.ref, s.system, s.kind, s.environment, s.owner, c.delivery, c.attributes
    from exposure_state s
    join credential c on c.id = s.credential_id
    where s.incident_id = ${incidentId} and s.state = 'outstanding' and s.ref > ${after}
      and not exists (
        select 1 from rotation r join campaign k on k.id = r.campaign_id
        where r.credential_id = s.credential_id and r.status in ('pending', 'running', 'failed')
          and k.status in ('planned', 'approved', 'running', 'paused', 'stopped'))
    order by s.ref limit ${limit}`.execute(db);
  return rows;
}

/** Progress of a campaign, counted from its members. */
export async function readProgress(db: Db | Tx, id: string): Promise<Progress> {
  const last = stages.length - 1;
  const { reached, ...progress } = await campaigns.readProgress<{ reached: number }>(
    db,
    id,
    sql`, coalesce(sum(case when m.status in ('done', 'failed', 'indeterminate', 'cancelled') then ${last}
      else array_position(${[...stages]}::text[], m.stage) - 1 end), 0) as reached`,
  );
  return { ...progress, steps: { reached, total: progress.total * last } };
}
