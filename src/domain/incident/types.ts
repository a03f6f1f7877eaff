/** The nouns of an incident. */
import type { IncidentId } from '../../kernel/ids.ts';
import type { Advisory } from '../advisory/index.ts';
import type { ExposureCensus } from '../exposure/index.ts';
import type { SystemsCensus } from '../forensics/index.ts';
import type { DescendantCensus } from '../hunt/index.ts';
import type { RebootCensus } from '../reboot/index.ts';

export interface Incident {
  id: IncidentId;
  title: string;
  advisoryId: string;
  /** The advisory as it stood when the incident was opened. */
  advisory: Advisory;
  openedAt: Date;
  openedBy: string;
  closedAt: Date | null;
  closedBy: string | null;
}

/** Everything that must be accounted for. Each part's total is the sum of its states. */
export interface Census {
  incidentId: IncidentId;
  at: string;
  credentials: ExposureCensus;
  scans: { total: number; finished: number; unfinished: number; filesWithErrors: number };
  /** What compromised principals made. */
  descendants: DescendantCensus;
  /** Runs of the hunt; unfinished are those that no later run of their kind has made up for. */
  hunts: { total: number; finished: number; unfinished: number };
  /** Systems that were to be examined, by the latest collection that includes each. */
  systems: SystemsCensus;
  /** Systems that were to be restarted, by the latest plan that meant each. */
  reboots: RebootCensus;
  /** What nobody began, and what hunts could not answer. */
  questions: QuestionCensus;
  /** Nothing is outstanding in any part, and no question is open. */
  complete: boolean;
}

/** total = open + excepted. */
export interface QuestionCensus {
  total: number;
  open: number;
  excepted: number;
  /** Of the open ones: the parts that nobody began, by their ids. */
  notBegun: string[];
  /** Of the open ones: how many are doubts of hunts. */
  doubts: number;
}

/** A part of the response that nobody began, or a doubt of a hunt. */
export interface Question {
  /** The name of the part, or an id made of the doubt's words. */
  id: string;
  kind: 'not-begun' | 'doubt';
  what: string;
  why: string;
  /** What answers it. */
  command?: string;
  state: 'open' | 'excepted';
  /** The last one signed, in force or ended. */
  exception: QuestionException | null;
}

export interface QuestionException {
  reason: string;
  approver: string;
  until: Date;
  ledgerSeq: number;
}

/** What to do now. `command` is what a person types. */
export interface NextStep {
  what: string;
  why: string;
  command?: string;
  urgency: 'now' | 'next' | 'later';
}
