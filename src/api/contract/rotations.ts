/** Rotations: plan, approve, apply, watch, prove. */
import { z } from 'zod';
import { Envelope, Statement } from '../../domain/evidence/nouns.ts';
import { Count, Name, Time } from './parts.ts';

export const PlanParam = z.object({ plan: z.string().min(1).max(64) });

const campaignStatuses = [
  'planned',
  'approved',
  'running',
  'paused',
  'stopped',
  'cancelled',
  'finished',
] as const;

export const PlanView = z
  .object({
    id: z.string(),
    incidentId: z.string(),
    createdAt: Time,
    createdBy: z.string(),
    members: Count,
    membersDigest: z.string(),
    waves: z.array(z.object({ wave: Count, members: Count, batches: Count, canary: z.boolean() })),
    systems: z.array(
      z.object({
        system: z.string(),
        connector: z.string(),
        members: Count,
        concurrency: Count,
        perSecond: z.number().nullable(),
        negativeProbes: Count,
        estimatedSeconds: Count,
      }),
    ),
    unplannable: z.object({
      total: Count,
      listed: z.array(z.object({ ref: z.string(), code: z.string(), reason: z.string() })),
    }),
    estimatedSeconds: Count,
    approvals: Count,
    failureRateMax: z.number(),
  })
  .meta({ id: 'Plan' });
export type PlanView = z.infer<typeof PlanView>;

/** Members by status; `total` is their sum. */
export const ProgressView = z
  .object({
    campaignId: z.string(),
    status: z.enum(campaignStatuses),
    statusReason: z.string().nullable(),
    total: Count,
    done: Count,
    failed: Count,
    indeterminate: Count,
    cancelled: Count,
    running: Count,
    pending: Count,
    wave: Count.nullable(),
    waves: Count,
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
    steps: z.object({ reached: Count, total: Count }),
  })
  .meta({ id: 'Progress' });
export type ProgressView = z.infer<typeof ProgressView>;

/** A plan and how far it got. */
export const CampaignView = z.object({
  plan: PlanView,
  planDigest: z.string(),
  approvals: z.array(z.object({ approver: z.string(), at: Time })),
  progress: ProgressView,
  /** Members that did not end well, the first of them. */
  troubled: z.array(
    z.object({
      ref: z.string(),
      status: z.string(),
      stage: z.string(),
      code: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
});
export type CampaignView = z.infer<typeof CampaignView>;

export const CampaignList = z.object({ campaigns: z.array(ProgressView) });

export const MemberPage = z.object({
  members: z.array(
    z.object({
      ordinal: Count,
      wave: Count,
      batch: Count,
      ref: z.string(),
      stage: z.string(),
      status: z.string(),
      reason: z.string().nullable(),
    }),
  ),
  /** The `after` of the next page; null on the last. */
  next: z.number().nullable(),
});

export const ApprovalRequest = z.strictObject({ approver: Name });
export const ApprovalCount = z.object({ approvals: Count, needed: Count });
export const Retried = z.object({ reopened: Count, progress: ProgressView });

export const ProofView = z.object({
  ref: z.string(),
  ledgerSeq: z.number(),
  at: Time,
  statement: Statement.nullable(),
  envelope: Envelope,
  signatureValid: z.boolean(),
  included: z.boolean(),
  checkpoint: z.string(),
});
export type ProofView = z.infer<typeof ProofView>;
