/** The nouns of restarting: the plan with its waves, a member for each host, and the identity that proves it. */
import type { HostKeySeen } from '../../ssh/index.ts';

const rebootStatuses = [
  'planned',
  'approved',
  'running',
  'paused',
  'stopped',
  'cancelled',
  'finished',
] as const;
export type RebootStatus = (typeof rebootStatuses)[number];

/** How far a host got. The order is the order of work. */
const rebootStages = ['planned', 'identified', 'drained', 'requested', 'back', 'proven'] as const;
export type RebootStage = (typeof rebootStages)[number];

export type RebootMemberStatus = 'pending' | 'running' | 'done' | 'failed' | 'indeterminate' | 'cancelled';
export type RebootAction = 'reboot' | 'reimage';

/** Who a running system is. A new boot has another `bootId`; a new installation another `machineId` as well. */
export interface BootIdentity {
  bootId: string;
  /** By the host's own clock. */
  bootedAt: string;
  machineId: string;
  /** What kind of container it says that it is; empty for a machine. */
  container: string;
  /** A container that shows the boot identity of the machine it runs on. */
  sharesBootId: boolean;
  hostKey: HostKeySeen;
  /** When we read it, by our clock. */
  seenAt: string;
}

/** How to reach a host, as the inventory had it. */
export interface RebootTarget {
  address: string;
  port: number;
  login: string;
  jump: string;
}

/** A host that no plan can take on, and why. It stays outstanding. */
export interface Unplannable {
  host: string;
  code: 'quorum' | 'circle' | 'unknown-dependency';
  reason: string;
}

export interface PlannedRole {
  role: string;
  hosts: number;
  /** How many of it may be down at a time. */
  downMax: number;
  waves: number;
}

/** Without the time that is waited for maintenance windows. */
export interface PlanEstimate {
  seconds: number;
  /** When every wave has a host that takes as long as it may. */
  secondsMax: number;
  /** Measured on earlier restarts of this installation, or an assumption. */
  basis: 'measured' | 'assumed';
  /** How many restarts were measured. */
  restarts: number;
}

/** What `apply` will do: fixed when it is made, and what the approvals sign. */
export interface RebootPlan {
  id: string;
  incidentId: string;
  createdAt: string;
  createdBy: string;
  members: number;
  /** SHA-256 over the ordered list of members. */
  membersDigest: string;
  waves: { wave: number; hosts: number; canary: boolean }[];
  roles: PlannedRole[];
  reimages: number;
  unplannable: { total: number; listed: Unplannable[] };
  estimate: PlanEstimate;
  approvals: number;
  minutesMax: number;
}

/** Members by status; `total` is their sum. */
export interface RebootProgress {
  planId: string;
  status: RebootStatus;
  statusReason: string | null;
  total: number;
  done: number;
  failed: number;
  indeterminate: number;
  cancelled: number;
  running: number;
  pending: number;
  /** All but done. */
  outstanding: number;
  wave: number | null;
  waves: number;
  startedAt: string | null;
  finishedAt: string | null;
}

/** A host of a plan as its row has it. */
export interface RebootMember {
  planId: string;
  ordinal: number;
  host: string;
  role: string;
  wave: number;
  batch: number;
  action: RebootAction;
  target: RebootTarget;
  stage: RebootStage;
  status: RebootMemberStatus;
  /** It is being restarted, or does not answer. */
  down: boolean;
  reasonCode: string | null;
  reason: string | null;
  before: BootIdentity | null;
  after: BootIdentity | null;
  requestedAt: Date | null;
  requests: number;
  proofSeq: number | null;
}
