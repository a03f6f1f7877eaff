/**
 * Which silences are gaps. A silence is judged by the host's own rhythm, and by the longest silence that its
 * kind of source may have. In doubt it is a gap: a gap only makes us say less.
 */
import { limits } from '../../../kernel/limits.ts';
import { count } from '../../../kernel/text.ts';
import { expectedBetween, type Rhythm } from './rhythm.ts';
import type { Gap } from './types.ts';

/** Between two neighbouring events, or between an event and an end of the period. Milliseconds since 1970. */
export interface Silence {
  fromMs: number;
  toMs: number;
  /** The source numbers its events, and the two neighbours' numbers follow one another: nothing was lost. */
  unbroken?: boolean;
}

export interface HostRhythm {
  rhythm: Rhythm;
  /** 99 of 100 silences between busy minutes are no longer than this. */
  usualMs: number;
  quietSecondsMax: number;
}

/** Why the silence is a gap; undefined when it is none. */
export function judgeSilence(silence: Silence, host: HostRhythm): string | undefined {
  const lengthMs = silence.toMs - silence.fromMs;
  if (silence.unbroken || lengthMs <= 0) return undefined;
  if (lengthMs > host.quietSecondsMax * 1_000)
    return `silent for ${duration(lengthMs)}; ${duration(host.quietSecondsMax * 1_000)} are usual at most`;
  if (lengthMs < limits.coverageGapSecondsMin * 1_000 || lengthMs < 2 * host.usualMs) return undefined;
  const expected = expectedBetween(host.rhythm, silence.fromMs, silence.toMs);
  if (expected < limits.coverageExpectedEventsMin) return undefined;
  return `silent for ${duration(lengthMs)}, in which about ${count(Math.round(expected))} events are usual`;
}

export function findGaps(silences: readonly Silence[], host: HostRhythm): Gap[] {
  return silences.flatMap((silence): Gap[] => {
    const why = judgeSilence(silence, host);
    return why === undefined ? [] : [{ from: new Date(silence.fromMs), to: new Date(silence.toMs), why }];
  });
}

/** `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h` */
export function duration(lengthMs: number): string {
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ];
  const at = units.findIndex(([, size]) => lengthMs >= size);
  if (at < 0) return `${Math.round(lengthMs)} ms`;
  const [name, size] = units[at] ?? ['s', 1_000];
  const small = units[at + 1];
  const whole = Math.floor(lengthMs / size);
  const rest = small ? Math.floor((lengthMs % size) / small[1]) : 0;
  return rest > 0 && small && at < 2 ? `${whole} ${name} ${rest} ${small[0]}` : `${whole} ${name}`;
}
