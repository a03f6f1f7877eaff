import { expect, test } from 'vitest';
import { classSchemas, ocsfFolder } from '../../test/lab/ocsf-schema.ts';
import { mappedColumns } from '../lake/events.ts';
import { lacking } from './class-attributes.ts';
import { toOcsf } from './to-ocsf.ts';

test('nests what the class has a place for', () => {
  const event = toOcsf(
    {
      class_uid: 3005,
      activity_id: 1,
      user_name: 'ann',
      privileges: ['admin'],
      resource_uid: 'r1',
      host: 'web-1',
    },
    mappedColumns,
  );
  expect(event).toMatchObject({
    type_uid: 300501,
    user: { name: 'ann' },
    privileges: ['admin'],
    resources: [{ uid: 'r1' }],
    device: { hostname: 'web-1', type_id: 0 },
  });
  expect(event).not.toHaveProperty('unmapped');
});

test('what a class has no place for stands under unmapped, and who is unknown is named so', () => {
  const event = toOcsf({ class_uid: 6003, user_name: 'ann', api_operation: 'x' }, mappedColumns);
  expect(event).toMatchObject({
    unmapped: { user: { name: 'ann' } },
    actor: { invoked_by: 'Unknown' },
    src_endpoint: { name: 'Unknown' },
  });
  expect(event).not.toHaveProperty('user');
});

test('the thing acted on stands where its class has it', () => {
  const of = (class_uid: number, resource_type: string) =>
    toOcsf({ class_uid, resource_type, resource_name: 'n' }, mappedColumns);
  expect(of(3004, 'token')).toMatchObject({ entity: { name: 'n', type: 'token' } });
  expect(of(3006, 'role')).toMatchObject({ resource: { name: 'n' } });
  expect(of(6005, 'table')).toMatchObject({
    table: { name: 'n' },
    unmapped: { resource: { type: 'table' } },
  });
  expect(of(6005, 'AWS::S3::Bucket')).toMatchObject({ databucket: { name: 'n', type_id: 0 } });
  expect(of(6005, 'database')).toMatchObject({ database: { name: 'n', type_id: 0 } });
  expect(of(3002, 'app')).toMatchObject({ unmapped: { resource: { name: 'n', type: 'app' } } });
});

test('a path gives a file its name', () => {
  const row = { class_uid: 1007, process_path: '/usr/bin/curl', process_pid: 5, file_path: '/etc/passwd' };
  expect(toOcsf(row, mappedColumns)).toMatchObject({
    process: { pid: 5, file: { name: 'curl', path: '/usr/bin/curl', type_id: 0 } },
    unmapped: { file: { path: '/etc/passwd' } },
  });
});

test.skipIf(ocsfFolder === undefined)(
  'what a class lacks is what its schema says (skipped without the OCSF schemas)',
  () => {
    const roots = new Set(
      Object.values(mappedColumns).flatMap((column) =>
        'ocsf' in column ? [column.ocsf.split('.')[0]?.replace('[0]', '') ?? ''] : [],
      ),
    );
    for (const [uid, absent] of Object.entries(lacking)) {
      const has = classSchemas().get(Number(uid))?.properties ?? {};
      expect([...roots].filter((root) => !(root in has)).sort(), uid).toEqual([...absent].sort());
    }
  },
);
