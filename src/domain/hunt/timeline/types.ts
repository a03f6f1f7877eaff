/** The nouns of the timeline. */
import type { EventView, Severity } from '../types.ts';

const entryKinds = ['finding', 'descendant', 'access', 'session', 'pause', 'act'] as const;
export type EntryKind = (typeof entryKinds)[number];

/** Where an entry stands: a line of a log, or an entry of our ledger. */
export type Citation = { fileId: string; line: number; source: string; host: string } | { ledgerSeq: number };

/** One line of the timeline. The same event as a finding and an access is one line of both kinds. */
export interface TimelineEntry {
  at: Date;
  /** The time as the source wrote it; ISO 8601 for our own acts. */
  timeText: string;
  kinds: EntryKind[];
  /** What happened, in words. */
  what: string;
  who: string;
  address: string;
  /** The vendor's name of the event. */
  code: string;
  severity: Severity | null;
  /** ATT&CK techniques. */
  techniques: string[];
  citation: Citation;
}

export const timelineFormats = ['json', 'csv', 'timesketch', 'text'] as const;
export type TimelineFormat = (typeof timelineFormats)[number];

/** An entry that an event of a log shows. */
export function entryOf(
  kind: EntryKind,
  event: EventView,
  what: string,
  extra: { severity?: Severity; techniques?: readonly string[] } = {},
): TimelineEntry {
  const { at, timeText, actor, address, code, fileId, line, source, host } = event;
  return {
    at,
    timeText,
    kinds: [kind],
    what,
    who: actor,
    address,
    code,
    severity: extra.severity ?? null,
    techniques: (extra.techniques ?? []).filter((one) => one !== ''),
    citation: { fileId, line, source, host },
  };
}
