/**
 * The columns that a statement makes of the events of one source, in stages that build on each other: each is
 * made once, however many rules use it, and only if one does.
 */

/** How far from the table a column is; a column uses those of earlier stages alone. */
export type Stage = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
export const stages: readonly Stage[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

export class Columns {
  /** What the names of its columns begin with. */
  readonly prefix: string;
  readonly #byExpression = new Map<string, string>();
  readonly #stages = new Map<Stage, string[]>();

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** The name of the column with this expression. */
  add(stage: Stage, expression: string): string {
    const key = `${stage} ${expression}`;
    const known = this.#byExpression.get(key);
    if (known !== undefined) return known;
    const name = `${this.prefix}${this.#byExpression.size}`;
    this.#byExpression.set(key, name);
    this.addNamed(stage, name, expression);
    return name;
  }

  /** A column that was named before its expression was known. */
  addNamed(stage: Stage, name: string, expression: string): void {
    this.#stages.set(stage, [...(this.#stages.get(stage) ?? []), `${expression} AS ${name}`]);
  }

  /** `SELECT *, ...` around `inner` for each stage that has columns. */
  wrap(inner: string): string {
    return stages.reduce((sql, stage) => {
      const own = this.#stages.get(stage);
      return own === undefined ? sql : `SELECT *, ${own.join(', ')} FROM (${sql})`;
    }, inner);
  }
}
