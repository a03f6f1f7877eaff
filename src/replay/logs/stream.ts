/**
 * One log from its first record to its last: harmless events at the pace of its rhythm, and what is planted among
 * them at its own moments, in the order of time. A log's events depend on the seed and its name alone.
 */
import type { Dice } from './dice.ts';
import type { LogSink } from './log-file.ts';
import type { Rhythm } from './rhythm.ts';
import type { Place } from './types.ts';

/** The records of an event: mostly one; several where the vendor writes an event on several lines. */
export type Records = string | string[];

/** A log of one system or host, whose events are of type `E`. */
export interface Log<E> {
  /** Names it in gaps and in the truth. */
  id: string;
  source: string;
  host?: string;
  /** Its part of all records. */
  share: number;
  /** Records of a usual event, on average. 1 by default. */
  recordsPerEvent?: number;
  rhythm: Rhythm;
  path(at: number): string;
  /** `{"Records":[...]}` in gzip instead of lines. */
  delivery?: boolean;
  /** The next harmless event. It may be the same object each time. */
  benign(at: number): E;
  write(event: E, at: number): Records;
}

/** An event that must be there, at its moment. */
interface Planted<E> {
  at: number;
  act: string;
  event: E;
}

export interface Breakage {
  at: number;
  /** What becomes of a whole record. */
  spoil(record: string): string;
  why: string;
}

export interface StreamTask<E> {
  log: Log<E>;
  sink: LogSink;
  dice: Dice;
  from: number;
  to: number;
  /** Harmless records to write. */
  budget: number;
  planted: readonly Planted<E>[];
  gaps: readonly { from: number; to: number }[];
  breakages: readonly Breakage[];
  onPlanted(planted: Planted<E>, place: Place): void;
  onBroken(why: string, place: Place): void;
  /** After each day of the log; may throw in order to stop. */
  onDay(records: number): void;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** How much of what is missing is made up for in a minute; small, so that the pace stays random. */
const correction = 0.02;

/** Writes the log and returns how many records it has. The sink stays open. */
export async function runStream<E>(task: StreamTask<E>): Promise<number> {
  const writer = new StreamWriter(task);
  const perEvent = task.log.recordsPerEvent ?? 1;
  const pace = paceOf(task);
  let due = 0;
  for (let minute = task.from; minute < task.to; minute += minuteMs) {
    const mean = pace(minute);
    due += mean;
    const debt = due - writer.harmless;
    const last = minute + minuteMs >= task.to;
    const count = last ? debt / perEvent : task.dice.poisson((mean + correction * debt) / perEvent);
    writer.minute(minute, Math.max(0, Math.ceil(count)));
    if (task.sink.due) await task.sink.settle();
    if ((minute + minuteMs) % dayMs === 0) task.onDay(writer.records);
  }
  writer.plantUntil(task.to);
  return writer.records;
}

/** Records a minute, so that the whole is the budget, and none in a gap. */
function paceOf<E>({ log, from, to, budget, gaps }: StreamTask<E>): (minute: number) => number {
  const weights: number[] = [];
  for (let hour = from; hour < to; hour += hourMs) weights.push(log.rhythm(hour));
  const weightAt = (minute: number) =>
    isSilent(gaps, minute) ? 0 : (weights[Math.floor((minute - from) / hourMs)] ?? 0);
  let total = 0;
  for (let minute = from; minute < to; minute += minuteMs) total += weightAt(minute);
  return (minute) => (budget * weightAt(minute)) / total;
}

const isSilent = (gaps: readonly { from: number; to: number }[], at: number): boolean =>
  gaps.some((gap) => at >= gap.from && at < gap.to);

class StreamWriter<E> {
  readonly #task: StreamTask<E>;
  #next = 0;
  #broken = 0;
  records = 0;
  harmless = 0;

  constructor(task: StreamTask<E>) {
    this.#task = task;
  }

  minute(start: number, count: number): void {
    const { log, dice, gaps } = this.#task;
    const silent = isSilent(gaps, start);
    for (let at = 0; at < count && !silent; at++) {
      const time = start + Math.floor(((at + dice.unit()) / count) * minuteMs);
      if (this.#nextAt() <= time) this.plantUntil(time);
      const records = log.write(log.benign(time), time);
      if (typeof records === 'string') this.#harmless(records, time);
      else for (const record of records) this.#harmless(record, time);
    }
    this.plantUntil(start + minuteMs - 1);
  }

  /** Writes what is planted up to and with this moment. */
  plantUntil(time: number): void {
    while (this.#nextAt() <= time) {
      const planted = this.#task.planted[this.#next++];
      if (!planted) return;
      const records = this.#task.log.write(planted.event, planted.at);
      for (const record of typeof records === 'string' ? [records] : records) {
        this.records++;
        this.#task.onPlanted(planted, this.#task.sink.add(record, planted.at));
      }
    }
  }

  #nextAt(): number {
    return this.#task.planted[this.#next]?.at ?? Number.POSITIVE_INFINITY;
  }

  #harmless(record: string, at: number): void {
    this.records++;
    this.harmless++;
    const { sink, breakages, onBroken } = this.#task;
    const breakage = breakages[this.#broken];
    if (!breakage || at < breakage.at) {
      sink.add(record, at);
      return;
    }
    this.#broken++;
    onBroken(breakage.why, sink.add(breakage.spoil(record), at));
  }
}
