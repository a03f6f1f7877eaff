/** An INSERT of the embedded engine that reads a file of this machine. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../bounds.ts';
import type { LakeInput, LakeParameters, StatementWatch } from '../lake.ts';
import { type FollowTools, followStatement } from './follow-statement.ts';

/** What the statement is run with. */
export interface InsertTools extends FollowTools {
  /** Where input that comes as bytes is put away while the engine reads it. */
  folder: string;
  run(sql: string, parameters: LakeParameters, settings: Settings): Promise<void>;
}

export function insertInto(
  tools: InsertTools,
  sql: string,
  input: LakeInput,
  parameters: LakeParameters,
  watch: StatementWatch,
): Promise<void> {
  return withFile(tools.folder, input, async (path) => {
    watch.signal?.throwIfAborted();
    const compression = 'path' in input ? (input.compression ?? 'none') : 'none';
    const table =
      'file({input_path:String}, {input_format:String}, {input_structure:String}, {input_compression:String})';
    await using followed = followStatement(tools, watch);
    try {
      await tools.run(
        sql.replace('{input}', () => table),
        {
          ...parameters,
          input_path: path,
          input_format: input.format,
          input_structure: input.structure,
          input_compression: compression,
        },
        followed.settings,
      );
    } finally {
      // Ended early it may also look as if it had come to its end.
      watch.signal?.throwIfAborted();
    }
  });
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
