/** The nouns of stacking: what differs from its peers, and why that matters. */
import type { Period } from '../../hunt/index.ts';

const reasonKinds = ['rare', 'missing', 'recent', 'owner', 'indicator', 'finding'] as const;
type ReasonKind = (typeof reasonKinds)[number];

/** One reason for an outlier's score. */
export interface StackReason {
  kind: ReasonKind;
  /** 0 to 100, by itself. Together: 100 less what all of them leave open. */
  points: number;
  why: string;
}

/** One thing on one host that its siblings do not have, or have and it does not. */
export interface Outlier {
  host: string;
  role: string;
  site: string;
  environment: string;
  artifact: string;
  key: string;
  value: string;
  technique: string;
  at: Date | null;
  owner: string;
  path: string;
  sha256: string;
  /** How many of how many peers have the same. */
  have: number;
  peers: number;
  /** Whether those peers are all systems, because the role has too few. */
  fleetWide: boolean;
  score: number;
  reasons: StackReason[];
}

export interface StackInput {
  incidentId: string;
  collectionId: string;
  /** The attacker's time. */
  window: Period;
  role?: string;
  artifact?: string;
  host?: string;
  /** Known-good hosts: what they have is no outlier. */
  baseline?: readonly string[];
  /** Files and folders of Sigma rules; those about processes of Linux are looked for. */
  sigma?: readonly string[];
  limit: number;
}

/** A name that is in the wrong hands, and why. */
export interface Suspect {
  name: string;
  why: string;
}

/** What is looked for in facts. */
export interface SoughtFact {
  id: string;
  title: string;
  /** 0 to 100. */
  points: number;
  sha256?: string;
  /** A file's name, without its folder. */
  fileName?: string;
  /** Addresses from the first to the last, both inside. */
  range?: { first: string; last: string };
  /** A text, wherever it stands, in any case. */
  text?: string;
}

export interface StackReport {
  collectionId: string;
  window: { from: string; to: string };
  /** Hosts and facts that were compared. */
  hosts: number;
  facts: number;
  outliers: Outlier[];
  /** Outliers beyond the limit. */
  more: number;
  /** Hosts of the collection that were not compared, because nothing came from them. */
  withoutFacts: number;
  /** What could not be looked for, and why. */
  notes: string[];
  seconds: number;
}
