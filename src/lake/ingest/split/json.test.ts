import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonSplitter } from './json.ts';

/** Cuts `text` handed over in pieces of these lengths, over and over. */
function cut(
  text: string | Buffer,
  fields: readonly string[] = ['Records'],
  lengths: readonly number[] = [7],
) {
  const splitter = new JsonSplitter(fields);
  const bytes = Buffer.from(text as string);
  const records = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    records.push(...splitter.push(Buffer.from(bytes.subarray(at, at + length))));
    at += length;
  }
  return [...records, ...splitter.end()].map(({ number, bytes, fault }) => ({
    number,
    text: bytes.toString(),
    fault,
  }));
}

const texts = (text: string): string[] => cut(text).map((record) => record.text);

test('objects on lines, a list, a list within an object, and what follows it', () => {
  expect(texts('{"a":1}\n{"b":[{}]}\n')).toEqual(['{"a":1}', '{"b":[{}]}']);
  expect(texts('[{"a":1},\n 2, "x,]" ]')).toEqual(['{"a":1}', '2', '"x,]"']);
  expect(
    texts('{"n":{"Records":[1]},"Records":[{"a":1},{"b":[1]}],"more":[1,{"Records":[2]}]}\n{"c":1}'),
  ).toEqual(['{"a":1}', '{"b":[1]}', '{"c":1}']);
  expect(texts('{"Records":[]}')).toEqual([]);
  expect(texts('{"Records":{"a":[1]}}')).toEqual(['{"Records":{"a":[1]}}']);
  expect(texts('{"Records":[1],"Records":[2]}')).toEqual(['1', '2']);
});

test('brackets that do not fit cost their record, and in a list the rest', () => {
  expect(cut('{"a":1}\n{"b":]}\n{"c":1}\n').map(({ text, fault }) => [text.trim(), fault !== ''])).toEqual([
    ['{"a":1}', false],
    ['{"b":]}', true],
    ['{"c":1}', false],
  ]);
  expect(cut('}\n]\n{"c":1}').at(-1)).toMatchObject({ text: '{"c":1}', fault: '' });
  expect(cut('[1,}').map(({ fault }) => fault !== '')).toEqual([false, true]);
  expect(cut('{"Records":[1],]').map(({ fault }) => fault !== '')).toEqual([false, true]);
  expect(cut('{"a":"no end').at(-1)?.fault).toContain('the file ends');
  expect(cut('{"Records":[{"a":1}').at(-1)?.fault).toContain('the file ends');
});

test.each([
  ['{"Records":[{"a":1}]}', ['{"a":1}']],
  ['{"x":[1],"Records":[{"a":1},{"b":[1]}],"y":[2]}\n{"b":1}', ['{"a":1}', '{"b":[1]}', '{"b":1}']],
  ['[{"a":1}]\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ['}\n{"a":1}\n', ['fault: }\n', '{"a":1}']],
  ['{"Records":[}]}', ['fault: }]}']],
  ['{"Records":[{"a":1}]}}\n{"b":1}\n', ['{"a":1}', 'fault: }\n', '{"b":1}']],
])('what closes a list or closes nothing is lost by no way of handing it over: %j', (text, expected) => {
  for (const length of [1, 3, text.length])
    expect(
      cut(text, ['Records'], [length]).map(
        (record) => `${record.fault === '' ? '' : 'fault: '}${record.text}`,
      ),
    ).toEqual(expected);
});

const json = fc.json({ maxDepth: 4 }).filter((text) => /^[[{]/.test(text));

test('any records, however written and handed over, come back whole', () => {
  fc.assert(
    fc.property(
      fc.array(json, { maxLength: 6 }),
      fc.constantFrom('lines', 'list', 'wrapped'),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      (values, form, lengths) => {
        const objects = values.map((text) => (form === 'lines' ? `{"v":${text}}` : text));
        const text = {
          lines: objects.join('\n'),
          list: `[${objects.join(', ')}]`,
          wrapped: `{"x":[{}],"Records":[${objects}],"y":{}}`,
        };
        const records = cut(text[form], ['Records'], lengths);
        expect(records).toEqual(objects.map((one, index) => ({ number: index + 1, text: one, fault: '' })));
      },
    ),
  );
});

test('it comes to an end on any bytes, and loses none that are no space', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\n',
    ' ',
    'a',
    '1',
    '"Records":[',
    '{"a":1}',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (parts, length) => {
      const text = parts.join('');
      const records = cut(text, [], [length]);
      expect(records.every((record) => record.text.length > 0 || record.fault !== '')).toBe(true);
      const kept = records.map((record) => record.text).join('');
      const letters = (some: string) => some.replace(/[^a1]/g, '').length;
      expect(letters(kept)).toBe(letters(text));
    }),
    { numRuns: 2_000 },
  );
});
