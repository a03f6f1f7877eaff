/** An INSERT of the embedded engine that reads a file of this machine; it can be watched and broken off. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../kernel/limits.ts';
import { logger } from '../../kernel/log.ts';
import type { InsertOptions, LakeInput, LakeParameters } from '../lake.ts';

const log = logger('lake');

/** What the statement is run with. */
export interface InsertTools {
  /** Where input that comes as bytes is put away while the engine reads it. */
  folder: string;
  run(sql: string, parameters: LakeParameters): Promise<void>;
  /** Reads what the engine says of itself. */
  look<Row>(sql: string, parameters: LakeParameters): Promise<Row[]>;
}

export function insertInto(
  tools: InsertTools,
  sql: string,
  input: LakeInput,
  parameters: LakeParameters,
  options: InsertOptions,
): Promise<void> {
  return withFile(tools.folder, input, async (path) => {
    options.signal?.throwIfAborted();
    // The engine lists statements by their text, so this one is told apart by a remark of its own.
    const mark = `/* ${randomUUID()} */`;
    const compression = 'path' in input ? (input.compression ?? 'none') : 'none';
    const table =
      'file({input_path:String}, {input_format:String}, {input_structure:String}, {input_compression:String})';
    const watch = watchStatement(tools, mark, options);
    try {
      await tools.run(`${mark} ${sql.replace('{input}', () => table)}`, {
        ...parameters,
        input_path: path,
        input_format: input.format,
        input_structure: input.structure,
        input_compression: compression,
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      await watch.stop();
    }
  });
}

/** Reports the rows read so far, and ends the statement when it is not wanted any more. */
function watchStatement({ look, run }: InsertTools, mark: string, { signal, onRows }: InsertOptions) {
  if (signal === undefined && onRows === undefined) return { stop: async () => {} };
  let busy: Promise<void> | undefined;
  const glance = async (): Promise<void> => {
    try {
      if (signal?.aborted) await run(`KILL QUERY WHERE startsWith(query, {mark:String}) ASYNC`, { mark });
      const [row] = await look<{ rows: number }>(
        'SELECT read_rows AS rows FROM system.processes WHERE startsWith(query, {mark:String})',
        { mark },
      );
      if (row) onRows?.(row.rows);
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
  const timer = setInterval(once, limits.ingestProgressMs);
  signal?.addEventListener('abort', once);
  return {
    stop: async () => {
      clearInterval(timer);
      signal?.removeEventListener('abort', once);
      await busy;
    },
  };
}

/** Where a file of this machine holds the input, the engine reads it there. What was put away is removed. */
async function withFile(
  folder: string,
  input: LakeInput,
  use: (path: string) => Promise<void>,
): Promise<void> {
  if ('path' in input) return use(input.path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, randomUUID());
  try {
    await writeFile(path, input.bytes, { mode: 0o600 });
    await use(path);
  } finally {
    await rm(path, { force: true });
  }
}
