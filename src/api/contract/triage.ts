/** Triage: collections of hosts, their census, one host, stacking, imports. */
import { z } from 'zod';
import { collectionStatuses, costClasses, hostStates } from '../../domain/forensics/nouns.ts';
import { limits } from '../../kernel/limits.ts';
import { ErrorBody } from './errors.ts';
import { Moment } from './hunts.ts';
import { Count, FilePath, Name, pageQuery, Sentence, Time } from './parts.ts';

const FaultView = ErrorBody.shape.error.shape.faults.element;

const Patterns = z.array(Name).max(limits.hostPatternsMax).optional();

export const HostSelectionRequest = {
  hosts: Patterns,
  roles: Patterns,
  sites: Patterns,
  environments: Patterns,
};

export const HostImportRequest = z.strictObject({ file: FilePath });

export const HostImportView = z.object({
  file: z.string(),
  sha256: z.string(),
  records: Count,
  accepted: Count,
  rejected: Count,
  added: Count,
  rejects: z.array(FaultView),
  ledgerSeq: Count,
});
export type HostImportView = z.infer<typeof HostImportView>;

export const HostQuery = z.object({
  host: z.string().max(253).optional(),
  role: z.string().max(1_024).optional(),
  ...pageQuery,
});

export const HostPage = z.object({
  hosts: z.array(
    z.object({
      name: z.string(),
      address: z.string(),
      port: Count,
      login: z.string(),
      role: z.string(),
      site: z.string(),
      environment: z.string(),
      jump: z.string(),
      after: z.array(z.string()),
      boot: z.string(),
      source: z.string(),
    }),
  ),
  next: z.string().nullable(),
});

export const CollectRequest = z.strictObject({
  ...HostSelectionRequest,
  cost: z.enum(costClasses).default('full'),
  artifacts: z.array(Name).max(200).default([]),
  since: Moment.optional(),
});

/** `total` is the sum of the six states. */
export const HostCensusView = z.object({
  total: Count,
  examined: Count,
  partial: Count,
  refused: Count,
  unreachable: Count,
  notAttempted: Count,
  excepted: Count,
  outstanding: Count,
});

export const CollectionProgressView = z
  .object({
    id: z.string(),
    status: z.enum(collectionStatuses),
    statusReason: z.string().nullable(),
    census: HostCensusView,
    pending: Count,
    done: Count,
    runStartedAt: Time.nullable(),
    perSecond: z.number().nullable(),
    secondsLeft: z.number().nullable(),
  })
  .meta({ id: 'CollectionProgress' });
export type CollectionProgressView = z.infer<typeof CollectionProgressView>;

/** The collection that was begun, and what the lists in firebreak.yaml gave. */
export const CollectStarted = z.object({ id: z.string(), hosts: Count, lists: z.array(HostImportView) });

export const HostLineView = z.object({
  host: z.string(),
  role: z.string(),
  site: z.string(),
  environment: z.string(),
  state: z.enum([...hostStates, 'excepted']),
  code: z.string().nullable(),
  why: z.string().nullable(),
  at: Time.nullable(),
  attempts: Count,
  score: Count,
  exceptedUntil: Time.nullable(),
});
export type HostLineView = z.infer<typeof HostLineView>;

export const SystemsCensusView = HostCensusView.extend({
  unfinished: Count,
  beyond: Count,
  outstandingBy: z.record(z.string(), Count),
});
export type SystemsCensusView = z.infer<typeof SystemsCensusView>;

export const TriageStatus = z
  .object({
    systems: SystemsCensusView,
    /** The latest first. */
    collections: z.array(CollectionProgressView),
    /** The first outstanding hosts, by name. */
    outstanding: z.array(HostLineView),
  })
  .meta({ id: 'TriageStatus' });
export type TriageStatus = z.infer<typeof TriageStatus>;

export const HostStatesQuery = z.object({
  state: z.enum([...hostStates, 'excepted']).optional(),
  ...pageQuery,
});
export const HostStatesPage = z.object({ hosts: z.array(HostLineView), next: z.string().nullable() });

export const ReopenedHosts = z.object({ reopened: Count, progress: CollectionProgressView });

export const HostReportQuery = z.object({
  host: z.string().min(1).max(253),
  artifact: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(0).max(20_000).default(2_000),
});

const Identity = z.object({
  hostname: z.string(),
  machineId: z.string(),
  bootId: z.string(),
  bootedAt: Time.nullable(),
  kernel: z.string(),
  osId: z.string(),
  osVersion: z.string(),
  clockOffsetMs: z.number().nullable(),
  container: z.string(),
});

const FindingView = z.object({
  host: z.string(),
  rule: z.string(),
  title: z.string(),
  why: z.string(),
  technique: z.string(),
  score: Count,
  artifact: z.string(),
  key: z.string(),
  value: z.string(),
  path: z.string(),
  owner: z.string(),
  sha256: z.string(),
  at: Time.nullable(),
});

