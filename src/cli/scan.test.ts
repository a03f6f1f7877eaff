/** Discovery, scans and sanitised copies through the command line. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiLab, openApiLab } from '../../test/lab/api.ts';
import { runFirebreak } from '../../test/lab/cli.ts';

const config = `firebreak: 1
organisation: Test
environments: [{ name: production }]
systems:
  - { name: down, connector: postgres, environment: production, config: { host: 127.0.0.1, port: 1, user: x, password: { file: pw } } }
`;

const canary = 'canary-session-0123456789abcdef';

const har = JSON.stringify({
  log: {
    version: '1.2',
    creator: { name: 'test', version: '1' },
    entries: [
      {
        startedDateTime: '2023-10-01T12:00:00.000Z',
        request: {
          method: 'GET',
          url: 'https://portal.example/',
          headers: [{ name: 'Cookie', value: `sid=${canary}` }],
          cookies: [{ name: 'sid', value: canary }],
          queryString: [],
        },
        response: {
          status: 200,
          headers: [],
          cookies: [],
          content: { mimeType: 'text/html', text: 'hello' },
        },
      },
    ],
  },
});

let lab: ApiLab;
beforeAll(async () => {
  lab = await openApiLab(config);
  await writeFile(join(lab.domain.folder, 'pw'), 'x');
  await mkdir(join(lab.domain.folder, 'cases'));
  await writeFile(join(lab.domain.folder, 'cases', 'one.har'), har);
  await writeFile(join(lab.domain.folder, 'cases', 'notes.txt'), 'nothing here\n');
  expect((await runFirebreak(['incident', 'open', '--advisory', 'okta-2023-10'], lab)).exitCode).toBe(0);
});
afterAll(() => lab?.close());

test('a system that does not answer is failed, named, and exit 1', async () => {
  const run = await runFirebreak(['inventory', 'discover', '--json'], lab);
  expect(run.exitCode).toBe(1);
  expect(run.json()).toMatchObject({
    total: 1,
    discovered: [],
    failed: [{ system: 'down', code: 'unavailable' }],
  });
  expect((await runFirebreak(['inventory', 'discover', 'nowhere'], lab)).exitCode).toBe(2);
});

test('a scan counts what it found, and writes copies without the secrets', async () => {
  const run = await runFirebreak(['exposure', 'scan', 'cases', '--sanitise', 'clean', '--json'], lab);
  expect(run).toMatchObject({ exitCode: 0 });
  const copy = join(lab.domain.folder, 'clean', 'cases', 'one.har');
  expect(run.json()).toMatchObject({
    scan: { files: 2, secrets: 1, added: 1, errorsTotal: 0 },
    sanitised: {
      total: 2,
      written: [{ copy, entries: 1, dropped: 0, secrets: 1 }],
      skipped: [{}],
      failed: [],
    },
  });
  expect(await readFile(copy, 'utf8')).not.toContain(canary);
  expect(await readFile(join(lab.domain.folder, 'cases', 'one.har'), 'utf8')).toBe(har);
  const again = await runFirebreak(['exposure', 'scan', 'cases', '--sanitise', 'clean'], lab);
  expect(again, 'copies are never overwritten').toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('not written'),
  });
});

test('what could not be read is an error and exit 1; the rest was scanned', async () => {
  await writeFile(join(lab.domain.folder, 'cases', 'two.har'), har.slice(0, 200));
  const run = await runFirebreak(['exposure', 'scan', 'cases', 'absent.har'], lab);
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toContain('what could not be read is not known to be clean');
  expect(run.stdout).toContain('absent.har');
  const scans = await runFirebreak(['exposure', 'scans'], lab);
  expect(scans.stdout).toContain('one.har');
  expect(scans.stdout).not.toContain(canary);
  const list = await runFirebreak(['exposure', 'list', '--state', 'outstanding', '--json'], lab);
  expect(list.json()).toMatchObject({ exposures: [{ class: 'session', state: 'outstanding' }], next: null });
});
