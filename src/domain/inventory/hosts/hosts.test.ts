/** Lists of hosts: every shape of file, every fault with its line, and what firebreak.yaml declares. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DomainLab, openDomainLab } from '../../../../test/lab/domain.ts';
import { FirebreakError } from '../../../kernel/errors.ts';
import { countHosts, importHosts, listHosts, saveDeclaredHosts } from '../index.ts';

let lab: DomainLab;
beforeAll(async () => {
  lab = await openDomainLab(async (folder) => {
    await writeFile(join(folder, 'declared.json'), '[{"name": "db-1", "role": "db"}]');
    return [
      'firebreak: 1',
      'organisation: Test',
      'fleet:',
      '  hosts: [./declared.json, { name: jump-1, address: 192.0.2.9, role: jump }]',
      '  ssh: { user: triage, knownHosts: [./known_hosts] }',
    ].join('\n');
  });
});
afterAll(() => lab.close());

const { signal } = new AbortController();

async function importText(name: string, text: string) {
  const file = join(lab.folder, name);
  await writeFile(file, text);
  return importHosts(lab.context, file, { signal });
}

test('CSV: own and usual names of columns; other columns stay as attributes; faults name their line', async () => {
  const result = await importText(
    'hosts.csv',
    [
      'hostname,ip,ssh_port,role,site,env,after,rack',
      'web-1,192.0.2.1,22,web,ams,production,db-1 role:db,r7',
      'web-2,192.0.2.2,99999,web,ams,production,,r7',
      '"web 3",192.0.2.3,22,web,ams,production,,r7',
      'web-1,192.0.2.4,22,web,ams,production,,r7',
      'web-4,192.0.2.4,22',
      'web-5,,,web,,,,',
    ].join('\n'),
  );
  expect(result).toMatchObject({ records: 6, accepted: 2, rejected: 4, added: 2 });
  expect(result.rejects.map(({ line, field }) => [line, field])).toEqual([
    [3, 'port'],
    [4, 'name'],
    [5, 'name'],
    [6, undefined],
  ]);
  const [one, five] = await listHosts(lab.context.db, { hosts: ['web-?'], limit: 10 });
  expect(one).toMatchObject({
    name: 'web-1',
    address: '192.0.2.1',
    port: 22,
    environment: 'production',
    after: ['db-1', 'role:db'],
    boot: 'reboot',
    attributes: { rack: 'r7' },
  });
  expect(five).toMatchObject({ name: 'web-5', address: 'web-5', port: 22 });
});

test('JSON as a list, as lines and under "hosts"; a second import updates', async () => {
  await importText(
    'list.json',
    '[{"name":"a-1","role":"cache"},\n{"name":"a-2","role":"cache","after":["a-1"]}]',
  );
  await importText(
    'lines.json',
    '{"name":"a-1","role":"queue","boot":"none"}\n{"name":"a-3","role":"queue"}\n',
  );
  await importText('object.json', '{"hosts": [{"name":"a-4","role":"queue"}]}');
  const hosts = await listHosts(lab.context.db, { hosts: ['a-*'], limit: 10 });
  expect(hosts.map(({ name, role, boot }) => [name, role, boot])).toEqual([
    ['a-1', 'queue', 'none'],
    ['a-2', 'cache', 'reboot'],
    ['a-3', 'queue', 'reboot'],
    ['a-4', 'queue', 'reboot'],
  ]);
  const bad = await importText('boot.json', '{"name":"b","boot":"maybe"}\n{"name":"c"}');
  expect(bad.rejects[0]).toMatchObject({ line: 1, field: 'boot', got: '"maybe"' });
});

test.each([
  ['', 'a list of hosts'],
  ['address,port\n192.0.2.1,22\n', 'a column with the name of the host'],
  ['name\n"\u0007"\n', 'a host name'],
])('a file that is no list of hosts changes nothing: %j', async (text, expected) => {
  const before = await countHosts(lab.context.db);
  const error = await importText('bad.csv', text).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FirebreakError);
  expect(error).toMatchObject({
    code: 'bad_input',
    faults: [{ expected: expect.stringContaining(expected) }],
  });
  expect(await countHosts(lab.context.db)).toEqual(before);
});

test('what firebreak.yaml declares: files and hosts written there, read anew each time', async () => {
  const { fleet } = lab.systems.config;
  expect(fleet.ssh).toMatchObject({ user: 'triage', knownHosts: [join(lab.folder, 'known_hosts')] });
  const imports = await saveDeclaredHosts(lab.context, fleet, { signal });
  expect(imports).toMatchObject([{ accepted: 1, rejected: 0 }]);
  const hosts = await listHosts(lab.context.db, { roles: ['db', 'jump'], limit: 10 });
  expect(hosts.map(({ name, address, source }) => [name, address, source])).toEqual([
    ['db-1', 'db-1', join(lab.folder, 'declared.json')],
    ['jump-1', '192.0.2.9', 'firebreak.yaml'],
  ]);
});
