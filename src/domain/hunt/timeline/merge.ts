/** Several sequences, each in the order of time, as one; what is the same event becomes one line. */
import type { TimelineEntry } from './types.ts';

/** Reads only as far ahead in each as it must. */
export async function* mergeByTime(
  sequences: readonly AsyncIterator<TimelineEntry>[],
): AsyncGenerator<TimelineEntry> {
  const heads = await Promise.all(sequences.map((one) => one.next()));
  for (;;) {
    let best = -1;
    for (const [index, head] of heads.entries()) {
      if (head.done) continue;
      const other = best < 0 ? undefined : heads[best];
      if (!other || other.done || head.value.at < other.value.at) best = index;
    }
    const found = heads[best];
    const sequence = sequences[best];
    if (!found || found.done || !sequence) return;
    yield found.value;
    heads[best] = await sequence.next();
  }
}

/**
 * Makes one line of one event that is found, made and read at once, and of one event that stands in two files,
 * such as a log and its copy. Two events that are alike in one file are two events.
 */
export async function* joinSame(entries: AsyncIterable<TimelineEntry>): AsyncGenerator<TimelineEntry> {
  let moment: Map<string, TimelineEntry[]> = new Map();
  let at = Number.NaN;
  for await (const entry of entries) {
    if (entry.at.getTime() !== at) {
      for (const same of moment.values()) yield* same;
      moment = new Map();
      at = entry.at.getTime();
    }
    const key = contentOf(entry);
    const alike = moment.get(key) ?? [];
    const known = alike.find((one) => isSame(one, entry));
    if (known) join(known, entry);
    else moment.set(key, [...alike, entry]);
  }
  for (const same of moment.values()) yield* same;
}

/** Alike in all that a copy of the log would have too. */
function contentOf({ citation, who, address, code, timeText, kinds }: TimelineEntry): string {
  if ('ledgerSeq' in citation) return `ledger ${citation.ledgerSeq}`;
  const summary = kinds.includes('session') || kinds.includes('pause') ? kinds.join() : '';
  return JSON.stringify([citation.source, citation.host, who, address, code, timeText, summary]);
}

function isSame(one: TimelineEntry, other: TimelineEntry): boolean {
  if ('ledgerSeq' in one.citation || 'ledgerSeq' in other.citation) return true;
  if (one.citation.fileId === other.citation.fileId) return one.citation.line === other.citation.line;
  return one.what === other.what;
}

function join(one: TimelineEntry, other: TimelineEntry): void {
  for (const kind of other.kinds) if (!one.kinds.includes(kind)) one.kinds.push(kind);
  for (const technique of other.techniques)
    if (!one.techniques.includes(technique)) one.techniques.push(technique);
  if (!one.what.includes(other.what)) one.what = `${one.what}; ${other.what}`;
  one.severity ??= other.severity;
}
