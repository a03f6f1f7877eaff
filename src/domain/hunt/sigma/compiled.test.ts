/** Rules compiled to the engine against the same rules in plain TypeScript, on generated events; and pairs by hand. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { insertEvents, openTestLake, type TestLake } from '../../../../test/lab/lake.ts';
import { matches } from './__fixtures__/reference.ts';
import { askLake } from './hunt.ts';
import { readRuleTexts } from './read-rules.ts';
import type { Placeholders } from './types.ts';

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(() => lake.close());

const sources = [
  {
    id: 'app',
    sigma: [{ product: 'app', fields: { kind: 'json' as const, aliases: { eventname: 'eventName' } } }],
  },
];

const events = async (records: readonly string[]): Promise<void> => {
  await lake.run('TRUNCATE TABLE events');
  const rows = records.map((raw, index) => ({
    source: 'app',
    raw,
    time: new Date(1_700_000_000_000 + index * 1_000),
  }));
  await insertEvents(lake, rows);
};

type Detection = Record<string, unknown>;

/** The lines that each rule matches. */
async function matched(
  detections: readonly Detection[],
  placeholders: Placeholders = {},
): Promise<number[][]> {
  const text = detections
    .map((detection, index) =>
      stringify({ title: `rule ${index}`, id: `r${index}`, logsource: { product: 'app' }, detection }),
    )
    .join('---\n');
  const rules = readRuleTexts([{ file: 'test.yml', text }], placeholders);
  expect(rules.problems).toEqual([]);
  const outcome = await askLake(lake, { rules, sources });
  expect(outcome.notCompiled.filter(({ reason }) => !reason.includes('can match nothing'))).toEqual([]);
  return detections.map((_, index) =>
    outcome.findings
      .filter(({ rule }) => rule === `r${index}`)
      .map(({ event }) => event.line)
      .sort((a, b) => a - b),
  );
}

const selection = (search: unknown, condition = 'selection'): Detection => ({ selection: search, condition });

test('pairs: what each modifier matches and what it does not', async () => {
  const records: object[] = [
    {
      eventName: 'CreateUser',
      n: 5,
      who: { arn: 'a:b', name: 'Alice' },
      ip: '10.1.2.3',
      at: '2023-11-22T14:18:22Z',
    },
    { eventName: 'createuser', n: 50, target: [{ name: 'Alice' }, { name: 'bob' }], ip: '::1', ok: true },
    {
      eventName: '',
      none: null,
      cmd: 'tool -Enc aGVsbG8=',
      path: 'C:\\x\\y*z',
      ref: 'Alice',
      who: { name: 'alice' },
    },
    {
      cmd: 'tool /enc x',
      tags: ['one', ['two', 'Three']],
      list: [null, { v: 'deep' }],
      deep: [[['x', null]], []],
      text: 'línea\n"two"',
    },
    {
      cmd: 'say c2hlbGwuZXhl now',
      wide: Buffer.from('cmd', 'utf16le').toString('base64'),
      ip: 'none',
      n: 'x7',
    },
  ];
  await events(records.map((one) => JSON.stringify(one)));
  const pairs: [unknown, number[]][] = [
    [{ eventname: 'createUSER' }, [1, 2]],
    [{ 'eventName|cased': 'CreateUser' }, [1]],
    [{ 'eventName|startswith': 'create' }, [1, 2]],
    [{ 'eventName|endswith': ['USER', 'x'] }, [1, 2]],
    [{ eventName: 'cr?ate*' }, [1, 2]],
    [{ eventName: '' }, [3]],
    [{ eventName: null }, [4, 5]],
    [{ eventName: '*' }, [1, 2, 3]],
    [{ 'eventName|neq': 'createuser' }, [3, 4, 5]],
    [{ 'none|exists': true }, [3]],
    [{ 'none|exists': false }, [1, 2, 4, 5]],
    [{ none: null }, [1, 2, 3, 4, 5]],
    [{ n: 5 }, [1]],
    [{ 'n|gt': 5 }, [2]],
    [{ 'n|gte': 5, 'n|lt': '50' }, [1]],
    [{ 'n|lte': 50 }, [1, 2]],
    [{ ok: true }, [2]],
    [{ ok: 'true' }, [2]],
    [{ 'target.name': 'alice' }, [2]],
    [{ 'target.name|contains|all': ['ali', 'bo'] }, [2]],
    [{ tags: 'three' }, [4]],
    [{ tags: ['ONE', 'x'] }, [4]],
    [{ 'list.v|startswith': 'de' }, [4]],
    [{ deep: 'X' }, [4]],
    [{ 'who|contains': '"name":"alice"' }, [1, 3]],
    [{ 'who.name|fieldref': 'ref' }, [3]],
    [{ 'who.name|fieldref|neq': 'ref' }, [1, 2, 4, 5]],
    [{ 'ip|cidr': '10.0.0.0/8' }, [1]],
    [{ 'ip|cidr': ['::/16', '192.0.2.0/24'] }, [2]],
    [{ 'cmd|contains|windash': ' -enc ' }, [3, 4]],
    [{ 'cmd|windash|contains': ' /ENC ' }, [3, 4]],
    [{ 'cmd|base64|contains': 'hello' }, [3]],
    [{ 'cmd|base64offset|contains': 'shell' }, [5]],
    [{ 'wide|wide|base64': 'cmd' }, [5]],
    [{ 'wide|utf16le|base64': 'cmd' }, [5]],
    [{ 'path|contains': 'y\\*z' }, [3]],
    [{ path: 'c:\\x\\*' }, []],
    [{ path: 'c:\\x\\\\*' }, [3]],
    [{ 'cmd|re': 'tool -E' }, [3]],
    [{ 'cmd|re|i': 'TOOL .enc' }, [3, 4]],
    [{ 'text|re': 'a.+two' }, []],
    [{ 'text|re|s': 'a.+two' }, [4]],
    [{ 'text|re|m': '^"two"$' }, [4]],
    [{ 'at|hour': 14 }, [1]],
    [{ 'at|minute|gte': 18, 'at|day': 22, 'at|month': 11, 'at|year': 2023, 'at|week': 47 }, [1]],
    [{ 'at|hour|lt': 14 }, []],
    [['"TWO"', 'línea'], [4]],
    [
      [{ n: 5 }, { ok: true }],
      [1, 2],
    ],
    [{ '|all': ['tool', 'ENC'] }, [3, 4]],
  ];
  const found = await matched(pairs.map(([search]) => selection(search)));
  expect(pairs.map(([search], index) => [search, found[index]])).toEqual(pairs);
  const conditions: [string, number[]][] = [
    ['a and not b', [2]],
    ['not (a or b)', [3, 4, 5]],
    ['1 of a* or b', [1, 2]],
    ['all of them', [1]],
    ['1 of them', [1, 2]],
  ];
  const words = { a: { eventName: 'createuser' }, b: { n: 5 }, _c: { n: 'x7' } };
  const byCondition = await matched(conditions.map(([condition]) => ({ ...words, condition })));
  expect(byCondition).toEqual(conditions.map(([, lines]) => lines));
  expect(await matched([{ ...words, condition: ['b', '_c'] }])).toEqual([[1, 5]]);
});

