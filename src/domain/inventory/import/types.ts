/** What an import gives: records of credentials, and rejected records with their fault. */
import type { CredentialClass } from '../../../connectors/contract.ts';
import type { Fault } from '../../../kernel/errors.ts';
import type { SecretRef } from '../../../kernel/reference.ts';
import type { Secret } from '../../../kernel/secret.ts';
import type { Delivery } from '../delivery.ts';

export const importFormats = ['csv', 'json', 'trufflehog', 'gitleaks', 'kingfisher'] as const;
export type ImportFormat = (typeof importFormats)[number];

/** One credential as a source describes it. A field that the source does not give is absent. */
export interface ImportRecord {
  system?: string;
  /** The kind of credential in its system's or scanner's terms. */
  kind?: string;
  class?: CredentialClass;
  name?: string;
  /** Who the system says we are after a login with it. */
  principal?: string;
  environment?: string;
  owner?: string;
  suppliers?: string[];
  secret?: Secret;
  /** Other readings of a finding whose parts the scanner ran together; one of them may be the secret in use. */
  secretAlternatives?: Secret[];
  /** Where the present secret can be read; a relative file has been resolved against the import's folder. */
  secretRef?: SecretRef;
  delivery?: Delivery;
  changedAt?: Date;
  changedEvidence?: string;
  changedNoLaterThan?: Date;
  lastUsedAt?: Date;
  expiresAt?: Date;
  claimedUnusedBy?: string;
  /** Where a scanner found it: `file:line@commit`. Text for people, never a path to open. */
  place?: string;
  attributes?: Record<string, string>;
}

export type ImportEvent =
  | { type: 'record'; line: number; record: ImportRecord }
  | { type: 'reject'; fault: Fault & { file: string; line: number } };

/** The part of a fault that the reader of one record knows; file and line come from whoever called it. */
export interface RecordFault {
  field?: string;
  expected: string;
  got?: string;
}

/** One raw record of a file, still bytes, or why there is none; `line` is where it begins. */
export type RawRecord = { line: number; bytes: Buffer } | { line: number; fault: RecordFault };

/** What one record of a file turns into. `skip`: a part of the format that is no credential. */
export type Reading = { record: ImportRecord } | { fault: RecordFault } | 'skip';
