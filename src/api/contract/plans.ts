/** What all plans say of themselves, whatever they act on. */
import { z } from 'zod';
import { planStatuses } from '../../domain/plans/nouns.ts';
import { Count, Name, Time } from './parts.ts';

export const PlanParam = z.object({ plan: z.string().min(1).max(64) });

/** The fields that every plan begins with. */
export const planHead = {
  id: z.string(),
  incidentId: z.string(),
  createdAt: Time,
  createdBy: z.string(),
  members: Count,
  membersDigest: z.string(),
  /** How many `apply` asks for. */
  approvals: Count,
};

/** Members by status; `total` is their sum. */
export const planProgress = {
  planId: z.string(),
  status: z.enum(planStatuses),
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
};

/** What the progress of every plan has; each kind adds to it. */
export type AnyPlanProgress = z.infer<z.ZodObject<typeof planProgress>>;

/** What approvals signed, and whose they are. */
export const planApprovals = {
  planDigest: z.string(),
  approvals: z.array(z.object({ approver: z.string(), at: Time })),
};

export const ApprovalRequest = z.strictObject({ approver: Name });
export const ApprovalCount = z.object({ approvals: Count, needed: Count });
export type ApprovalCount = z.infer<typeof ApprovalCount>;
