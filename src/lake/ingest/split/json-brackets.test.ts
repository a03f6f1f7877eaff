/** Brackets that close lists of records, or close nothing: the splitter goes on, and loses no byte in silence. */
import { expect, test } from 'vitest';
import { JsonSplitter } from './json.ts';

test.each([
  ['{"Records":[{"a":1}]}', ['{"a":1}']],
  ['{"x":[1],"Records":[{"a":1},{"b":[1]}],"y":[2]}\n{"b":1}', ['{"a":1}', '{"b":[1]}', '{"b":1}']],
  ['{"Records":[]}', []],
  ['[{"a":1}]\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ['}\n{"a":1}\n', ['fault: }\n', '{"a":1}']],
  ['{"Records":[}]}', ['fault: }]}']],
  ['{"Records":[{"a":1}]}}\n{"b":1}\n', ['{"a":1}', 'fault: }\n', '{"b":1}']],
])('%j', (text, expected) => {
  const bytes = Buffer.from(text);
  for (const step of [1, 3, bytes.length]) {
    const splitter = new JsonSplitter(['Records']);
    const cut = [];
    for (let at = 0; at < bytes.length; at += step) cut.push(...splitter.push(bytes.subarray(at, at + step)));
    cut.push(...splitter.end());
    expect(cut.map((record) => `${record.fault === '' ? '' : 'fault: '}${record.bytes}`)).toEqual(expected);
  }
});
