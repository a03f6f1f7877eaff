/** The nouns of the practice logs: what is asked for, what is written, and the truth that is kept apart from it. */

import type { schedule } from './acts/schedule.ts';

export interface LogsOptions {
  /** The estate's folder; the logs go into `logs/` in it, the truth beside it. Both are made anew. */
  folder: string;
  /** Records to write, all logs together; the attack and the look-alikes (about 2,300) are always whole. */
  events?: number;
  seed?: string;
  /** Silences to leave in a log. By default one day of one web server of the status page. */
  gaps?: readonly LogGap[];
  /** Leave a few broken lines, as a crash or a full disk does. True by default. */
  broken?: boolean;
  progress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Nothing of this log was kept from `from` until `to`, in milliseconds. */
export interface LogGap {
  log: string;
  from: number;
  to: number;
}

export interface LogFileInfo {
  /** From the estate's `logs/` folder. */
  path: string;
  /** The kind of log, by the name of its format. */
  source: string;
  /** The host it is of, where its lines do not say so. */
  host?: string;
  events: number;
  bytes: number;
}

export interface LogEstate {
  /** The `logs/` folder. */
  folder: string;
  files: LogFileInfo[];
  events: number;
  truth: Truth;
  /** Kept outside of `logs/`, for tests only: a hunt that reads it has cheated. */
  truthFile: string;
  /** What there is of everything, for the "of N" of a report: a responder hands it to the hunt. */
  totalsFile: string;
}

/** One record: the file from `logs/`, and the number of the record in it, from 1. */
export interface Place {
  path: string;
  line: number;
}

/** What happened, as it was written. `at` in ISO 8601. */
export interface TruthEvent extends Place {
  at: string;
  act: string;
  log: string;
}

export interface Truth {
  seed: string;
  window: { from: string; to: string };
  totals: Totals;
  credentials: Readonly<Record<'moveworks' | 'smartsheet' | 'bitbucket' | 'aws', string>>;
  indicators: { addresses: readonly string[]; domains: readonly string[]; file: string; sha256: string };
  createdAccount: { name: string; uid: string; groups: readonly string[] };
  /** The published moments, ISO 8601. */
  moments: Readonly<Record<keyof typeof schedule, string>>;
  tickets: readonly string[];
  /** Tickets that were asked for and refused: not read. */
  refusedTickets: readonly string[];
  pages: readonly { id: string; title: string }[];
  searches: readonly string[];
  repositoriesViewed: readonly string[];
  repositoriesArchived: readonly string[];
  /** Every record that the attack left. */
  attack: TruthEvent[];
  /** What the responders did against it. */
  response: TruthEvent[];
  /** Records that resemble it and are harmless, by what they are. */
  lookAlikes: TruthEvent[];
  /** The four credentials in their proper use, before the breach. */
  past: TruthEvent[];
  gaps: { log: string; from: string; to: string }[];
  broken: (Place & { why: string })[];
}

export interface Totals {
  issues: number;
  pages: number;
  repositories: number;
}
