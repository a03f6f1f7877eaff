import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FirebreakError } from '../../../kernel/errors.ts';
import { CsvSplitter } from './split-csv.ts';
import { JsonSplitter } from './split-json.ts';
import { LineSplitter } from './split-lines.ts';
import type { RawRecord } from './types.ts';

interface Splitter {
  push(chunk: Buffer): RawRecord[];
  end(): RawRecord[];
}

const show = (record: RawRecord) =>
  'bytes' in record ? [record.line, record.bytes.toString()] : [record.line, record.fault];

/** Pushes the bytes in pieces of the given sizes, over and over. */
function split(splitter: Splitter, text: string | Buffer, sizes: number[] = [1 << 20]) {
  const bytes = Buffer.from(text);
  const records: RawRecord[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    records.push(...splitter.push(Buffer.from(bytes.subarray(at, at + size))));
    at += size;
  }
  return [...records, ...splitter.end()].map(show);
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const csv = () => new CsvSplitter(',', 64);
const lines = () => new LineSplitter(64);
const json = (inside?: string) => new JsonSplitter('any.json', 64, inside);

describe('CsvSplitter', () => {
  it('keeps line breaks inside quotes and counts lines', () => {
    expect(split(csv(), 'a,b\r\n"x\ny","say ""hi"""\n\n  \nlast,one')).toEqual([
      [1, 'a,b'],
      [2, '"x\ny","say ""hi"""'],
      [6, 'last,one'],
    ]);
  });

  it('gives up only the line on which a quote stays open', () => {
    const text = `a,b\n"open,1\n${'c,2\n'.repeat(30)}last,3\n`;
    const found = split(csv(), text);
    expect(found).toHaveLength(33);
    expect(found[1]).toEqual([2, expect.objectContaining({ expected: expect.stringContaining('quotes') })]);
    expect(found[2]).toEqual([3, 'c,2']);
    expect(found.at(-1)).toEqual([33, 'last,3']);
  });

  it('gives up only the line with text behind a closing quote', () => {
    expect(split(csv(), 'a\n"x"y,1\nb\n').map(([line]) => line)).toEqual([1, 2, 3]);
  });

  it('passes over a line that is too long', () => {
    const found = split(csv(), `a\n${'x'.repeat(1000)}\nb\n`, [7]);
    expect(found).toEqual([
      [1, 'a'],
      [2, { expected: 'a record of at most 64 bytes', got: '1000 bytes' }],
      [3, 'b'],
    ]);
  });

  it('reports a quoted line that is too long once', () => {
    expect(split(csv(), `a\n"${'x'.repeat(1000)}\nb\n`, [7]).map(([line]) => line)).toEqual([1, 2, 3]);
    expect(split(csv(), `a\n"${'x'.repeat(1000)}`, [7]).map(([line]) => line)).toEqual([1, 2]);
  });

  it('gives the same records however the bytes arrive', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', 'é', ' '), maxLength: 200 });
    fc.assert(
      fc.property(text, sizes, (any, pieces) => {
        expect(split(csv(), any, pieces)).toEqual(split(csv(), any));
      }),
    );
  });

  it('loses no line: each one that is not blank begins a record or lies inside one', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\n', 'a'), maxLength: 200 });
    fc.assert(
      fc.property(text, (any) => {
        const covered = split(csv(), any).flatMap(([line, what]) =>
          typeof what === 'string' ? what.split('\n').map((_, at) => Number(line) + at) : [Number(line)],
        );
        const filled = any.split('\n').flatMap((line, at) => (line === '' ? [] : [at + 1]));
        for (const line of filled) expect(covered).toContain(line);
        expect(new Set(covered).size).toBe(covered.length);
      }),
    );
  });
});

describe('LineSplitter', () => {
  it('gives lines, blank ones left out, long ones rejected', () => {
    expect(split(lines(), `{"a":1}\r\n\n${'x'.repeat(65)}\n{"b":2}`, [5])).toEqual([
      [1, '{"a":1}\r'],
      [3, { expected: 'a record of at most 64 bytes', got: '65 bytes' }],
      [4, '{"b":2}'],
    ]);
  });
});

describe('JsonSplitter', () => {
  it('gives the elements of a root array with the line on which each begins', () => {
    expect(split(json(), '[\n {"a": [1, "],"]},\n\n 7 , "x,y",\n {"b": "\\"}"}\n]\n', [3])).toEqual([
      [2, '{"a": [1, "],"]}'],
      [4, '7 '],
      [4, '"x,y"'],
      [5, '{"b": "\\"}"}\n'],
    ]);
  });

  it('gives root objects, on one line or spread', () => {
    expect(split(json(), '{"a":1}{\n"b": {"c": []}\n}\n', [2])).toEqual([
      [1, '{"a":1}'],
      [1, '{\n"b": {"c": []}\n}'],
    ]);
  });

  it('gives the elements of the named array, and the objects that have none', () => {
    const text =
      '{"n": ["findings"], "findings": [{"a":1}, {"findings":[2]}], "rest": {"findings": [3]}}\n{"b":2}\n{"findings":[]}';
    expect(split(json('findings'), text, [4])).toEqual([
      [1, '{"a":1}'],
      [1, '{"findings":[2]}'],
      [2, '{"b":2}'],
    ]);
  });

  it('passes over an element that is too long, however deep its brackets', () => {
    expect(split(json(), `[{"a": "${'x['.repeat(100)}"},\n{"b":1}]`, [11])).toEqual([
      [1, { expected: 'a record of at most 64 bytes', got: '209 bytes' }],
      [2, '{"b":1}'],
    ]);
  });

  it.each([
    ['[{"a":1},\n{"b"', 2, 'the end of the record'],
    ['[{"a":1},', 1, 'the end of the JSON document'],
    ['[1] x', 1, 'a JSON array or object'],
    ['{}\n]', 2, 'a JSON array or object'],
    ['[,1]', 1, 'a record before the comma'],
    ['['.repeat(600), 1, 'at most 512 brackets'],
  ])('refuses %s', (text, line, expected) => {
    const fault = { line, expected: expect.stringContaining(expected) };
    expect(() => split(json(), text)).toThrow(
      expect.objectContaining({ code: 'bad_input', faults: [expect.objectContaining(fault)] }),
    );
  });

  it('gives back any array, however the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 3 })),
        fc.constantFrom(0, 1),
        sizes,
        (values, indent, pieces) => {
          const big = new JsonSplitter('any.json', 1 << 20);
          const found = split(big, JSON.stringify(values, null, indent), pieces);
          expect(found.map(([, text]) => JSON.parse(String(text)))).toEqual(
            JSON.parse(JSON.stringify(values)),
          );
        },
      ),
    );
  });

  it('ends any text in records or in bad input', () => {
    const text = fc.string({
      unit: fc.constantFrom('"', ',', '\n', '[', ']', '{', '}', ':', '\\', 'a', '1'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, sizes, (any, pieces) => {
        const attempt = (by: number[]) => {
          try {
            return split(json('a'), any, by);
          } catch (error) {
            expect(error).toBeInstanceOf(FirebreakError);
            return (error as FirebreakError).faults;
          }
        };
        expect(attempt(pieces)).toEqual(attempt([1 << 20]));
      }),
    );
  });
});
