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
  #sum = 0;

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
    // Without a number left, what rounding has left goes too.
    this.#sum = this.#numbers === 0 ? 0 : this.#sum + by * number;
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
    if (this.#type === 'value_sum') return this.#sum;
    if (this.#type === 'value_avg') return this.#sum / this.#numbers;
    const rank = Math.ceil(((this.#percentile ?? 50) / 100) * this.#sorted.length);
    return this.#sorted[Math.max(0, rank - 1)];
  }
}

function numberOf(value: string): number | undefined {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
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
