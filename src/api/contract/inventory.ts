/** The inventory: discover, import, list, compare the sources. */
import { z } from 'zod';
import { credentialClasses } from '../../connectors/contract.ts';
import { ImportMapping, importFormats } from '../../domain/inventory/nouns.ts';
import { Count, FilePath, Flag, Name, pageQuery, Time } from './parts.ts';

export const DiscoverRequest = z.strictObject({ systems: z.array(Name).max(1_000).default([]) });

const RunCounts = {
  id: z.string(),
  source: z.string(),
  records: Count,
  accepted: Count,
  rejected: Count,
  added: Count,
};

export const DiscoverResult = z.object({
  total: Count,
  discovered: z.array(
    z.object({ system: z.string(), ...RunCounts, identities: Count, grants: Count, unreadable: Count }),
  ),
  failed: z.array(z.object({ system: z.string(), code: z.string(), message: z.string() })),
});
export type DiscoverResult = z.infer<typeof DiscoverResult>;

export const ImportRequest = z.strictObject({
  file: FilePath,
  source: Name.optional(),
  format: z.enum(importFormats).optional(),
  /** The name of a mapping in firebreak.yaml, or the mapping itself. */
  mapping: z.union([Name, ImportMapping]).optional(),
  dryRun: z.boolean().default(false),
});

export const ImportResult = z.object({
  ...RunCounts,
  file: z.string(),
  format: z.string(),
  sha256: z.string(),
  dryRun: z.boolean(),
  matched: Count,
  rejects: z.array(
    z.object({
      file: z.string().optional(),
      line: z.number().optional(),
      column: z.number().optional(),
      field: z.string().optional(),
      expected: z.string(),
      got: z.string().optional(),
    }),
  ),
  ledgerSeq: z.number().nullable(),
});
export type ImportResult = z.infer<typeof ImportResult>;

export const CredentialQuery = z.object({
  system: z.string().max(1_024).optional(),
  environment: z.string().max(1_024).optional(),
  class: z.enum(credentialClasses).optional(),
  owner: z.string().max(1_024).optional(),
  source: z.string().max(1_024).optional(),
  onlyKnownTo: z.string().max(1_024).optional(),
  claimedUnused: Flag,
  ...pageQuery,
});

const SecretRefView = z.union([
  z.object({ env: z.string() }),
  z.object({ file: z.string(), key: z.string().optional() }),
]);

/** A credential as all sources together have it. Never its secret. */
export const CredentialView = z
  .object({
    id: z.string(),
    ref: z.string(),
    system: z.string(),
    kind: z.string(),
    class: z.string(),
    name: z.string(),
    principal: z.string().nullable(),
    environment: z.string().nullable(),
    owner: z.string().nullable(),
    suppliers: z.array(z.string()),
    fingerprint: z.string().nullable(),
    secretRef: SecretRefView.nullable(),
    delivery: z
      .union([
        z.object({ kind: z.literal('hand-off') }),
        z.object({ kind: z.literal('env-file'), path: z.string(), key: z.string() }),
      ])
      .nullable(),
    changedAt: Time.nullable(),
    changedEvidence: z.string().nullable(),
    changedNoLaterThan: Time.nullable(),
    lastUsedAt: Time.nullable(),
    expiresAt: Time.nullable(),
    claimedUnusedBy: z.string().nullable(),
    attributes: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Credential' });
export type CredentialView = z.infer<typeof CredentialView>;

/** `next` is the `after` of the next page; null on the last. */
export const CredentialPage = z.object({ credentials: z.array(CredentialView), next: z.string().nullable() });

export const CredentialDetail = z.object({
  credential: CredentialView,
  claims: z.array(z.object({ source: z.string(), says: z.record(z.string(), z.unknown()), seenAt: Time })),
});

export const SourcesView = z.object({
  sources: z.array(z.object({ source: z.string(), credentials: Count, onlyHere: Count, lastSeenAt: Time })),
  disagreements: z.array(
    z.object({ ref: z.string(), field: z.string(), says: z.record(z.string(), z.string()) }),
  ),
});