test('placeholders stand for values, patterns and for nothing', async () => {
  await events(['{"u":"svc-a"}', '{"u":"bob"}', '{"u":"100%x"}']);
  const placeholders = { svc: ['svc-*', 'x'], none: [], one: ['bob'] };
  const found = await matched(
    [
      selection({ 'u|expand': '%svc%' }),
      selection({ 'u|expand': ['%none%', '%one%'] }),
      selection({ 'u|expand|contains': '\\%%none%' }),
      selection({ u: '%one%' }),
      selection({ 'u|contains|expand': '\\%x' }),
      { a: { 'u|expand': '%none%' }, condition: 'not a' },
    ],
    placeholders,
  );
  expect(found).toEqual([[1], [2], [], [], [3], [1, 2, 3]]);
  const { problems } = readRuleTexts([
    { file: 'r.yml', text: ruleOf({ a: { 'u|expand': '%who%' }, condition: 'a' }) },
  ]);
  expect(problems).toMatchObject([{ reason: expect.stringContaining('%who%'), line: 6 }]);
});

const ruleOf = (detection: Detection): string =>
  stringify({ title: 'x', logsource: { product: 'app' }, detection });

const word = fc.constantFrom(
  'a',
  'b',
  'ab',
  'A',
  'aB',
  'é',
  '-x',
  '',
  '[a',
  'a"b',
  'a\\',
  "o'r",
  '%',
  '_',
  '5',
  '\u0000',
  'x\ny',
  '*',
);
const leaf = fc.oneof(word, fc.integer({ min: -3, max: 12 }), fc.boolean(), fc.constant(null));
const node = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('p', 'q'), tie('value'), { maxKeys: 2 }),
  ),
})).value;
const record = fc.dictionary(fc.constantFrom('p', 'q', 'f', 'g'), node, { maxKeys: 4 });
const field = fc.constantFrom('f', 'g', 'p', 'p.q', 'q.p', 'p.p.q', 'p.q.p');
const pattern = fc.oneof(
  word,
  fc.constantFrom('*', '?', 'a*', '*b', '?b', 'a\\*', '\\\\*', 'a*b?', '*a*b*', '-x'),
);
const one = fc
  .oneof(
    fc.tuple(
      field,
      fc.constantFrom(
        '',
        '|contains',
        '|startswith',
        '|endswith',
        '|cased',
        '|contains|cased',
        '|neq',
        '|windash',
      ),
      pattern,
    ),
    fc.tuple(
      field,
      fc.constantFrom('', '|contains', '|contains|all', '|neq'),
      fc.array(pattern, { minLength: 2, maxLength: 4 }),
    ),
    fc.tuple(field, fc.constantFrom('|gt', '|lte', ''), fc.integer({ min: -3, max: 12 })),
    fc.tuple(field, fc.constant('|exists'), fc.boolean()),
    fc.tuple(field, fc.constant(''), fc.constant(null)),
    fc.tuple(field, fc.constantFrom('|fieldref', '|fieldref|contains', '|fieldref|endswith'), field),
    fc.tuple(
      field,
      fc.constantFrom('|re', '|re|i', '|re|s'),
      fc.constantFrom('^a', 'b$', 'x.y', '[ab]+', '^$'),
    ),
  )
  .map(([name, modifier, value]) => [`${name}${modifier}`, value] as const);
