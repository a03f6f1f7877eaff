/** Lines without a year are of the year of their own file, also where many small files are loaded at once. */
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLake, type TestLake } from '../../../../test/lab/lake.ts';
import { ingestLogs } from '../../index.ts';
import { linuxAuth } from './index.ts';

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(() => lake?.close());

test('each of several files has its own year', async () => {
  const years = [2011, 2019, 2023, 2024];
  const paths: string[] = [];
  for (const year of years) {
    const path = join(lake.folder, `auth-${year}.log`);
    await writeFile(
      path,
      `Mar  1 08:00:00 web-${year} sshd[1]: Accepted publickey for deploy from 10.0.0.1 port 40000 ssh2\n` +
        `Dec 30 08:00:00 web-${year} sshd[1]: Accepted publickey for deploy from 10.0.0.1 port 40000 ssh2\n`,
    );
    // Changed last in June: December is that of the year before.
    const changed = new Date(`${year}-06-01T00:00:00Z`);
    await utimes(path, changed, changed);
    paths.push(path);
  }
  const { files, failed } = await ingestLogs(lake, { paths, sources: [linuxAuth] });
  expect(failed).toEqual([]);
  expect(files.map(({ events }) => events)).toEqual(years.map(() => 2));
  const rows = await lake.rows<{ host: string; times: string[] }>(
    'SELECT host, arraySort(groupArray(toString(time))) AS times FROM events GROUP BY host ORDER BY host',
  );
  expect(rows).toEqual(
    years.map((year) => ({
      host: `web-${year}`,
      times: [`${year - 1}-12-30 08:00:00.000`, `${year}-03-01 08:00:00.000`],
    })),
  );
});
