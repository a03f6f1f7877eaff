/** The nouns of rotation. */
import type { Replacement, Verdict } from '../../connectors/contract.ts';
import type { CampaignId, IncidentId } from '../../kernel/ids.ts';

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

export type MemberStatus = 'pending' | 'running' | 'done' | 'failed' | 'indeterminate' | 'cancelled';

export type CampaignStatus =
  | 'planned'
  | 'approved'
  | 'running'
  | 'paused'
  | 'stopped'
  | 'cancelled'
  | 'finished';

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

/** What `apply` will do: fixed when it is made, and what the approvals sign. */
export interface Plan {
  id: CampaignId;
  incidentId: IncidentId;
  createdAt: string;
  createdBy: string;
  members: number;
  /** SHA-256 over the ordered list of members, so that the digest covers each of them. */
  membersDigest: string;
  waves: { wave: number; members: number; batches: number; canary: boolean }[];
  systems: PlannedSystem[];
  unplannable: { total: number; listed: Unplannable[] };
  estimatedSeconds: number;
  /** How many approvals `apply` asks for. */
  approvals: number;
  failureRateMax: number;
}

/** Members by status and stage; `total` is their sum. */
export interface Progress {
  campaignId: CampaignId;
  status: CampaignStatus;
  statusReason: string | null;
  total: number;
  done: number;
  failed: number;
  indeterminate: number;
  cancelled: number;
  running: number;
  pending: number;
  wave: number | null;
  waves: number;
  startedAt: string | null;
  finishedAt: string | null;
  /** Stages reached, summed over all members, of all stages to reach: what a progress bar shows. */
  steps: { reached: number; total: number };
}
