/** The nouns of coverage: what each source was seen to log, and what may be claimed from that. */
import type { Outstanding, Period } from '../types.ts';

/** What coverage needs to know of a source; the sources of the lake have these fields. */
export interface SourceTraits {
  id: string;
  sequenced?: boolean;
  quietSecondsMax?: number;
}

/** A stretch of time in which events were to be expected and there are none. */
export interface Gap extends Period {
  why: string;
}

/** Numbers that are missing from a source that numbers its events. */
export interface Hole extends Period {
  /** The numbers before and after the missing ones. */
  after: number;
  before: number;
  missing: number;
}

/** How much later events were written down than they happened. Milliseconds. */
export interface Skew {
  events: number;
  min: number;
  median: number;
  p99: number;
  max: number;
}

/** What one host logged in one source. */
export interface HostCoverage {
  source: string;
  host: string;
  events: number;
  first: Date;
  last: Date;
  gaps: Gap[];
  holes: Hole[];
  skew: Skew | null;
}

/** One ingested file; first and last are null when none of its records is an event. */
export interface FileCoverage {
  fileId: string;
  path: string;
  source: string;
  host: string;
  records: number;
  events: number;
  rejects: number;
  first: Date | null;
  last: Date | null;
}

/** A source that must be there: because the configuration or the incident names it. */
export interface ExpectedSource {
  source: string;
  host?: string;
  why: string;
}

export type Doubt =
  | { kind: 'gap'; host: string; from: Date; to: Date; why: string }
  | { kind: 'hole'; host: string; from: Date; to: Date; missing: number }
  | { kind: 'rejects'; lines: number; files: number }
  | { kind: 'interrupted'; files: string[] }
  | { kind: 'missing'; host: string | null; why: string };

/**
 * What may be said of one source in one period. `full`: what happened there was logged, as far as its rhythm
 * shows; `partial`: but for the doubts; `none`: nothing can be said.
 */
export interface Claim {
  source: string;
  period: Period;
  verdict: 'full' | 'partial' | 'none';
  hosts: number;
  events: number;
  doubts: Doubt[];
}

/** A file that was not read to its end: what it holds of any time is not known. */
export interface InterruptedFile {
  fileId: string;
  path: string;
  source: string;
}

export interface Coverage {
  hosts: HostCoverage[];
  files: FileCoverage[];
  interrupted: InterruptedFile[];
  /** Expected sources and hosts that no event came from. */
  missing: ExpectedSource[];
}

export interface CoverageReport extends Coverage {
  period: Period;
  claims: Claim[];
  outstanding: Outstanding[];
}
