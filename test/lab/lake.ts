/** A lake of its own for a test, in a fresh folder, and events to put into it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLake } from '../../src/lake/embedded/lake.ts';
import {
  type EmbeddedLake,
  type EventColumnName,
  type Lake,
  mappedColumns,
  originColumns,
} from '../../src/lake/index.ts';

export interface TestLake extends EmbeddedLake {
  folder: string;
}

/** Opens a lake in a fresh folder; `close()` removes it. `silenceMsMax`: how long its engine may hang. */
export async function openTestLake(options: { silenceMsMax?: number } = {}): Promise<TestLake> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-lake-'));
  const lake = await openEmbeddedLake(folder, options);
  return {
    ...lake,
    folder,
    close: async () => {
      await lake.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Takes everything of logs out of it again. */
export async function emptyLake(lake: Lake): Promise<void> {
  for (const table of ['events', 'rejects', 'files', 'ingests']) await lake.run(`TRUNCATE TABLE ${table}`);
}

/** An event as a test writes it: the columns that matter to it; `time` as ISO 8601 text or a Date. */
export type TestEvent = { [Column in EventColumnName]?: unknown };

let files = 0;

/**
 * Puts events in, as one file of `source` 'test' unless they say otherwise. Their lines are counted from 1. The
 * file is recorded in `files` too, so that it counts as read to its end.
 */
export async function insertEvents(lake: Lake, events: readonly TestEvent[]): Promise<{ fileId: string }> {
  const fileId = (++files).toString(16).padStart(64, '0');
  const columns: Record<string, { type: string }> = { ...originColumns, ...mappedColumns };
  const structure = Object.entries(columns)
    .map(([name, { type }]) => `${name} ${type.replace(/ CODEC\(.*\)$/, '')}`)
    .join(', ');
  const rows = events.map((event, index) =>
    JSON.stringify({ file_id: fileId, line: index + 1, source: 'test', raw: '', ...event }),
  );
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-events-'));
  try {
    const path = join(folder, 'events.ndjson');
    await writeFile(path, rows.join('\n'));
    await lake.run(
      `INSERT INTO events (${Object.keys(columns).join(', ')})
       SELECT ${Object.keys(columns).join(', ')} FROM file({path:String}, 'JSONEachRow', {structure:String})
       SETTINGS date_time_input_format = 'best_effort', input_format_null_as_default = 1`,
      { path, structure },
    );
    await lake.run(
      `INSERT INTO files (file_id, path, source, bytes, records, events, first_time, last_time, ingested_at)
       SELECT {fileId:String}, {path:String}, any(source), sum(length(raw)), count(), count(), min(time), max(time), now64(3)
       FROM events WHERE file_id = {fileId:String} HAVING count() > 0`,
      { fileId, path: `test-${files}.log` },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { fileId };
}
