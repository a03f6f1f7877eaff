/** The values of the events in a window: what comes in, what goes out, and what is measured of the rest. */
import type { CorrelationType } from './types.ts';

export class Values {
  readonly #type: CorrelationType;
  readonly #percentile: number | undefined;
  readonly #counts = new Map<string, number>();
  /** Numbers in their order, for percentiles alone. */
  readonly #sorted: number[] = [];
  #events = 0;
  #numbers = 0;
  readonly #sum = new SlidingSum();

  constructor(type: CorrelationType, percentile: number | undefined) {
    this.#type = type;
    this.#percentile = type === 'value_median' ? 50 : percentile;
  }

  take(value: string | undefined): void {
    if (value === undefined) return;
    this.#events++;
    this.#count(value, 1);
    this.#number(value, 1);
  }

  drop(value: string | undefined): void {
    if (value === undefined) return;
    this.#events--;
    this.#count(value, -1);
    this.#number(value, -1);
  }

  #count(value: string, by: 1 | -1): void {
    if (this.#type !== 'value_count' && !this.#isShare()) return;
    const key = value.toLowerCase();
    const left = (this.#counts.get(key) ?? 0) + by;
    if (left === 0) this.#counts.delete(key);
    else this.#counts.set(key, left);
  }

  #number(value: string, by: 1 | -1): void {
    if (this.#type === 'event_count' || this.#type === 'value_count' || this.#isShare()) return;
    const number = numberOf(value);
    if (number === undefined) return;
    this.#numbers += by;
    if (by === 1) this.#sum.take(number);
    else this.#sum.drop();
    if (this.#percentile === undefined) return;
    const place = placeOf(this.#sorted, number);
    if (by === 1) this.#sorted.splice(place, 0, number);
    else this.#sorted.splice(place, 1);
  }

  #isShare(): boolean {
    return this.#type === 'value_percentile' && this.#percentile === undefined;
  }

  /** Undefined where the event just taken has no value that counts. */
  measure(value: string | undefined): number | undefined {
    if (value === undefined) return undefined;
    if (this.#type === 'event_count') return this.#events;
    if (this.#type === 'value_count') return this.#counts.size;
    if (this.#isShare()) return (100 * (this.#counts.get(value.toLowerCase()) ?? 0)) / this.#events;
    if (numberOf(value) === undefined) return undefined;
    if (this.#type === 'value_sum') return this.#sum.value();
    if (this.#type === 'value_avg') return this.#sum.value() / this.#numbers;
    return this.#sorted[rankOf(this.#percentile ?? 50, this.#sorted.length) - 1];
  }
}

/** The nearest rank, from 1. What rounding adds to a whole number does not make it the next one. */
function rankOf(percentile: number, count: number): number {
  const exact = (percentile * count) / 100;
  const nearest = Math.round(exact);
  const rank = Math.abs(exact - nearest) < 1e-9 * count ? nearest : Math.ceil(exact);
  return Math.max(1, rank);
}

function numberOf(value: string): number | undefined {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * The sum of a window that numbers leave in the order in which they came. It only adds: to subtract what leaves would
 * keep what a large number has rounded away.
 */
class SlidingSum {
  /** Those that came since `#old` was made, and their sum. */
  #fresh: number[] = [];
  #freshSum = 0;
  /** Sums of the older ones, each of one number and all that are later; the oldest stands last. */
  #old: number[] = [];

  take(number: number): void {
    this.#fresh.push(number);
    this.#freshSum += number;
  }

  drop(): void {
    if (this.#old.length === 0) {
      let sum = 0;
      for (const number of this.#fresh.reverse()) {
        sum += number;
        this.#old.push(sum);
      }
      this.#fresh = [];
      this.#freshSum = 0;
    }
    this.#old.pop();
  }

  value(): number {
    return (this.#old.at(-1) ?? 0) + this.#freshSum;
  }
}

/** Where the first number that is not smaller stands. */
function placeOf(sorted: readonly number[], number: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? 0) < number) from = middle + 1;
    else to = middle;
  }
  return from;
}
