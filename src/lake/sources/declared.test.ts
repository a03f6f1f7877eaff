import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brief, mapRecords } from '../../../test/lab/golden.ts';
import { ocsfFaults, ocsfFolder } from '../../../test/lab/ocsf-schema.ts';
import { type DeclaredMapping, declareSource, withDeclared } from './declared.ts';
import { parsePath } from './record-path.ts';
import { sources } from './registry.ts';

const gateway: DeclaredMapping = {
  title: 'Gateway',
  time: { path: parsePath('event.at'), format: 'iso' },
  classUid: 3002,
  activityId: 1,
  columns: {
    host: { path: parsePath('node') },
    user_name: { path: parsePath('user.name') },
    actor_user_name: { path: parsePath('user.name') },
    actor_credential_uid: { path: parsePath('/http.request/token-id') },
    src_ip: { path: parsePath('client.ip') },
    src_port: { path: parsePath('client.port') },
    status_id: { path: parsePath('outcome'), values: { ok: '1', denied: '2' } },
    resource_uid: { path: parsePath('targets.0.id') },
    privileges: { path: parsePath('scopes') },
    auth_protocol: { const: 'token' },
    event_code: { path: parsePath('event') },
  },
  recognise: [{ path: parsePath('product'), value: 'acme-gateway' }],
  records: ['items'],
  sigma: { product: 'acme' },
};

const record = (over: object = {}) =>
  JSON.stringify({
    product: 'acme-gateway',
    node: 'gw-1',
    event: { at: '2023-11-14T09:22:49+01:00' },
    user: { name: "o'brien" },
    client: { ip: '198.51.100.7', port: 50412 },
    outcome: 'denied',
    'http.request': { 'token-id': 't-1' },
    targets: [{ id: 7 }, { id: 8 }],
    scopes: ['read', 'write'],
    ...over,
  });

test('a mapping makes events of records, and says why others are none', async () => {
  const source = declareSource('gateway', gateway);
  const rows = await mapRecords(source, [
    record(),
    record({ event: {} }),
    record({ event: { at: 'yesterday' } }),
    record({ product: 'other' }),
    '[1]',
    '{"product"',
    record({ client: 'text', targets: {}, scopes: 'read', outcome: 'unheard of', user: null, node: '' }),
  ]);
  expect(brief(rows[0]!)).toMatchObject({
    time: '2023-11-14 08:22:49.000',
    time_text: '2023-11-14T09:22:49+01:00',
    host: 'gw-1',
    class_uid: 3002,
    activity_id: 1,
    user_name: "o'brien",
    actor_credential_uid: 't-1',
    src_ip: '198.51.100.7',
    src_port: 50412,
    status_id: 2,
    resource_uid: '7',
    privileges: ['read', 'write'],
    auth_protocol: 'token',
  });
  expect(rows.map(({ reject }) => reject)).toEqual([
    '',
    'no time',
    'the time is not a time',
    'not what the mapping recognises',
    'not a JSON object',
    'not valid JSON',
    '',
  ]);
  if (ocsfFolder !== undefined) expect(ocsfFaults(rows[0]!)).toEqual([]);
  expect(source.recognise(record())).toBe(true);
  expect(source.recognise(record({ product: 'other' }))).toBe(false);
  expect(source.recognise(record({ event: {} }))).toBe(false);
});

test.each([
  ['seconds', 1_699_953_769.5, '2023-11-14 09:22:49.500'],
  ['milliseconds', '1699953769500', '2023-11-14 09:22:49.500'],
  ['microseconds', 1_699_953_769_500_000, '2023-11-14 09:22:49.500'],
  ['nanoseconds', '1699953769500000000', '2023-11-14 09:22:49.500'],
] as const)('time in %s', async (format, at, time) => {
  const source = declareSource('x', { ...gateway, time: { path: ['event', 'at'], format } });
  const rows = await mapRecords(source, [
    record({ event: { at } }),
    record({ event: { at: -1 } }),
    record({ event: { at: 1e300 } }),
    record({ event: { at: 'nan' } }),
  ]);
  expect(rows.map(({ reject }) => reject)).toEqual(['', ...Array(3).fill('the time is not a time')]);
  expect(rows[0]).toMatchObject({ time });
});

test('no path, word or value becomes SQL', async () => {
  const seed = Number(process.env.FIREBREAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const piece = fc.constantFrom(
    "'",
    '"',
    '`',
    '\\',
    '{records}',
    '{host:String}',
    "') FROM system.tables --",
    ')',
    '$1',
    '$&',
    'é',
    'a',
    'null',
    '%s',
  );
  const hostile = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
  for (const [name, inner, word, value] of fc.sample(fc.tuple(hostile, hostile, hostile, hostile), {
    numRuns: 40,
    seed,
  })) {
    const source = declareSource('hostile', {
      ...gateway,
      time: { path: ['at'], format: 'iso' },
      columns: {
        user_name: { path: [`n${name}`, inner] },
        actor_user_name: { path: [`w${inner}`], values: { [word]: value } },
        message: { const: value },
      },
      recognise: [{ path: [`k${word}`], value }],
    });
    const text = JSON.stringify({
      at: '2023-11-14T09:22:49Z',
      [`n${name}`]: { [inner]: word },
      [`w${inner}`]: word,
      [`k${word}`]: value,
    });
    const [row] = await mapRecords(source, [text]);
    expect(row, `FIREBREAK_SEED=${seed} repeats it`).toMatchObject({
      reject: '',
      user_name: word,
      actor_user_name: value,
      message: value,
    });
    expect(source.recognise(text)).toBe(true);
  }
});

test.each([
  'null',
  'NULL',
  'Null',
  'size0',
  'size',
  'keys',
  'values',
  'String',
  'Tuple',
  'select',
  'dynamic',
])('a field named %s is a field like any other', async (name) => {
  const columns = { message: { path: [name] }, user_name: { path: ['inner', name] } };
  const source = declareSource('x', { ...gateway, columns });
  const [row] = await mapRecords(source, [record({ [name]: 'one', inner: { [name]: 'two' } })]);
  expect(row).toMatchObject({ reject: '', message: 'one', user_name: 'two' });
});

test('a path that begins another one is read beside it', async () => {
  const [message, user_name] = [{ path: ['user'] }, { path: ['user', 'name'] }];
  for (const columns of [
    { message, user_name },
    { user_name, message },
  ]) {
    const source = declareSource('x', { ...gateway, columns });
    const [object, text] = await mapRecords(source, [record(), record({ user: 'mara' })]);
    expect(object).toMatchObject({ user_name: "o'brien", message: '{"name":"o\'brien"}' });
    expect(text).toMatchObject({ user_name: '', message: 'mara' });
  }
});

test('a mapping cannot take the name of a source that is there', () => {
  expect(() => withDeclared(sources, { cloudtrail: gateway })).toThrow(/log mapping/);
  expect(withDeclared(sources, { gateway }).at(-1)?.id).toBe('gateway');
});
