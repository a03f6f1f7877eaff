/** The nouns of looking for indicators. */

import type { Claim } from '../coverage/types.ts';
import type { EventView, Outstanding, Severity } from '../types.ts';

const termTypes = [
  'address',
  'domain',
  'hash',
  'url',
  'user-agent',
  'client-name',
  'file-name',
  'oauth-client',
  'email',
  'account',
  'command-line',
  'process-name',
] as const;
export type TermType = (typeof termTypes)[number];

/** One thing to look for in an event. `like`: with SQL's wildcards % and _, over the whole value of a column. */
export interface Term {
  type: TermType;
  op: 'is' | 'like';
  value: string;
}

/** What is looked for: any of the alternatives, of which all terms hold in one event. */
export interface Sought {
  /** The same for the same thing, wherever it came from: `ioc:address:192.0.2.1`. */
  id: string;
  title: string;
  /** The advisory or the STIX object that names it. */
  origin: string;
  severity: Severity;
  alternatives: Term[][];
}

/** What could not be read, and why: never left out in silence. */
export interface Unread {
  origin: string;
  what: string;
  why: string;
}

export interface SoughtResult {
  id: string;
  title: string;
  origin: string;
  severity: Severity;
  events: number;
  first: Date | null;
  last: Date | null;
  bySource: { source: string; events: number }[];
  /** The first of each source, with the column in which the indicator stood. */
  sightings: { event: EventView; column: string }[];
  /** Law 4: `not-seen` needs full coverage of the period. */
  verdict: 'seen' | 'not-seen' | 'cannot-be-ruled-out';
  /** What the search did not look at. */
  notes: string[];
}

export interface IndicatorReport {
  results: SoughtResult[];
  unread: Unread[];
  claims: Claim[];
  /** Why a negative can't be said; holds for every indicator that was not seen. */
  doubts: string[];
  outstanding: Outstanding[];
}
