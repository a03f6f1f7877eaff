/** Rotations: plan, approve, apply, watch, prove. */
import { z } from 'zod';
import { Envelope, Statement } from '../../domain/evidence/nouns.ts';
import { Count, Time } from './parts.ts';
import { planApprovals, planHead, planProgress } from './plans.ts';

export const PlanView = z
  .object({
    ...planHead,
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
    failureRateMax: z.number(),
  })
  .meta({ id: 'Plan' });
export type PlanView = z.infer<typeof PlanView>;

/** Members by status; `total` is their sum. */
export const ProgressView = z
  .object({
    ...planProgress,
    steps: z.object({ reached: Count, total: Count }),
  })
  .meta({ id: 'Progress' });
export type ProgressView = z.infer<typeof ProgressView>;

/** A plan and how far it got. */
export const CampaignView = z.object({
  plan: PlanView,
  ...planApprovals,
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
