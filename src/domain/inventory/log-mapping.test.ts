import { expect, test } from 'vitest';
import { describeFault, type FirebreakError } from '../../kernel/errors.ts';
import { parseConfig } from './config.ts';
import { declaredMappings } from './log-mapping.ts';

const config = (mapping: string) =>
  parseConfig(
    `firebreak: 1\norganisation: Example\nlogs:\n  mappings:\n    gateway:\n${mapping.replace(/^/gm, '      ')}\n`,
    'firebreak.yaml',
    '/',
  );

test('a mapping of firebreak.yaml is what the lake takes', () => {
  const { logs } = config(`title: Gateway
recognise: { product: acme, version: 2 }
time: { path: /event.at, format: milliseconds }
class: authentication
activity: 1
columns:
  user_name: user.name
  status_id: { path: outcome, values: { ok: 1 } }
  auth_protocol: { const: token }`);
  expect(declaredMappings(logs.mappings)).toEqual({
    gateway: {
      title: 'Gateway',
      recognise: [
        { path: ['product'], value: 'acme' },
        { path: ['version'], value: '2' },
      ],
      time: { path: ['event.at'], format: 'milliseconds' },
      classUid: 3002,
      activityId: 1,
      columns: {
        user_name: { path: ['user', 'name'] },
        status_id: { path: ['outcome'], values: { ok: '1' } },
        auth_protocol: { const: 'token' },
      },
      records: [],
      sigma: { product: 'gateway' },
    },
  });
});

test.each([
  ['recognise: {}\ntime: at', /logs\.mappings\.gateway\.recognise.*at least one path/],
  ['recognise: { a: b }', /logs\.mappings\.gateway\.time/],
  ['recognise: { a: b }\ntime: a..b', /time.*path/],
  ['recognise: { a: b }\ntime: at\nclass: nothing', /class/],
  ['recognise: { a: b }\ntime: at\ncolumns: { nothing: a }', /nothing/],
  ['recognise: { a: b }\ntime: at\ncolumns: { raw: a }', /raw/],
])('%j is refused, with its place', (mapping, message) => {
  let said = '';
  try {
    config(mapping);
  } catch (error) {
    said = ((error as FirebreakError).faults ?? []).map(describeFault).join('\n');
  }
  expect(said).toMatch(message);
});
