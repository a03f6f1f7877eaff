/** Incidents: open, what to do next, the census, close. */
import { z } from 'zod';
import { DescendantCensusView, Moment } from './hunts.ts';
import { Count, Name, Sentence, Time } from './parts.ts';
import { RebootCensusView } from './reboots.ts';
import { SystemsCensusView } from './triage.ts';

export const IncidentView = z
  .object({
    id: z.string(),
    title: z.string(),
    advisoryId: z.string(),
    supplier: z.string(),
    openedAt: Time,
    openedBy: z.string(),
    closedAt: Time.nullable(),
    closedBy: z.string().nullable(),
  })
  .meta({ id: 'Incident' });
export type IncidentView = z.infer<typeof IncidentView>;
export const IncidentList = z.object({ incidents: z.array(IncidentView) });

export const MatchSummary = z.object({
  matched: Count,
  added: Count,
  replaced: Count,
  claimedUnused: Count,
});
export type MatchSummary = z.infer<typeof MatchSummary>;

export const IncidentOpen = z.strictObject({ advisory: Name, title: Sentence.optional() });
export const IncidentOpened = z.object({ incident: IncidentView, matched: MatchSummary });

/** Each part's total is the sum of its states. */
export const CensusView = z
  .object({
    incidentId: z.string(),
    at: Time,
    credentials: z.object({
      total: Count,
      outstanding: Count,
      provenDead: Count,
      excepted: Count,
      replaced: Count,
      outstandingClaimedUnused: Count,
      /** Outstanding ones by the code of their reason. */
      outstandingBy: z.record(z.string(), Count),
    }),
    scans: z.object({ total: Count, finished: Count, unfinished: Count, filesWithErrors: Count }),
    descendants: DescendantCensusView,
    /** Unfinished: interrupted or failed, and not made up for by a later one. */
    hunts: z.object({ total: Count, finished: Count, unfinished: Count }),
    systems: SystemsCensusView,
    reboots: RebootCensusView,
    questions: z.object({
      total: Count,
      open: Count,
      excepted: Count,
      /** Of the open ones: the parts that nobody began. */
      notBegun: z.array(z.string()),
      /** Of the open ones: how many are doubts of hunts. */
      doubts: Count,
    }),
    complete: z.boolean(),
  })
  .meta({ id: 'Census' });
export type CensusView = z.infer<typeof CensusView>;

export const NextSteps = z.object({
  incident: IncidentView,
  steps: z.array(
    z.object({
      what: z.string(),
      why: z.string(),
      command: z.string().optional(),
      urgency: z.enum(['now', 'next', 'later']),
    }),
  ),
});

export const IncidentClosed = z.object({ incident: IncidentView, census: CensusView });

/** A part of the response that nobody began, or a doubt of a hunt. */
export const QuestionView = z
  .object({
    id: z.string(),
    kind: z.enum(['not-begun', 'doubt']),
    what: z.string(),
    why: z.string(),
    /** What answers it. */
    command: z.string().optional(),
    state: z.enum(['open', 'excepted']),
    /** The last one signed, in force or ended. */
    exception: z
      .object({ reason: z.string(), approver: z.string(), until: Time, ledgerSeq: Count })
      .nullable(),
  })
  .meta({ id: 'Question' });
export type QuestionView = z.infer<typeof QuestionView>;
export const QuestionList = z.object({ incident: IncidentView, questions: z.array(QuestionView) });

export const QuestionExceptionRequest = z.strictObject({
  question: Name,
  reason: Sentence,
  approver: Name,
  until: Moment,
});
export const QuestionExcepted = z.object({
  question: z.string(),
  what: z.string(),
  until: Time,
  ledgerSeq: Count,
});
