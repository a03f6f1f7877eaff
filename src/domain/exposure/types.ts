/** The nouns of exposure. */
import type { CredentialId, ExposureId, IncidentId } from '../../kernel/ids.ts';

/** Law 2: proven dead or excepted. `replaced`: the exposed version was replaced after the window, with evidence. */
export const exposureStates = ['outstanding', 'proven-dead', 'excepted', 'replaced'] as const;
type ExposureState = (typeof exposureStates)[number];

/** Why a credential counts as exposed. One may have several reasons. */
export interface Reason {
  kind: 'advisory' | 'scan' | 'precaution' | 'descendant';
  source: string;
  explanation: string;
  ledgerSeq: number | null;
}

export interface Exposure {
  id: ExposureId;
  incidentId: IncidentId;
  credentialId: CredentialId;
  ref: string;
  system: string;
  kind: string;
  class: string;
  environment: string | null;
  owner: string | null;
  claimedUnusedBy: string | null;
  state: ExposureState;
  /** Why it is in this state, or why it is not closed. */
  reason: string | null;
  reasonCode: string | null;
  proofSeq: number | null;
  provedAt: Date | null;
  exceptedUntil: Date | null;
  exceptedBy: string | null;
  reasons: Reason[];
}

/** `total` is the sum of the states, always. */
export interface ExposureCensus {
  total: number;
  outstanding: number;
  provenDead: number;
  excepted: number;
  replaced: number;
  /** Of the outstanding ones, those that somebody says nobody uses. They are outstanding all the same. */
  outstandingClaimedUnused: number;
  /** Outstanding ones by the code of their reason. */
  outstandingBy: Record<string, number>;
}

/** What one matching added. */
export interface MatchSummary {
  matched: number;
  added: number;
  replaced: number;
  /** Matched ones that somebody claims are unused. They stay outstanding. */
  claimedUnused: number;
}

/** How wide a precaution reaches: all of the given conditions hold. */
export interface Scope {
  environment?: string;
  system?: string;
  class?: string;
  owner?: string;
}