export const HostReportView = z
  .object({
    host: HostLineView.extend({
      collectionId: z.string(),
      tookMs: Count.nullable(),
      facts: Count,
      identity: Identity.nullable(),
      artifacts: z.array(
        z.object({
          artifact: z.string(),
          state: z.string(),
          why: z.string(),
          bytes: Count,
          truncated: z.boolean(),
        }),
      ),
      rawSha256: z.string().nullable(),
      rawBytes: Count.nullable(),
      scriptSha256: z.string().nullable(),
      exitCode: z.number().nullable(),
      hostKey: z.string().nullable(),
      origin: z.string(),
      ledgerSeq: Count.nullable(),
    }),
    findings: z.array(FindingView),
    facts: z.array(
      z.object({
        artifact: z.string(),
        key: z.string(),
        value: z.string(),
        detail: z.record(z.string(), z.string()),
        technique: z.string(),
        at: Time.nullable(),
        owner: z.string(),
        path: z.string(),
        sha256: z.string(),
        rule: z.string(),
        score: Count,
      }),
    ),
    factsTotal: Count,
    raw: z
      .object({ sha256: z.string(), bytes: Count, path: z.string(), isHere: z.boolean(), check: z.string() })
      .nullable(),
  })
  .meta({ id: 'HostReport' });
export type HostReportView = z.infer<typeof HostReportView>;

export const StackRequest = z.strictObject({
  collection: Name.optional(),
  role: z.string().max(1_024).optional(),
  artifact: Name.optional(),
  host: Name.optional(),
  baseline: z.array(Name).max(100).default([]),
  sigma: z.array(FilePath).max(100).default([]),
  from: Moment.optional(),
  to: Moment.optional(),
  limit: z.int().min(1).max(limits.stackOutliersMax).default(50),
});

const OutlierView = z.object({
  host: z.string(),
  role: z.string(),
  site: z.string(),
  environment: z.string(),
  artifact: z.string(),
  key: z.string(),
  value: z.string(),
  technique: z.string(),
  at: Time.nullable(),
  owner: z.string(),
  path: z.string(),
  sha256: z.string(),
  have: Count,
  peers: Count,
  fleetWide: z.boolean(),
  score: Count,
  reasons: z.array(z.object({ kind: z.string(), points: Count, why: z.string() })),
});

export const StackResult = z
  .object({
    collectionId: z.string(),
    window: z.object({ from: Time, to: Time }),
    hosts: Count,
    facts: Count,
    outliers: z.array(OutlierView),
    more: Count,
    withoutFacts: Count,
    notes: z.array(z.string()),
    seconds: z.number(),
  })
  .meta({ id: 'StackResult' });
export type StackResult = z.infer<typeof StackResult>;

export const SurvivedRequest = z.strictObject({
  before: Name.optional(),
  after: Name.optional(),
  host: Name.optional(),
  limit: z.int().min(1).max(limits.stackOutliersMax).default(50),
});

const CollectionRef = z.object({ collectionId: z.string(), createdAt: Time });

/** What stood out before a restart, and what became of it. */
export const SurvivedResult = z
  .object({
    before: CollectionRef,
    after: CollectionRef,
    hosts: Count,
    restarted: Count,
    outliers: z.array(
      OutlierView.extend({ fate: z.enum(['survived', 'changed', 'gone', 'not-known']), why: z.string() }),
    ),
    more: Count,
  })
  .meta({ id: 'SurvivedResult' });
export type SurvivedResult = z.infer<typeof SurvivedResult>;

export const TriageImportRequest = z.strictObject({
  file: FilePath,
  host: Name.optional(),
  table: Name.optional(),
  collection: Name.optional(),
  apart: z.boolean().default(false),
});

export const TriageImportResult = z.object({
  collectionId: z.string(),
  file: z.string(),
  format: z.string(),
  sha256: z.string(),
  records: Count,
  rejected: Count,
  rejects: z.array(FaultView),
  hosts: z.array(
    z.object({
      host: z.string(),
      state: z.enum(hostStates),
      why: z.string().nullable(),
      facts: Count,
      findings: Count,
    }),
  ),
  skipped: z.array(z.string()),
});
export type TriageImportResult = z.infer<typeof TriageImportResult>;

export const ScriptQuery = z.object({ cost: z.enum(costClasses).default('full'), since: Moment.optional() });
export const ScriptView = z.object({ script: z.string(), sha256: z.string() });

export const HostExceptionRequest = z.strictObject({
  host: Name,
  reason: Sentence,
  approver: Name,
  until: Moment,
});
export const HostExceptionGranted = z.object({ host: z.string(), until: Time, ledgerSeq: Count });
