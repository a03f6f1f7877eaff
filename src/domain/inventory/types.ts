/** The nouns of the inventory. */
import type { CredentialClass } from '../../connectors/contract.ts';
import type { Fingerprint } from '../../kernel/hash.ts';
import type { CredentialId } from '../../kernel/ids.ts';
import type { SecretRef } from '../../kernel/reference.ts';
import type { Delivery } from './delivery.ts';

/** What one source says of one credential. Only what it knows is there. */
export interface Statement {
  system: string;
  kind: string;
  name: string;
  class?: CredentialClass;
  principal?: string;
  environment?: string;
  owner?: string;
  suppliers?: string[];
  fingerprint?: Fingerprint;
  secretRef?: SecretRef;
  delivery?: Delivery;
  /** The present secret, sealed for the place `credential:<ref>`. */
  sealedSecret?: Buffer;
  changedAt?: Date;
  changedEvidence?: string;
  changedNoLaterThan?: Date;
  lastUsedAt?: Date;
  expiresAt?: Date;
  claimedUnusedBy?: string;
  attributes?: Record<string, string>;
}

/** A credential as all sources together have it. */
export interface Credential {
  id: CredentialId;
  ref: string;
  system: string;
  kind: string;
  class: string;
  name: string;
  principal: string | null;
  environment: string | null;
  owner: string | null;
  suppliers: string[];
  fingerprint: string | null;
  secretRef: SecretRef | null;
  delivery: Delivery | null;
  changedAt: Date | null;
  changedEvidence: string | null;
  changedNoLaterThan: Date | null;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  claimedUnusedBy: string | null;
  attributes: Record<string, string>;
}

/** What one source contributed, and what nobody else knows of. */
export interface SourceSummary {
  source: string;
  credentials: number;
  onlyHere: number;
  lastSeenAt: Date;
}

/** Two sources say different things of one field. */
export interface Disagreement {
  ref: string;
  field: string;
  says: Record<string, string>;
}

/** How a discovery or an import went. `records = accepted + rejected`. */
export interface RunSummary {
  id: string;
  source: string;
  records: number;
  accepted: number;
  rejected: number;
  /** Credentials that no source had named before. */
  added: number;
}

export const credentialRef = (parts: { system: string; kind: string; name: string }): string =>
  `${parts.system}/${parts.kind}/${parts.name}`;
