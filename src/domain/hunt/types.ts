/** The nouns that all verbs of the hunt share. */
import type { Lake } from '../../lake/index.ts';
import type { Context } from '../context.ts';

/** What a verb of the hunt acts with: the context of the domain, and the lake, which opens when it is first used. */
export type HuntContext = Context & { lake(): Promise<Lake> };

/** How a long verb says how far it is, and hears that it is to stop. */
export interface Watch {
  signal?: AbortSignal;
  /** `total` is null where nobody knows it beforehand. The unit is `steps` where it is not named. */
  onProgress?(done: number, total: number | null, at: string, unit?: 'steps' | 'events'): void;
}

/** From the first to the last millisecond, both inside. */
export interface Period {
  from: Date;
  to: Date;
}

/** The identity of an event: the SHA-256 of its file, and the number of its record there, from 1. */
export interface EventKey {
  fileId: string;
  line: number;
}

/** An event as a line of a list: enough to say what happened, and to find it in its file. */
export interface EventView extends EventKey {
  source: string;
  host: string;
  at: Date;
  /** The time as the source wrote it. */
  timeText: string;
  code: string;
  actor: string;
  address: string;
  message: string;
}

/** Something that the verb leaves open, for a person to deal with. */
export interface Outstanding {
  what: string;
  why: string;
}

/** What a run could not answer, beside the gaps in the logs that it claims of. */
export interface RunDoubt extends Outstanding {
  /** The path of the file that it is about, where it goes away once that is read. */
  about?: string;
  /** The source whose coverage speaks of it, too. */
  source?: string;
}

const runKinds = ['ingest', 'sigma', 'ioc', 'descendants', 'access'] as const;
export type RunKind = (typeof runKinds)[number];

export const severities = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** What a hunt found at one event. A rule that joins several events names the last, and the others in `data`. */
export interface NewFinding {
  /** The id of the rule or of the indicator. */
  rule: string;
  ruleKind: 'sigma' | 'indicator';
  title: string;
  severity: Severity;
  /** ATT&CK technique ids such as T1136.001. */
  techniques: string[];
  event: EventView;
  data: Record<string, unknown>;
}

export interface Finding extends NewFinding {
  id: string;
  incidentId: string;
  runId: string;
  foundAt: Date;
}

/** How many were found, and how many of them no earlier run had found. */
export interface FindingTally {
  found: number;
  added: number;
}
