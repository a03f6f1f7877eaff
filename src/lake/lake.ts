/**
 * The port to the lake: ClickHouse, embedded (chDB in a child process of its own) or a cluster over HTTP. The
 * SQL is the same for both. Tables: `events` (the columns of events.ts), `rejects`, `files`.
 */

/** Values for `{name:Type}` in a statement; the engine binds them, so they are never SQL. */
export type LakeParameters = Readonly<
  Record<string, string | number | boolean | Date | readonly string[] | readonly number[]>
>;

/** Bounds of one read; each has a default in kernel/limits.ts. */
export interface ReadBounds {
  rowsMax?: number;
  msMax?: number;
  memoryBytesMax?: number;
}

export interface Lake {
  /** Runs one statement that returns nothing: DDL, INSERT ... SELECT. Throws FirebreakError. */
  run(sql: string, parameters?: LakeParameters): Promise<void>;
  /**
   * Reads all rows of one read-only statement. 64-bit integers come as numbers where they are exact, times as
   * ISO 8601 text. Throws limit_exceeded past the bounds, never a part of the rows.
   */
  rows<Row>(sql: string, parameters?: LakeParameters, bounds?: ReadBounds): Promise<Row[]>;
  /** The same, row by row, for answers of any size. */
  stream<Row>(sql: string, parameters?: LakeParameters, bounds?: ReadBounds): AsyncIterable<Row>;
  close(): Promise<void>;
}
