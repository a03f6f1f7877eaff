import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bad, bold, good, Paper } from './paper.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must not be there.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const plain = (columns?: number) =>
  new Paper({ colours: false, ...(columns === undefined ? {} : { columns }) });

test('columns are aligned, numbers to the right, and what is missing is a dash', () => {
  const text = plain()
    .table(
      [{ title: 'ref' }, { title: 'count', align: 'right' }, { title: 'why' }],
      [
        [bold('a/password/x'), 12_345, null],
        ['b', 7, 'unreachable'],
      ],
    )
    .toString();
  expect(text.split('\n')).toEqual([
    'REF            COUNT  WHY',
    'a/password/x  12,345  -',
    'b                  7  unreachable',
    '',
  ]);
});

test('the last column is wrapped below itself on a terminal, and loses nothing', () => {
  const why = 'the old credential was refused with an error code that the connector does not know';
  const text = plain(50)
    .table([{ title: 'ref' }, { title: 'why' }], [['x', why]])
    .toString();
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(50);
  expect(
    text
      .split('\n')
      .slice(1)
      .map((line) => line.trim().replace(/^x\s+/, ''))
      .join(' ')
      .trim(),
  ).toBe(why);
});

test('colours stand around the text, only where they are wanted', () => {
  expect(plain().line(bad('x')).toString()).toBe('x\n');
  expect(new Paper({ colours: true }).line(good('ok'), ' y').toString()).toBe('\u001b[32mok\u001b[39m y\n');
});

test('nothing from outside reaches the terminal as a control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (hostile) => {
      const paper = plain(40);
      paper
        .line(hostile)
        .heading(hostile)
        .fields([[`n`, hostile]]);
      paper.table([{ title: 'a' }, { title: 'b' }], [[hostile, bold(hostile)]]);
      expect(paper.toString().replaceAll('\n', '')).not.toMatch(unsafe);
    }),
  );
});
