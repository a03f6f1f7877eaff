/**
 * The port to the lake: ClickHouse, embedded (chDB in a child process of its own) or a cluster over HTTP. The
 * SQL is the same for both. Tables: `events` (the columns of events.ts), `rejects`, `files`, `ingests`.
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

/** How a file of this machine is compressed, whatever its name says. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** What a statement reads as a table that we hand to it: bytes, or a file of this machine. */
export type LakeInput = {
  /** The engine's format, such as JSONEachRow or RowBinary. */
  format: string;
  /** Names and types of its columns: `number UInt64, line String`. */
  structure: string;
} & (
  | { bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }
  | { path: string; compression?: Compression }
);

/** How a statement under way is followed. */
export interface StatementWatch {
  /** Breaks the statement off; it has ended when the call throws. */
  signal?: AbortSignal | undefined;
  /** Called now and then, where the engine tells: rows read so far, and about how many it will read. */
  onRows?: ((rows: number, total: number) => void) | undefined;
}

export interface ReadOptions extends ReadBounds, StatementWatch {}

export interface Lake {
  /** Whether the engine reads files of this machine itself; if not, their bytes are sent to it. */
  readonly readsFiles: boolean;
  /**
   * Runs one INSERT that reads what we hand over; `{input}` stands for it in the statement, once:
   * `INSERT INTO t SELECT * FROM {input}`. The engine takes it whole or, where it fails, perhaps in part.
   */
  insert(sql: string, input: LakeInput, parameters?: LakeParameters, options?: StatementWatch): Promise<void>;
  /** Runs one statement that returns nothing: DDL, INSERT ... SELECT. Throws FirebreakError. */
  run(sql: string, parameters?: LakeParameters): Promise<void>;
  /** Deletes the rows of a table that fulfil the condition, everywhere; they are gone when it returns. */
  erase(table: string, condition: string, parameters?: LakeParameters): Promise<void>;
  /**
   * Reads all rows of one read-only statement. 64-bit integers come as numbers where they are exact, times as
   * ISO 8601 text. Throws limit_exceeded past the bounds, never a part of the rows.
   */
  rows<Row>(sql: string, parameters?: LakeParameters, options?: ReadOptions): Promise<Row[]>;
  /** The same, row by row, for answers of any size. */
  stream<Row>(sql: string, parameters?: LakeParameters, options?: ReadOptions): AsyncIterable<Row>;
  /** The engine's syntax tree of a SELECT, a node a line; nothing of the statement is run. */
  syntaxTree(sql: string): Promise<string[]>;
  close(): Promise<void>;
}
