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
  /** Nothing is outstanding in any part. */
  complete: boolean;
}

/** What to do now. `command` is what a person types. */
export interface NextStep {
  what: string;
  why: string;
  command?: string;
  urgency: 'now' | 'next' | 'later';
}
