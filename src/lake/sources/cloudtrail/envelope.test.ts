/** A record in EventBridge's envelope is mapped as such wherever it stands, and costs the other files nothing. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLake, type TestLake } from '../../../../test/lab/lake.ts';
import { limits } from '../../../kernel/limits.ts';
import { packageFile } from '../../../kernel/paths.ts';
import { ingestLogs } from '../../index.ts';
import { cloudtrail } from './index.ts';

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(() => lake?.close());

const fixture = async (name: string): Promise<string[]> =>
  (await readFile(packageFile('src', 'lake', 'sources', 'cloudtrail', '__fixtures__', name), 'utf8'))
    .trim()
    .split('\n');

async function counts(name: string, lines: readonly string[]) {
  const path = join(lake.folder, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { files } = await ingestLogs(lake, { paths: [path], sources: [cloudtrail] });
  const [row] = await lake.rows(
    `SELECT count() AS events, countIf(fields['envelope'] = 'eventbridge') AS enveloped,
       countIf(event_code = '') AS nameless FROM events WHERE file_id = {id:String}`,
    { id: files[0]?.fileId ?? '' },
  );
  return row;
}

test('one at the end of a large file of plain ones', async () => {
  const [plain = '', other = ''] = await fixture('use.ndjson');
  const [enveloped = ''] = await fixture('eventbridge.ndjson');
  // Large enough for the engine to read it by itself.
  const many = Math.ceil(limits.ingestGroupBytes / 4 / plain.length) + 1;
  const lines = Array.from({ length: many }, () => plain);
  expect(await counts('mixed', [...lines, enveloped])).toEqual({
    events: many + 1,
    enveloped: 1,
    nameless: 0,
  });
  expect(await counts('plain', [other, ...lines])).toEqual({ events: many + 1, enveloped: 0, nameless: 0 });
});

test('one among several small files that are loaded together', async () => {
  const [plain = ''] = await fixture('use.ndjson');
  const [enveloped = ''] = await fixture('eventbridge.ndjson');
  expect(await counts('small', [plain, enveloped, plain])).toEqual({
    events: 3,
    enveloped: 1,
    nameless: 0,
  });
});
