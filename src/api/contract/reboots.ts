/** Restarts of the fleet: plan, approve, apply, watch. */
import { z } from 'zod';
import { Moment } from './hunts.ts';
import { Count, Flag, Name, Sentence, Time } from './parts.ts';
import { planApprovals, planHead, planProgress } from './plans.ts';
import { HostImportView, HostSelectionRequest } from './triage.ts';

export const RebootRequest = z.strictObject(HostSelectionRequest);

export const RebootPlanView = z
  .object({
    ...planHead,
    waves: z.array(z.object({ wave: Count, hosts: Count, canary: z.boolean() })),
    roles: z.array(z.object({ role: z.string(), hosts: Count, downMax: Count, waves: Count })),
    reimages: Count,
    unplannable: z.object({
      total: Count,
      listed: z.array(z.object({ host: z.string(), code: z.string(), reason: z.string() })),
    }),
    /** Without the time that is waited for maintenance windows. */
    estimate: z.object({
      seconds: Count,
      /** When every wave has a host that takes as long as it may. */
      secondsMax: Count,
      /** Measured on earlier restarts of this installation, or an assumption. */
      basis: z.enum(['measured', 'assumed']),
      restarts: Count,
    }),
    minutesMax: z.number(),
  })
  .meta({ id: 'RebootPlan' });
export type RebootPlanView = z.infer<typeof RebootPlanView>;

/** The plan, and what came of the lists of hosts that firebreak.yaml names. */
export const RebootPlanned = z.object({ plan: RebootPlanView, lists: z.array(HostImportView) });

/** Hosts by status; `total` is their sum, `outstanding` all but done. */
export const RebootProgressView = z
  .object({
    ...planProgress,
    outstanding: Count,
  })
  .meta({ id: 'RebootProgress' });
export type RebootProgressView = z.infer<typeof RebootProgressView>;

export const RebootMemberView = z.object({
  ordinal: Count,
  host: z.string(),
  role: z.string(),
  wave: Count,
  action: z.enum(['reboot', 'reimage']),
  stage: z.string(),
  status: z.string(),
  reasonCode: z.string().nullable(),
  reason: z.string().nullable(),
  bootIdBefore: z.string().nullable(),
  bootIdAfter: z.string().nullable(),
  requests: Count,
  proofSeq: Count.nullable(),
});
export type RebootMemberView = z.infer<typeof RebootMemberView>;

export const RebootView = z.object({
  plan: RebootPlanView,
  ...planApprovals,
  progress: RebootProgressView,
  /** Hosts that are not proven, the first of them. */
  outstanding: z.array(RebootMemberView),
});
export type RebootView = z.infer<typeof RebootView>;

/** Hosts that a plan meant: `total` is the sum of proven, excepted and outstanding. */
export const RebootCensusView = z.object({
  total: Count,
  proven: Count,
  excepted: Count,
  outstanding: Count,
  /** Outstanding ones by the code of their reason. */
  outstandingBy: z.record(z.string(), Count),
  /** Hosts of which a restart is expected and that no plan means: said, but not outstanding. */
  beyond: Count,
});
export type RebootCensusView = z.infer<typeof RebootCensusView>;

/** One host by the latest plan that meant it. */
const RebootStateView = z.object({
  host: z.string(),
  planId: z.string(),
  role: z.string(),
  state: z.enum(['proven', 'excepted', 'outstanding']),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  proofSeq: Count.nullable(),
  exceptedUntil: Time.nullable(),
});

/** The plans, and over all of them the census with the first hosts that are outstanding. */
export const RebootList = z.object({
  plans: z.array(RebootProgressView),
  census: RebootCensusView,
  outstanding: z.array(RebootStateView),
});
export type RebootList = z.infer<typeof RebootList>;

export const RebootExceptionRequest = z.strictObject({
  host: Name,
  reason: Sentence,
  approver: Name,
  until: Moment,
});
export const RebootExcepted = z.object({ host: z.string(), until: Time, ledgerSeq: Count });
export const RebootMembersQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  outstanding: Flag.optional(),
});
export const RebootMemberPage = z.object({ members: z.array(RebootMemberView), next: Count.nullable() });
export const RebootRetried = z.object({ reopened: Count, progress: RebootProgressView });
