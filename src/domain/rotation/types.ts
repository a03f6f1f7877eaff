/** The nouns of rotation. */
import type { Replacement, Verdict } from '../../connectors/contract.ts';
import type { CampaignId, IncidentId } from '../../kernel/ids.ts';
import type { PlanHead, PlanProgress } from '../plans/index.ts';

/** How far a credential got. The order is the order of work; each is reached once, whatever crashes. */
export const stages = [
  'planned',
  'sealed',
  'issued',
  'delivered',
  'verified',
  'revoked',
  'probed',
  'ended',
  'proven',
] as const;
export type Stage = (typeof stages)[number];

/**
 * What is done to a member: its kind's replacement, or `probe` alone: a leaked secret that is not the live one
 * of its account is only tried, and must be refused.
 */
export type Mode = Exclude<Replacement, 'manual'> | 'probe';

/** One login that was tried: which credential, when, and what the system said. */
export type Probe = { at: string; role: 'old' | 'control' } & Verdict;

/** An exposure that no plan can take on, and why. It stays outstanding. */
export interface Unplannable {
  ref: string;
  code: string;
  reason: string;
}

export interface PlannedSystem {
  system: string;
  connector: string;
  members: number;
  concurrency: number;
  perSecond: number | null;
  /** Negative probes of each old credential, within the lock-out rule. */
  negativeProbes: number;
  estimatedSeconds: number;
}

/** What `apply` will do. */
export interface Plan extends PlanHead {
  id: CampaignId;
  incidentId: IncidentId;
  waves: { wave: number; members: number; batches: number; canary: boolean }[];
  systems: PlannedSystem[];
  unplannable: { total: number; listed: Unplannable[] };
  estimatedSeconds: number;
  failureRateMax: number;
}

export interface Progress extends PlanProgress {
  /** Stages reached, summed over all members, of all stages to reach: what a progress bar shows. */
  steps: { reached: number; total: number };
}
