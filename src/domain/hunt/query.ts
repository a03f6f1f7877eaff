/** `logs query`: a person's own SELECT over the lake, bounded in time, rows and memory. The engine lets it read the lake's tables and nothing else. */
import { FirebreakError } from '../../kernel/errors.ts';
import { limits } from '../../kernel/limits.ts';
import { checkStatement } from './query-guard.ts';
import type { HuntContext } from './types.ts';

export interface LogQueryInput {
  sql: string;
  /** Rows that are given back; the statement may find more. */
  rowsMax: number;
  msMax: number;
}

export interface LogQueryAnswer {
  columns: string[];
  rows: Record<string, unknown>[];
  /** Whether there is more than was given back. */
  more: boolean;
}

/** Throws bad_input, refused or limit_exceeded in the engine's words. */
export async function queryLogs(
  context: HuntContext,
  { sql, rowsMax, msMax }: LogQueryInput,
): Promise<LogQueryAnswer> {
  if (Buffer.byteLength(sql) > limits.lakeQueryBytesMax)
    throw new FirebreakError('limit_exceeded', `a query has at most ${limits.lakeQueryBytesMax} bytes`);
  const lake = await context.lake();
  const statement = asTable(sql);
  await checkStatement(lake, statement);
  const rows: Record<string, unknown>[] = [];
  let bytes = 0;
  const bounds = { msMax, memoryBytesMax: limits.lakeQueryMemoryBytesMax };
  for await (const row of lake.stream<Record<string, unknown>>(statement, {}, bounds)) {
    bytes += JSON.stringify(row).length;
    if (rows.length === rowsMax || bytes > limits.lakeQueryAnswerBytesMax)
      return { columns: columnsOf(rows), rows, more: true };
    rows.push(row);
  }
  return { columns: columnsOf(rows), rows, more: false };
}

/**
 * As a table of an outer SELECT: what may follow a SELECT (INTO OUTFILE, FORMAT, another statement) is no part of
 * one and does not parse there.
 */
function asTable(sql: string): string {
  const text = sql.trim().replace(/;\s*$/, '');
  if (!/^(?:\s|\(|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(select|with)\b/i.test(text))
    throw new FirebreakError('refused', 'the lake is read by SELECT or WITH ... SELECT alone');
  return `SELECT * FROM (\n${text}\n)`;
}

const columnsOf = (rows: readonly Record<string, unknown>[]): string[] => Object.keys(rows[0] ?? {});
