/** The bounds of a read as settings of the engine, which keeps them itself. */
import { FirebreakError } from '../kernel/errors.ts';
import { limits } from '../kernel/limits.ts';
import type { ReadBounds } from './lake.ts';
import { answerSettings } from './rows.ts';

export type Settings = Readonly<Record<string, string | number>>;

/** What every statement may need of the engine. */
const common: Settings = {
  max_query_size: limits.lakeStatementBytesMax,
  max_ast_elements: 2_000_000,
  max_expanded_ast_elements: 5_000_000,
  max_bytes_before_external_group_by: limits.lakeSpillBytes,
  max_bytes_before_external_sort: limits.lakeSpillBytes,
  // Looks in every AND for comparisons that follow from others: two thirds of the planning of a mapping, and for nothing.
  optimize_and_compare_chain: 0,
};

/** Settings of a statement that reads. `rowsMax` of 0 is no bound on rows. */
export function readSettings(bounds: Required<ReadBounds>): Settings {
  return {
    ...common,
    ...answerSettings,
    max_execution_time: Math.max(1, Math.ceil(bounds.msMax / 1_000)),
    timeout_overflow_mode: 'throw',
    max_result_rows: bounds.rowsMax,
    result_overflow_mode: 'throw',
    max_memory_usage: Math.min(bounds.memoryBytesMax, limits.lakeStatementMemoryBytesMax),
  };
}

/** Settings of a statement that writes. */
export const writeSettings: Settings = {
  ...common,
  max_memory_usage: limits.lakeStatementMemoryBytesMax,
  // A file may tell of many months at once.
  max_partitions_per_insert_block: 0,
};

/** Settings of a statement that reads what we hand over. */
export const intakeSettings: Settings = {
  ...writeSettings,
  // Mapped files would count as the engine's memory.
  storage_file_read_method: 'pread',
  input_format_max_block_size_bytes: limits.ingestReadBlockBytes,
  min_insert_block_size_bytes: limits.ingestBlockBytes,
  // A mapping never fails on any bytes, so the branches of its conditions need not be taken apart: twice as fast.
  short_circuit_function_evaluation: 'disable',
  // Cutting a file into lines is little work; in pieces cut beforehand it costs a tenth of an ingest more.
  input_format_parallel_parsing: 0,
  // Two streams map and write at a time, through the views too; one alone maps only while it does not write.
  max_insert_threads: limits.ingestThreads,
  parallel_view_processing: 1,
  date_time_input_format: 'best_effort',
  input_format_null_as_default: 1,
  insert_null_as_default: 1,
  // A file that is read again after an interruption may give blocks that are the same as before.
  insert_deduplicate: 0,
  // On a cluster: on its shard, and on most of the replicas, before it counts as done.
  distributed_foreground_insert: 1,
  insert_quorum: 'auto',
};

/** Bounds with the defaults of a read that is held whole. */
export const wholeBounds = (bounds: ReadBounds = {}): Required<ReadBounds> => ({
  rowsMax: bounds.rowsMax ?? limits.lakeReadRowsMax,
  msMax: bounds.msMax ?? limits.lakeReadMsMax,
  memoryBytesMax: bounds.memoryBytesMax ?? limits.lakeStatementMemoryBytesMax,
});

/** Bounds with the defaults of a read that goes row by row: no bound on rows. */
export const streamBounds = (bounds: ReadBounds = {}): Required<ReadBounds> => ({
  rowsMax: bounds.rowsMax ?? 0,
  msMax: bounds.msMax ?? limits.lakeStreamMsMax,
  memoryBytesMax: bounds.memoryBytesMax ?? limits.lakeStatementMemoryBytesMax,
});

/** A read begins with SELECT or WITH; the engine itself refuses anything that writes. */
export function assertReads(sql: string): void {
  const text = sql.replace(/^(?:\s|\(|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/, '');
  if (!/^(select|with)\b/i.test(text))
    throw new FirebreakError('refused', 'the lake reads by SELECT or WITH ... SELECT alone');
  if (Buffer.byteLength(sql) > limits.lakeStatementBytesMax)
    throw new FirebreakError(
      'limit_exceeded',
      `a statement has at most ${limits.lakeStatementBytesMax} bytes`,
    );
}
