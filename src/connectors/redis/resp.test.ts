/** Answers of Redis, however the network cuts them; and what is no answer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAnswers, encodeCommands, RedisRefusal } from './resp.ts';

type Answer = string | number | null | Answer[];

const { answer } = fc.letrec<{ answer: Answer }>((tie) => ({
  answer: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('answer'), { maxLength: 4 }),
  ),
}));

function encodeAnswer(value: Answer): string {
  if (value === null) return '$-1\r\n';
  if (typeof value === 'number') return `:${value}\r\n`;
  if (typeof value === 'string') return `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
  return `*${value.length}\r\n${value.map(encodeAnswer).join('')}`;
}

test('answers are read whole, and a part of one is not an answer', () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 5 }), fc.nat(), (answers, cut) => {
      const bytes = Buffer.from(answers.map(encodeAnswer).join(''));
      expect(decodeAnswers(bytes)).toEqual(answers);
      const part = decodeAnswers(bytes.subarray(0, cut % (bytes.length + 1)));
      expect(part).toEqual(answers.slice(0, part.length));
    }),
  );
});

test('simple answers, refusals and null lists', () => {
  const [ok, refused, none] = decodeAnswers(
    Buffer.from('+OK\r\n-WRONGPASS invalid username-password pair\r\n*-1\r\n'),
  );
  expect(ok).toBe('OK');
  expect(refused).toBeInstanceOf(RedisRefusal);
  expect(refused).toMatchObject({ code: 'WRONGPASS', message: 'WRONGPASS invalid username-password pair' });
  expect(none).toBeNull();
});

test.each(['HTTP/1.1 400 Bad Request\r\n', '$-2\r\n', '$\r\n', '*1e9\r\n', '$99999999999\r\n', '_\r\n'])(
  '%j is not of this protocol',
  (text) => {
    expect(() => decodeAnswers(Buffer.from(text))).toThrow('not of the Redis protocol');
  },
);

test('nesting without end is an error, not the end of the process', () => {
  expect(() => decodeAnswers(Buffer.from('*1\r\n'.repeat(100_000)))).toThrow();
});

test('a command is an array of strings, counted in bytes', () => {
  expect(
    encodeCommands([
      ['AUTH', 'zoë', 'a\r\nb'],
      ['CLIENT', 7],
    ]).toString(),
  ).toBe('*3\r\n$4\r\nAUTH\r\n$4\r\nzoë\r\n$4\r\na\r\nb\r\n*2\r\n$6\r\nCLIENT\r\n$1\r\n7\r\n');
});
