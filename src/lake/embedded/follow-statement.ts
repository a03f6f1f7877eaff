/** A statement of the embedded engine while it is under way: how many rows it has read, and its end when it is not wanted. */
import { randomUUID } from 'node:crypto';
import { limits } from '../../kernel/limits.ts';
import { logger } from '../../kernel/log.ts';
import type { Settings } from '../bounds.ts';
import type { StatementWatch } from '../lake.ts';

const log = logger('lake');

/** Both are done while other statements run. */
export interface FollowTools {
  /** Reads what the engine says of itself. */
  look<Row>(sql: string): Promise<Row[]>;
  /** Tells the engine something that has no answer. Bound values would make it wait for the others. */
  tell(sql: string): Promise<void>;
}

/** Disposed of when the statement has ended, however it did. */
export interface FollowedStatement extends AsyncDisposable {
  /** What it must be run with, besides its own settings. */
  settings: Settings;
}

export function followStatement(
  { look, tell }: FollowTools,
  { signal, onRows }: StatementWatch,
): FollowedStatement {
  if (signal === undefined && onRows === undefined)
    return { settings: {}, [Symbol.asyncDispose]: async () => {} };
  // The engine lists statements with their settings. It writes their text anew, so a remark there would be gone.
  const mark = randomUUID();
  const isMarked = `Settings['log_comment'] = '${mark}'`;
  let busy: Promise<void> | undefined;
  const glance = async (): Promise<void> => {
    try {
      if (signal?.aborted) return await tell(`KILL QUERY WHERE ${isMarked} ASYNC`);
      if (onRows === undefined) return;
      const [row] = await look<{ rows: number; total: number }>(
        `SELECT read_rows AS rows, greatest(total_rows_approx, read_rows) AS total FROM system.processes
         WHERE ${isMarked}`,
      );
      if (row) onRows(row.rows, row.total);
    } catch (error) {
      // The statement itself says what is wrong with the engine.
      log.debug({ error }, 'the statement under way could not be looked up');
    }
  };
  const once = (): void => {
    busy ??= glance().finally(() => {
      busy = undefined;
    });
  };
  const timer = setInterval(once, limits.lakeProgressMs);
  signal?.addEventListener('abort', once);
  return {
    settings: { log_comment: mark },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      signal?.removeEventListener('abort', once);
      await busy;
    },
  };
}