const mapOf = fc.array(one, { minLength: 1, maxLength: 3 }).map((lines) => Object.fromEntries(lines));
const keyword = fc.array(fc.constantFrom('a', 'ab', '"', "o'r", 'é', 'p', 'a?b', '5'), {
  minLength: 1,
  maxLength: 3,
});
const searching = fc.oneof(
  { weight: 5, arbitrary: mapOf },
  fc.array(mapOf, { minLength: 1, maxLength: 2 }),
  keyword,
);
const condition = fc.constantFrom(
  's_a',
  's_a and s_b',
  's_a or s_b',
  's_a and not s_b',
  'not s_a',
  'not (s_a or s_b)',
  '1 of s_*',
  'all of s_*',
  'all of them',
  'not 1 of s_*',
  's_a and (s_b or not s_a)',
);
const detection = fc.record({ s_a: searching, s_b: searching, condition });

test('compiled rules match what the reference matches', async () => {
  const property = fc.asyncProperty(
    fc.array(record, { minLength: 10, maxLength: 40 }),
    fc.array(detection, { minLength: 8, maxLength: 16 }),
    async (records, detections) => {
      const raws = records.map((one) => JSON.stringify(one));
      await events(raws);
      const found = await matched(detections);
      const expected = detections.map((one) =>
        raws.flatMap((raw, index) => (matches(one, raw) ? [index + 1] : [])),
      );
      expect(found).toEqual(expected);
    },
  );
  await fc.assert(property, { numRuns: Number(process.env.FIREBREAK_RUNS ?? 12), endOnFailure: true });
});

test('a field that is an object to one rule and text to another is read where the other needs it', async () => {
  await events([
    '{"eventName":"Put","par":{"a":"x","b":"evil"}}',
    '{"eventName":"put","par":{"a":"y","b":"fine"}}',
    '{"eventName":["Get","PUT"],"par":{"a":"x","b":"evil"}}',
    '{"eventName":"Get","par":{"a":"x","b":"evil"}}',
    '{"eventName":"Put","par":[{"a":"x"},"evil"]}',
    '{"eventName":[null,"Put"],"par":{"b":"evil"}}',
    '{"par":{"a":"x","b":"evil"}}',
  ]);
  const guarded = [
    selection({ eventName: 'put', 'par.a': 'x' }),
    selection({ eventName: 'PUT', 'par|contains': 'evil' }),
    selection({ 'eventName|startswith': 'pu', 'par.b': 'EVIL' }),
    {
      ...selection({ eventName: ['put', 'x'] }),
      filter: { par: null },
      condition: 'selection and not filter',
    },
  ];
  const found = [
    [1, 3, 5],
    [1, 3, 5, 6],
    [1, 3, 6],
    [1, 2, 3, 5, 6],
  ];
  expect(await matched(guarded)).toEqual(found);
  // A rule that asks for the text of all events.
  const all = selection({ 'par|contains': 'evil' });
  expect(await matched([...guarded, all])).toEqual([...found, [1, 3, 4, 5, 6, 7]]);
});

test('what stands in a rule is never part of the statement', async () => {
  await events(['{"f":"safe","g":"x"}']);
  const evil = [
    "' OR 1 --",
    "\\' OR 1 --",
    "') OR (1",
    '`',
    '\\`',
    "x' UNION ALL SELECT 1",
    '{period_from:Int64}',
    '\u0000\\',
    '%s',
    "$$'",
    '\ud800',
    '/* */',
    '"; DROP TABLE events; --',
  ];
  const detections = evil.flatMap((text): Detection[] => [
    selection({ f: text }),
    selection({ 'f|contains': [text, `${text}2`] }),
    selection({ 'f|startswith': text, 'f|cased': text }),
    selection({ f: `*${text}?` }),
    selection({ [`${text.replaceAll('|', '')}.${text.replaceAll('|', '')}`]: 'x' }),
    selection({ [text.replaceAll('|', '')]: ['x', text] }),
    selection({ 'f|fieldref': text }),
    selection([text]),
    { [text]: { f: 'nothing' }, other: { f: 'nothing' }, condition: 'other' },
  ]);
  const found = await matched(detections);
  expect(found.flat()).toEqual([]);
  expect(await lake.rows('SELECT count() AS events FROM events')).toEqual([{ events: 1 }]);
});
