/** The nouns of a plan's life, whatever the plan acts on. */

export const planStatuses = [
  'planned',
  'approved',
  'running',
  'paused',
  'stopped',
  'cancelled',
  'finished',
] as const;
export type PlanStatus = (typeof planStatuses)[number];

export type MemberStatus = 'pending' | 'running' | 'done' | 'failed' | 'indeterminate' | 'cancelled';

/** What every plan says of itself. It is fixed when it is made, and what the approvals sign. */
export interface PlanHead {
  id: string;
  incidentId: string;
  createdAt: string;
  createdBy: string;
  members: number;
  /** SHA-256 over the ordered list of members, so that the plan's digest covers each of them. */
  membersDigest: string;
  /** How many approvals `apply` asks for. */
  approvals: number;
}

export interface PlanRow<P extends PlanHead> {
  id: string;
  incidentId: string;
  plan: P;
  planDigest: string;
  status: PlanStatus;
  statusReason: string | null;
  /** What people want of it at this moment. */
  control: 'run' | 'pause' | 'cancel';
  run: number;
  createdBy: string;
  approvals: { approver: string; at: string }[];
}

/** Members by status; `total` is their sum. */
export interface PlanProgress {
  planId: string;
  status: PlanStatus;
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
}

/** Why no further wave begins. */
export interface Halt {
  status: 'paused' | 'stopped';
  reason: string | null;
}
