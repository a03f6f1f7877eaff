/**
 * How far something is, on stderr: a bar with rate and time left on a terminal, else a line every few seconds.
 * Both go on while nothing moves, so that nobody wonders whether the command hangs.
 */
import { SingleBar } from 'cli-progress';
import { printable } from '../kernel/text.ts';
import { bytes, duration, number, percent } from './format.ts';
import { Pace } from './pace.ts';

export interface Step {
  done: number;
  /** Null: nobody knows it beforehand. */
  total: number | null;
  unit: string;
  /** What the amount comes in, where a piece costs time of its own. */
  pieces?: { done: number; total: number; unit: string };
  /** What it is at. */
  at?: string;
}

export interface ProgressView {
  update(step: Step): void;
  /** Ends the display. Safe to call twice. */
  end(): void;
}

interface ProgressOptions {
  stream: NodeJS.WritableStream;
  isTTY: boolean;
  columns?: number;
  /** Between two lines where there is no terminal. */
  everyMs?: number;
  nowMs?: () => number;
}

const defaultEveryMs = 5_000;
/** The rate is that of the last few seconds, so that it tells what happens now. */
const rateWindowMs = 10_000;

export function showProgress(title: string, options: ProgressOptions): ProgressView {
  const meter = new Meter(title, options.nowMs ?? (() => performance.now()));
  return options.isTTY ? showBar(meter, options) : showLines(meter, options);
}

function showBar(meter: Meter, { stream, columns = 80 }: ProgressOptions): ProgressView {
  const bar = new SingleBar({
    stream,
    clearOnComplete: true,
    // Ctrl-C is for the command, which ends the bar when it ends.
    gracefulExit: false,
    hideCursor: null,
    fps: 8,
    forceRedraw: true,
    format: () => meter.bar(columns),
  });
  bar.start(1, 0);
  let ended = false;
  return {
    update: (step) => meter.take(step),
    end: () => {
      if (!ended) bar.stop();
      ended = true;
    },
  };
}

function showLines(meter: Meter, { stream, everyMs = defaultEveryMs }: ProgressOptions): ProgressView {
  const timer = setInterval(() => stream.write(`${meter.line()}\n`), everyMs);
  return { update: (step) => meter.take(step), end: () => clearInterval(timer) };
}

/** Counts, and says it in words. */
export class Meter {
  readonly #title: string;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #step: Step = { done: 0, total: null, unit: '' };
  #moved = false;
  #history: { ms: number; done: number }[] = [];
  #costs = new Pace();

  constructor(title: string, nowMs: () => number) {
    this.#title = title;
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
  }

  take(step: Step): void {
    const ms = this.#nowMs();
    this.#moved = true;
    // Fewer than before: something else is counted now.
    if (step.unit !== this.#step.unit || step.done < this.#step.done) {
      this.#history = [];
      this.#costs = new Pace();
    }
    this.#step = step;
    if (step.pieces) this.#costs.take(ms, { amount: step.done, pieces: step.pieces.done });
    this.#history.push({ ms, done: step.done });
    while (this.#history.length > 2 && ms - (this.#history[1]?.ms ?? ms) >= rateWindowMs)
      this.#history.shift();
  }

  /** `Rotating: 1,234 of 5,000 credentials (24 %), 310/s, 12 s left, at wave 2` */
  line(): string {
    const { done, total, unit, at } = this.#step;
    const amount = total === null ? this.#amount(done) : `${this.#amount(done)} of ${this.#amount(total)}`;
    const parts = [
      this.#moved ? `${amount}${unit === 'bytes' ? '' : ` ${unit}`}`.trimEnd() : 'waiting',
      ...this.#pieces(),
      ...this.#pace(),
      ...(at === undefined ? [] : [printable(at, 80)]),
      `${duration((this.#nowMs() - this.#startedMs) / 1_000)} so far`,
    ];
    const share = total === null ? '' : ` (${percent(done, total)})`;
    return `${this.#title}: ${parts[0]}${share}${parts
      .slice(1)
      .map((part) => `, ${part}`)
      .join('')}`;
  }

  /** The same with a bar, no longer than the terminal is wide. */
  bar(columns: number): string {
    const { done, total, at } = this.#step;
    if (!this.#moved)
      return `${this.#title}  ${duration((this.#nowMs() - this.#startedMs) / 1_000)}`.slice(0, columns - 1);
    const amount = total === null ? this.#amount(done) : `${this.#amount(done)} of ${this.#amount(total)}`;
    const rest = [
      amount,
      ...this.#pieces(),
      ...this.#pace(),
      ...(at === undefined ? [] : [printable(at, 30)]),
    ].join('  ');
    const width = Math.min(30, columns - this.#title.length - rest.length - 12);
    if (total === null || width < 5) return `${this.#title}  ${rest}`.slice(0, columns - 1);
    const filled = total === 0 ? 0 : Math.round((done / total) * width);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
    return `${this.#title}  ${bar} ${percent(done, total).padStart(5)}  ${rest}`;
  }

  #amount(value: number): string {
    return this.#step.unit === 'bytes' ? bytes(value) : number(value);
  }

  #pieces(): string[] {
    const { pieces } = this.#step;
    return pieces ? [`${number(pieces.done)} of ${number(pieces.total)} ${pieces.unit}`] : [];
  }

  #pace(): string[] {
    const perSecond = this.#perSecond();
    const secondsLeft = this.#secondsLeft(perSecond);
    return [
      ...(perSecond === undefined ? [] : [`${this.#amount(rounded(perSecond))}/s`]),
      ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft)} left`]),
    ];
  }

  #perSecond(): number | undefined {
    const [first, last] = [this.#history[0], this.#history.at(-1)];
    if (!first || !last || last.ms <= first.ms || last.done <= first.done) return undefined;
    return ((last.done - first.done) / (this.#nowMs() - first.ms)) * 1_000;
  }

  #secondsLeft(perSecond: number | undefined): number | undefined {
    const { done, total, pieces } = this.#step;
    if (total === null) return undefined;
    if (pieces) return this.#costs.secondsLeft(this.#nowMs(), { amount: total, pieces: pieces.total });
    return perSecond === undefined ? undefined : (total - done) / perSecond;
  }
}

const rounded = (perSecond: number): number =>
  perSecond >= 10 ? Math.round(perSecond) : Number(perSecond.toFixed(1));
