import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiLab, openApiLab } from '../../test/lab/api.ts';
import { runFirebreak } from '../../test/lab/cli.ts';
import { loadShipped } from '../domain/advisory/index.ts';
import { openIncident } from '../domain/incident/index.ts';

let lab: ApiLab;
let folder: string;
beforeAll(async () => {
  lab = await openApiLab(`
firebreak: 1
organisation: Test
logs: {expected: [{source: okta}, {source: linux-auth, host: gw-9}]}
`);
  await writeFile(
    join(lab.domain.folder, 'firebreak.yaml'),
    'firebreak: 1\norganisation: Test\nlogs: {expected: [{source: linux-auth, host: gw-9}]}\n',
  );
  const advisory = (await loadShipped()).find(({ id }) => id === 'okta-2023-10');
  if (!advisory) throw new Error('no advisory');
  await openIncident(lab.domain.context, advisory);
  folder = join(lab.domain.folder, 'logs');
  await mkdir(folder);
  const lines = Array.from({ length: 300 }, (_, n) => {
    const at = new Date(Date.UTC(2023, 10, 14, 0, n * 10)).toISOString().slice(0, 19);
    return `${at}+00:00 gw-1 sshd[${100 + n}]: Accepted publickey for deploy from 10.0.0.${n % 250} port ${40_000 + n} ssh2: ED25519 SHA256:abc`;
  });
  await writeFile(join(folder, 'auth.log'), `${lines.join('\n')}\nnot a syslog line\n`);
  await writeFile(join(folder, 'notes.txt'), 'nothing that anyone knows\n');
});
afterAll(() => lab?.close());

const run = (argv: string[]) => runFirebreak(argv, lab, { cwd: lab.domain.folder });

test('ingest says what was read and what was not, and writes the hashes into the ledger', async () => {
  const first = await run(['--json', 'logs', 'ingest', 'logs']);
  expect(first.exitCode, first.stderr).toBe(1);
  expect(first.json()).toMatchObject({
    totals: { files: 1, already: 0, records: 301, events: 300, rejects: 1 },
    failed: [{ path: join(folder, 'notes.txt'), reason: expect.stringContaining('no known source') }],
    outstandingTotal: 2,
  });
  const again = await run(['logs', 'ingest', 'logs/auth.log']);
  expect(again.stdout).toContain('1 file was there before');
  expect(again.stdout).toMatch(/auth\.log:301: /);
  const entries = await lab.domain.context.ledger.list({ kind: 'hunt.ingest.finished' });
  const ended = entries[0];
  expect(ended?.data).toMatchObject({
    totals: { events: 300, rejects: 1 },
    files: [{ source: 'linux-auth', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
  });
});

test('a wrong source is refused with what it looks like', async () => {
  const refused = await run(['logs', 'ingest', '--source', 'okta', 'logs/auth.log']);
  expect(refused.exitCode).toBe(1);
  expect(refused.stdout).toContain('not of okta: it looks like linux-auth');
  const unknown = await run(['logs', 'ingest', '--source', 'nope', 'logs/auth.log']);
  expect(unknown.exitCode, unknown.stderr).toBe(2);
});

test('sources lists every kind with its documentation, and the files', async () => {
  const { stdout, exitCode } = await run(['logs', 'sources']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/linux-auth .*https:/);
  expect(stdout).toContain(join(folder, 'auth.log'));
});

test('coverage is not full while a host is missing, a record is unread, or the log ends early', async () => {
  const { stdout, exitCode } = await run(['logs', 'coverage', '--from', '2023-11-14', '--to', '2023-11-24']);
  expect(exitCode).toBe(1);
  expect(stdout).toContain('linux-auth');
  expect(stdout).toContain('host gw-9: no events came (firebreak.yaml expects it)');
  expect(stdout).toContain('the log ends before');
  expect(stdout).toContain('1 source: 1 in part.');
  expect(stdout).toMatch(/\d % of the time without a silence/);
  expect(stdout).toContain('1 record of 1 file could not be read');
});

test('query reads, and says when there is more', async () => {
  const { stdout, exitCode } = await run([
    'logs',
    'query',
    'SELECT host, count() AS events FROM events GROUP BY host;',
  ]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/gw-1 +300/);
  const cut = await run([
    '--json',
    'logs',
    'query',
    '--rows',
    '5',
    'SELECT line FROM events ORDER BY line -- the end',
  ]);
  expect(cut.exitCode).toBe(1);
  expect(cut.json()).toEqual({
    columns: ['line'],
    rows: [1, 2, 3, 4, 5].map((line) => ({ line })),
    more: true,
  });
  const wrong = await run(['logs', 'query', 'SELECT nothing FROM nowhere']);
  expect(wrong.exitCode).toBe(2);
  const refused = await run(['logs', 'query', 'DROP TABLE events']);
  expect(refused.exitCode).toBe(3);
});
