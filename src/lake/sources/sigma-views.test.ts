/** The SQL in the Sigma views of every source is right: it reads columns that are there, and says what it should. */
import { query } from 'chdb';
import { expect, test } from 'vitest';
import { mapRecords } from '../../../test/lab/golden.ts';
import { mappedColumns, originColumns } from '../events.ts';
import { auditd } from './auditd/index.ts';
import type { SigmaView, Source } from './contract.ts';
import { sources } from './registry.ts';
import { webAccess } from './web-access/index.ts';

const columns: Record<string, { type: string }> = { ...originColumns, ...mappedColumns };
const structure = Object.entries(columns)
  .map(([name, { type }]) => `${name} ${type.replace(/ CODEC\(.*\)$/, '')}`)
  .join(', ');
const table = `null('${structure.replaceAll("'", "\\'")}')`;

const expressionsOf = (view: SigmaView): string[] => [
  ...(view.where === undefined ? [] : [view.where]),
  ...(view.fields.kind === 'columns'
    ? Object.values(view.fields.expressions).map((one) => one.replaceAll('{field}', "'x'"))
    : []),
];

test.each(sources.map((source) => [source.id, source] as const))(
  'the views of %s read columns that are there',
  (_id, source) => {
    const wrong = source.sigma.flatMap(expressionsOf).flatMap((expression) => {
      try {
        query(`SELECT toString(${expression}) FROM ${table}`, 'JSONEachRow');
        return [];
      } catch (error) {
        return [`${expression}: ${String(error)}`];
      }
    });
    expect(wrong).toEqual([]);
  },
);

/** What a view's fields say of the events of these records; the fields of events that the view leaves out are absent. */
async function fieldsOf(
  source: Source,
  category: Pick<SigmaView, 'category' | 'service'>,
  records: readonly string[],
  names: readonly string[],
): Promise<Record<string, string>[]> {
  const view = source.sigma.find(
    (one) => one.category === category.category && one.service === category.service,
  );
  if (view?.fields.kind !== 'columns') throw new Error('there is no such view');
  const { expressions } = view.fields;
  const sqlOf = (name: string) => expressions[name] ?? expressions['*']?.replaceAll('{field}', `'${name}'`);
  const rows = await mapRecords(source, records);
  const given = Object.keys(rows[0] ?? {}).filter((name) => name in mappedColumns);
  const values = (name: string) => `${name} ${columns[name]?.type.replace(/ CODEC\(.*\)$/, '')}`;
  const text = rows.map((row) => JSON.stringify(row)).join('\n');
  const answer = query(
    `SELECT ${names.map((name) => `toString(${sqlOf(name)}) AS \`${name}\``).join(', ')}
     FROM format(JSONEachRow, '${given.map(values).join(', ').replaceAll("'", "\\'")}', '${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}')
     WHERE ${view.where ?? '1'} SETTINGS input_format_skip_unknown_fields = 1`,
    'JSONEachRow',
  );
  return answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

test('requests in the names of the W3C format', async () => {
  const names = ['cs-method', 'cs-uri-stem', 'cs-uri-query', 'c-uri-extension', 'sc-status', 'c-useragent'];
  const records = [
    '192.0.2.1 - - [14/Nov/2023:09:22:49 +0000] "GET /a/b.php?x=1?2 HTTP/1.1" 404 7 "-" "curl"',
    '192.0.2.1 - - [14/Nov/2023:09:22:49 +0000] "PROPFIND /dav HTTP/1.1" 207 7 "-" "-"',
  ];
  expect((await fieldsOf(webAccess, { category: 'webserver' }, records, names)).map(Object.values)).toEqual([
    ['GET', '/a/b.php', 'x=1?2', 'php', '404', 'curl'],
    ['PROPFIND', '/dav', '', '', '207', ''],
  ]);
});

test('records of the audit daemon by their own fields, and started programs', async () => {
  const stamp = 'msg=audit(1699953769.123:7):';
  const records = [
    `type=SYSCALL ${stamp} arch=c000003e syscall=319 success=yes exit=3 a0=1 a1=2 a2=0 a3=0 items=0 ppid=1 pid=2 auid=1000 uid=0 comm="x" exe="/tmp/x" key="memfd"`,
    `type=EXECVE ${stamp} argc=2 a0="curl" a1=2F746D702F612062`,
  ];
  expect(
    (await fieldsOf(auditd, { service: 'auditd' }, records, ['type', 'syscall', 'key', 'a1'])).map(
      Object.values,
    ),
  ).toEqual([
    ['SYSCALL', 'memfd_create', 'memfd', '2'],
    ['EXECVE', '', '', '/tmp/a b'],
  ]);
  expect(
    (await fieldsOf(auditd, { category: 'process_creation' }, records, ['image', 'commandline'])).map(
      Object.values,
    ),
  ).toEqual([['/curl', 'curl /tmp/a b']]);
});
