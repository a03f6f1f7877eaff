/**
 * A host's own rhythm: how many events are usual in each hour of the week. The median over the weeks is
 * robust: neither a burst nor the gap that is looked for moves it.
 */

const hourMs = 3_600_000;
const weekHours = 168;
/** As many observations must stand behind a median. */
const observationsMin = 3;

/** Counts of one hour of the week, without the hours that had no event. */
export interface Cell {
  /** Hours since 1970 modulo 168. */
  cell: number;
  counts: readonly number[];
}

export interface ActiveTime {
  firstMs: number;
  lastMs: number;
  /** Weeks (since 1970) with at least one event. A silent week says nothing of the rhythm. */
  activeWeeks: number;
}

export interface Rhythm {
  /** Events that are usual in each hour of the week. */
  perHour: readonly number[];
  perWeek: number;
}

const hourOf = (at: number): number => Math.floor(at / hourMs);
const weekOf = (hour: number): number => Math.floor(hour / weekHours);
const cellOf = (hour: number): number => ((hour % weekHours) + weekHours) % weekHours;

export function rhythmOf(cells: readonly Cell[], active: ActiveTime): Rhythm {
  const [first, last] = [hourOf(active.firstMs), hourOf(active.lastMs)];
  const silentWeeks = Math.max(0, weekOf(last) - weekOf(first) + 1 - active.activeWeeks);
  const counts = new Map(cells.map((one) => [one.cell, one.counts]));
  const samples = Array.from({ length: weekHours }, (_, cell): Sample => {
    const seen = counts.get(cell) ?? [];
    return { seen, observed: Math.max(seen.length, occurrences(cell, first, last) - silentWeeks) };
  });
  const all = pool(samples);
  const perHour = samples.map((own, cell) => {
    if (own.observed >= observationsMin) return quantile(own, 0.5);
    const alike = pool(samples.filter((_, other) => isAlike(cell, other)));
    if (alike.observed >= observationsMin) return quantile(alike, 0.5);
    return all.observed >= observationsMin ? quantile(all, 0.25) : 0;
  });
  return { perHour, perWeek: perHour.reduce((sum, value) => sum + value, 0) };
}

/** How many events are usual between the two moments. Milliseconds since 1970. */
export function expectedBetween(rhythm: Rhythm, fromMs: number, toMs: number): number {
  const weeks = Math.floor((toMs - fromMs) / (weekHours * hourMs));
  let sum = weeks * rhythm.perWeek;
  for (let at = fromMs + weeks * weekHours * hourMs; at < toMs; ) {
    const end = Math.min((hourOf(at) + 1) * hourMs, toMs);
    sum += ((rhythm.perHour[cellOf(hourOf(at))] ?? 0) * (end - at)) / hourMs;
    at = end;
  }
  return sum;
}

interface Sample {
  seen: readonly number[];
  /** Hours observed, those without an event included. */
  observed: number;
}

const pool = (samples: readonly Sample[]): Sample => ({
  seen: samples.flatMap(({ seen }) => seen),
  observed: samples.reduce((sum, { observed }) => sum + observed, 0),
});

/** The lower quantile of all observed hours, those without an event being zeros. */
function quantile({ seen, observed }: Sample, share: number): number {
  const rank = Math.ceil(observed * share) - 1 - (observed - seen.length);
  if (rank < 0) return 0;
  return [...seen].sort((a, b) => a - b)[rank] ?? 0;
}

/** How often this hour of the week comes from hour `first` to hour `last`. */
function occurrences(cell: number, first: number, last: number): number {
  const next = first + cellOf(cell - first);
  return next > last ? 0 : Math.floor((last - next) / weekHours) + 1;
}

/** The same hour of the day, both on a weekend or both not. The first of January 1970 was a Thursday. */
function isAlike(one: number, other: number): boolean {
  const isWeekend = (cell: number) => cell >= 48 && cell < 96;
  return one % 24 === other % 24 && isWeekend(one) === isWeekend(other);
}
