/**
 * Text for people: headings, fields and aligned tables. Every piece passes through `printable`, so text from
 * outside can neither move the cursor nor turn the direction of writing; colours are put around it afterwards.
 */
import { count, printable } from '../kernel/text.ts';

type Tone = 'bold' | 'dim' | 'good' | 'warn' | 'bad';
export interface Toned {
  text: string;
  tone: Tone;
}
export type Part = string | Toned;
/** A cell: one part, or several that stand side by side. */
export type Cell = Part | number | null | undefined | readonly Part[];

export const bold = (text: string): Toned => ({ text, tone: 'bold' });
export const dim = (text: string): Toned => ({ text, tone: 'dim' });
export const good = (text: string): Toned => ({ text, tone: 'good' });
export const warn = (text: string): Toned => ({ text, tone: 'warn' });
export const bad = (text: string): Toned => ({ text, tone: 'bad' });

export interface Column {
  title: string;
  align?: 'right';
}

const codes: Record<Tone, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  warn: [33, 39],
  bad: [31, 39],
};
const partCharsMax = 4_000;
const gap = '  ';
/** A last column narrower than this is left to the terminal to wrap. */
const wrapColumnsMin = 24;

interface PaperOptions {
  colours: boolean;
  /** Columns of the terminal; without it nothing is wrapped. */
  columns?: number;
}

export class Paper {
  readonly #lines: string[] = [];
  readonly #options: PaperOptions;

  constructor(options: PaperOptions) {
    this.#options = options;
  }

  line(...parts: Part[]): this {
    this.#lines.push(this.#render(parts).trimEnd());
    return this;
  }

  /** An empty line, but not two in a row and none at the top. */
  space(): this {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
    return this;
  }

  heading(text: string): this {
    return this.space().line(bold(text));
  }

  /** Names and values, the values below each other. What is null or undefined is left out. */
  fields(fields: readonly (readonly [name: string, value: Cell])[], indent = ''): this {
    const given = fields.filter(([, value]) => value !== null && value !== undefined);
    const width = Math.max(0, ...given.map(([name]) => name.length));
    for (const [name, value] of given) {
      const label = this.#tone(name.padEnd(width), 'dim');
      this.#lines.push(
        this.#hang(`${indent}${label}${gap}`, indent.length + width + gap.length, partsOf(value)),
      );
    }
    return this;
  }

  /** Aligned columns; the last one is wrapped below itself on a terminal. Nothing is cut. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[], indent = ''): this {
    const cells = rows.map((row) => columns.map((_, index) => partsOf(row[index])));
    const widths = columns.map(({ title }, index) =>
      Math.max(title.length, ...cells.map((row) => lengthOf(row[index] ?? []))),
    );
    const titles = columns.map(({ title }): Part[] => [dim(title.toUpperCase())]);
    const shown = columns.some(({ title }) => title !== '') ? [titles, ...cells] : cells;
    for (const row of shown) this.#lines.push(this.#row(columns, widths, row, indent));
    return this;
  }

  #row(columns: readonly Column[], widths: number[], row: Part[][], indent: string): string {
    let line = indent;
    let used = indent.length;
    for (const [index, column] of columns.entries()) {
      const parts = row[index] ?? [];
      const pad = ' '.repeat(Math.max(0, (widths[index] ?? 0) - lengthOf(parts)));
      const isLast = index === columns.length - 1;
      if (isLast && column.align !== 'right') return this.#hang(line, used, parts).trimEnd();
      const text = this.#render(parts);
      line += `${column.align === 'right' ? pad + text : text + pad}${isLast ? '' : gap}`;
      used += (widths[index] ?? 0) + gap.length;
    }
    return line.trimEnd();
  }

  /** Puts parts after `head`, and what does not fit below where they begin. */
  #hang(head: string, used: number, parts: readonly Part[]): string {
    const room = (this.#options.columns ?? Number.POSITIVE_INFINITY) - used;
    const [only] = parts;
    if (parts.length !== 1 || only === undefined || room < wrapColumnsMin || lengthOf(parts) <= room)
      return `${head}${this.#render(parts)}`.trimEnd();
    const tone = typeof only === 'string' ? undefined : only.tone;
    const lines = wrap(clean(only), room);
    return lines
      .map((line, index) => `${index === 0 ? head : ' '.repeat(used)}${this.#tone(line, tone)}`)
      .join('\n');
  }

  #render(parts: readonly Part[]): string {
    return parts
      .map((part) => this.#tone(clean(part), typeof part === 'string' ? undefined : part.tone))
      .join('');
  }

  #tone(text: string, tone: Tone | undefined): string {
    if (!this.#options.colours || tone === undefined || text === '') return text;
    const [on, off] = codes[tone];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }

  toString(): string {
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
  }
}

function partsOf(cell: Cell): Part[] {
  if (cell === null || cell === undefined) return [dim('-')];
  if (typeof cell === 'number') return [count(cell)];
  if (Array.isArray(cell)) return [...cell];
  return [cell as Part];
}

const clean = (part: Part): string => printable(typeof part === 'string' ? part : part.text, partCharsMax);

const lengthOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + [...clean(part)].length, 0);

/** At spaces where there are some; a word that is longer than the line is cut. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = '';
    }
    for (; word.length > room; word = word.slice(room)) lines.push(word.slice(0, room));
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
