/** The hunt: indicators, descendants, findings. */
import { z } from 'zod';
import { descendantStates, severities } from '../../domain/hunt/nouns.ts';
import { limits } from '../../kernel/limits.ts';
import { Count, FilePath, Name, pageQuery, Sentence, Time } from './parts.ts';

export const Moment = z.iso.datetime({ offset: true, error: 'a time such as 2023-11-23T16:00:00Z' });

/** Without it: from the begin of the breach until now. */
export const PeriodRequest = { from: Moment.optional(), to: Moment.optional() };

export const PeriodView = z.object({ from: Time, to: Time });

/** One event, as a line of a list: enough to find it in its file. */
export const EventLine = z.object({
  fileId: z.string(),
  line: Count,
  source: z.string(),
  host: z.string(),
  at: Time,
  timeText: z.string(),
  code: z.string(),
  actor: z.string(),
  address: z.string(),
  message: z.string(),
});
export type EventLine = z.infer<typeof EventLine>;

/** What may be claimed of one source in the period; `doubts` are in words. */
export const ClaimLine = z.object({
  source: z.string(),
  verdict: z.enum(['full', 'partial', 'none']),
  hosts: Count,
  events: Count,
});

export const OutstandingLine = z.object({ what: z.string(), why: z.string() });
export type OutstandingLine = z.infer<typeof OutstandingLine>;

/** What every run of a hunt gives. */
const Run = { runId: z.string(), claims: z.array(ClaimLine), doubts: z.array(z.string()) };

export const IocRequest = z.strictObject({
  /** Advisories whose indicators are looked for; without it, the incident's own. */
  advisories: z.array(Name).max(1_000).optional(),
  stixFiles: z.array(FilePath).max(limits.apiPathsMax).optional(),
  ...PeriodRequest,
});

const SightingLine = z.object({ event: EventLine, column: z.string() });

export const IocResult = z.object({
  ...Run,
  period: PeriodView,
  results: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      origin: z.string(),
      severity: z.enum(severities),
      events: Count,
      first: Time.nullable(),
      last: Time.nullable(),
      bySource: z.array(z.object({ source: z.string(), events: Count })),
      /** The first ones; all that are kept are findings. */
      sightings: z.array(SightingLine),
      verdict: z.enum(['seen', 'not-seen', 'cannot-be-ruled-out']),
      notes: z.array(z.string()),
    }),
  ),
  unread: z.array(z.object({ origin: z.string(), what: z.string(), why: z.string() })),
  outstanding: z.array(OutstandingLine),
  tally: z.object({ found: Count, added: Count }),
});
export type IocResult = z.infer<typeof IocResult>;

/** Without principals: the incident's exposed credentials, from the breach until each is proven dead. */
export const DescendantsRequest = z.strictObject({
  principals: z.array(Name).min(1).max(limits.descendantPrincipalsMax).optional(),
  ...PeriodRequest,
});

const EdgeLine = z.object({ parent: z.string(), event: EventLine });

export const DescendantView = z
  .object({
    id: z.string(),
    source: z.string(),
    host: z.string(),
    kind: z.string(),
    name: z.string(),
    ref: z.string(),
    owner: z.string(),
    acts: z.boolean(),
    class: z.string().nullable(),
    technique: z.string(),
    madeAt: Time,
    generation: Count,
    state: z.enum(descendantStates),
    reason: z.string(),
    exposureId: z.string().nullable(),
    containedAt: Time.nullable(),
    exceptedUntil: Time.nullable(),
    /** The ledger entry that closed it. */
    closedSeq: Count.nullable(),
    /** The events that prove it, the first of them. */
    edges: z.array(EdgeLine),
    edgesTotal: Count,
  })
  .meta({ id: 'Descendant' });
export type DescendantView = z.infer<typeof DescendantView>;

export const DescendantCensusView = z.object({
  total: Count,
  outstanding: Count,
  contained: Count,
  excepted: Count,
  /** Outstanding ones by kind. */
  outstandingBy: z.record(z.string(), Count),
});

export const DescendantsResult = z.object({
  ...Run,
  period: PeriodView,
  /** Whose acts were followed. */
  principals: Count,
  census: DescendantCensusView,
  /** The first of them; the list has them all. */
  descendants: z.array(DescendantView),
  added: Count,
  exposed: Count,
  outstanding: z.array(OutstandingLine),
});
export type DescendantsResult = z.infer<typeof DescendantsResult>;

export const DescendantQuery = z.object({
  state: z.enum(descendantStates).optional(),
  kind: z.string().max(100).optional(),
  ...pageQuery,
});
export const DescendantPage = z.object({
  descendants: z.array(DescendantView),
  next: z.string().nullable(),
  census: DescendantCensusView,
});

export const ContainedRequest = z.strictObject({
  ref: z.string().min(1).max(4_096),
  because: Sentence,
  at: Moment.optional(),
});
export const DescendantExceptionRequest = z.strictObject({
  ref: z.string().min(1).max(4_096),
  reason: Sentence,
  approver: Name,
  until: Moment,
});
export const DescendantClosed = z.object({ id: z.string(), ledgerSeq: Count });

export const FindingQuery = z.object({
  ruleKind: z.enum(['sigma', 'indicator']).optional(),
  rule: z.string().max(4_096).optional(),
  severity: z.enum(severities).optional(),
  ...pageQuery,
});

export const FindingView = z
  .object({
    id: z.string(),
    incidentId: z.string(),
    runId: z.string(),
    rule: z.string(),
    ruleKind: z.enum(['sigma', 'indicator']),
    title: z.string(),
    severity: z.enum(severities),
    techniques: z.array(z.string()),
    event: EventLine,
    data: z.record(z.string(), z.unknown()),
    foundAt: Time,
  })
  .meta({ id: 'Finding' });
export type FindingView = z.infer<typeof FindingView>;

export const FindingPage = z.object({ findings: z.array(FindingView), next: z.string().nullable() });
