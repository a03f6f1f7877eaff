/** Exposures: scan, match, list, except. */
import { z } from 'zod';
import { exposureStates } from '../../domain/exposure/nouns.ts';
import { limits } from '../../kernel/limits.ts';
import { Count, FilePath, Flag, Name, pageQuery, Sentence, Time } from './parts.ts';

const Paths = z.array(FilePath).min(1, 'at least one path').max(limits.apiPathsMax);

export const ScanRequest = z.strictObject({ paths: Paths });

const ScanError = z.object({
  file: z.string(),
  line: z.number().optional(),
  entry: z.number().optional(),
  message: z.string(),
});

export const ScanResult = z.object({
  id: z.string(),
  files: Count,
  bytes: Count,
  hits: Count,
  secrets: Count,
  known: Count,
  added: Count,
  alreadyDead: Count,
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
  errors: z.array(ScanError),
  errorsTotal: Count,
});
export type ScanResult = z.infer<typeof ScanResult>;

export const SanitiseRequest = z.strictObject({ paths: Paths, folder: FilePath });

const Unwritten = z.array(z.object({ file: z.string(), reason: z.string() }));
export const SanitiseResult = z.object({
  folder: z.string(),
  total: Count,
  written: z.array(
    z.object({
      file: z.string(),
      copy: z.string(),
      entries: Count,
      dropped: Count,
      secrets: Count,
      errors: z.array(z.string()),
    }),
  ),
  skipped: Unwritten,
  failed: Unwritten,
});
export type SanitiseResult = z.infer<typeof SanitiseResult>;

export const ScanList = z.object({
  scans: z.array(
    z.object({
      id: z.string(),
      startedAt: Time,
      finishedAt: Time.nullable(),
      paths: z.array(z.string()),
      files: Count,
      bytes: Count,
      errors: z.array(z.object({ file: z.string(), message: z.string() })),
    }),
  ),
});

export const HitList = z.object({
  hits: z.array(
    z.object({
      file: z.string(),
      place: z.string(),
      kind: z.string(),
      class: z.string(),
      fingerprint: z.string(),
      ref: z.string(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** Without a precaution: what the advisory says. With one: everything in its scope. */
export const MatchRequest = z.strictObject({
  precaution: z
    .strictObject({
      scope: z.strictObject({
        environment: Name.optional(),
        system: Name.optional(),
        class: Name.optional(),
        owner: Name.optional(),
      }),
      reason: Sentence,
    })
    .optional(),
});

export const ExposureQuery = z.object({
  state: z.enum(exposureStates).optional(),
  reasonCode: z.string().max(100).optional(),
  claimedUnused: Flag,
  ...pageQuery,
});

export const ExposureView = z
  .object({
    id: z.string(),
    incidentId: z.string(),
    credentialId: z.string(),
    ref: z.string(),
    system: z.string(),
    kind: z.string(),
    class: z.string(),
    environment: z.string().nullable(),
    owner: z.string().nullable(),
    claimedUnusedBy: z.string().nullable(),
    state: z.enum(exposureStates),
    reason: z.string().nullable(),
    reasonCode: z.string().nullable(),
    proofSeq: z.number().nullable(),
    provedAt: Time.nullable(),
    exceptedUntil: Time.nullable(),
    exceptedBy: z.string().nullable(),
    reasons: z.array(
      z.object({
        kind: z.enum(['advisory', 'scan', 'precaution', 'descendant']),
        source: z.string(),
        explanation: z.string(),
        ledgerSeq: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: 'Exposure' });
export type ExposureView = z.infer<typeof ExposureView>;

export const ExposurePage = z.object({ exposures: z.array(ExposureView), next: z.string().nullable() });

export const ExceptionRequest = z.strictObject({
  ref: z.string().min(1).max(4_096),
  reason: Sentence,
  approver: Name,
  until: z.iso.datetime({ offset: true, error: 'a time such as 2026-12-31T00:00:00Z' }),
});
export const ExceptionGranted = z.object({ ref: z.string(), until: Time, ledgerSeq: z.number() });
