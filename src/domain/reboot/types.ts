/** The nouns of restarting: the plan with its waves, a member for each host, and the identity that proves it. */
import type { HostKeySeen } from '../../ssh/index.ts';
import type { MemberStatus, PlanHead, PlanProgress } from '../plans/index.ts';

/** How far a host got. The order is the order of work. */
const rebootStages = ['planned', 'identified', 'drained', 'requested', 'back', 'proven'] as const;
export type RebootStage = (typeof rebootStages)[number];

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

interface PlannedRole {
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

/** What `apply` will do. */
export interface RebootPlan extends PlanHead {
  waves: { wave: number; hosts: number; canary: boolean }[];
  roles: PlannedRole[];
  reimages: number;
  unplannable: { total: number; listed: Unplannable[] };
  estimate: PlanEstimate;
  minutesMax: number;
}

export interface RebootProgress extends PlanProgress {
  /** All but done. */
  outstanding: number;
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
  status: MemberStatus;
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
