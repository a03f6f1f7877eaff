/**
 * The time left of work that costs by its amount and by the piece, as reading files does: a thousand small ones take
 * far longer than one of their size together. Both costs are told from what has passed, the latest counting most; what
 * has not been seen yet (no small file so far, or none but small ones) rests on a usual cost.
 */

/** What has been done of the amount and of the pieces, or what remains. */
export interface Amounts {
  amount: number;
  pieces: number;
}

/** The usual cost of a byte and of a file, in seconds. It yields to what is measured. */
const usual = { amount: 1 / 100e6, pieces: 0.01 };
/** How many seconds of measurement weigh as much as the usual cost. */
const usualWeightSeconds = 0.1;
/** Shorter ones are joined: what is done comes in bursts. */
const spanMsMin = 1_000;
/** After so long, what was measured counts for half. */
const halfLifeMs = 60_000;
/** No cost is taken for less than this share of the usual one, let alone for nothing. */
const factorMin = 0.02;

export class Pace {
  #from: ({ ms: number } & Amounts) | undefined;
  #latest: ({ ms: number } & Amounts) | undefined;
  /** Sums of the least squares: of both costs with themselves, with each other, and with the time. */
  #aa = 0;
  #pp = 0;
  #ap = 0;
  #at = 0;
  #pt = 0;

  take(ms: number, done: Amounts): void {
    this.#latest = { ms, ...done };
    this.#from ??= this.#latest;
    if (ms - this.#from.ms >= spanMsMin) this.#learn(this.#from, this.#latest);
  }

  #learn(from: { ms: number } & Amounts, to: { ms: number } & Amounts): void {
    this.#from = to;
    const spanMs = to.ms - from.ms;
    const kept = 0.5 ** (spanMs / halfLifeMs);
    const [a, p, t] = [
      (to.amount - from.amount) * usual.amount,
      (to.pieces - from.pieces) * usual.pieces,
      spanMs / 1_000,
    ];
    this.#aa = this.#aa * kept + a * a;
    this.#pp = this.#pp * kept + p * p;
    this.#ap = this.#ap * kept + a * p;
    this.#at = this.#at * kept + a * t;
    this.#pt = this.#pt * kept + p * t;
  }

  /** How many times the usual each cost is: the solution of two equations, held by the usual cost where they say nothing. */
  #factors(): Amounts {
    const hold = usualWeightSeconds ** 2;
    const [aa, pp, at, pt] = [this.#aa + hold, this.#pp + hold, this.#at + hold, this.#pt + hold];
    const determinant = aa * pp - this.#ap ** 2;
    const amount = (at * pp - pt * this.#ap) / determinant;
    const pieces = (pt * aa - at * this.#ap) / determinant;
    // Where one comes out too low, the other bears the whole time.
    if (amount < factorMin)
      return { amount: factorMin, pieces: Math.max(factorMin, (pt - factorMin * this.#ap) / pp) };
    if (pieces < factorMin)
      return { amount: Math.max(factorMin, (at - factorMin * this.#ap) / aa), pieces: factorMin };
    return { amount, pieces };
  }

  /** Undefined before anything was measured. What is under way since the last report is taken off, but not below nothing. */
  secondsLeft(nowMs: number, total: Amounts): number | undefined {
    const [from, latest] = [this.#from, this.#latest];
    if (!from || !latest || this.#aa + this.#pp === 0) return undefined;
    const factors = this.#factors();
    const left =
      (total.amount - latest.amount) * usual.amount * factors.amount +
      (total.pieces - latest.pieces) * usual.pieces * factors.pieces;
    return Math.max(0, left - (nowMs - latest.ms) / 1_000);
  }
}
