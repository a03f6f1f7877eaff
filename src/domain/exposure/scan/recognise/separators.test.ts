import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachSecretSeparator, nameTails } from './separators.ts';

const found = (text: string): number[] => {
  const at: number[] = [];
  eachSecretSeparator(text, (offset) => at.push(offset));
  return at.sort((a, b) => a - b);
};

/** The pattern alone, over the whole text. */
function byPattern(text: string): number[] {
  const names = `(?:${nameTails})(?:["'\\\\]{1,8}[\\s,]+["'\\\\]{0,8}value)?|[?&;](?:sig|signature|x-(?:amz|goog)-signature|ticket|code|otp)`;
  return [...text.matchAll(new RegExp(`(?<=(?:${names})["'\`\\\\]{0,8}\\s*)[:=]`, 'gi'))].map(
    ({ index }) => index,
  );
}

const name = fc
  .stringMatching(new RegExp(`^(?:${nameTails})$`))
  .chain((text) => fc.constantFrom(text, text.toUpperCase(), `x_${text}`, `my${text}`));

test('the table lets through all that the pattern accepts (property)', () => {
  const parts = fc.oneof(
    name,
    fc.constantFrom(
      'sig',
      'signature',
      'x-amz-signature',
      'ticket',
      'code',
      'otp',
      'value',
      'name',
      'width',
      'color2',
      'password_2',
      'passwd-current',
      'pwdnew',
    ),
    fc.constantFrom(
      '"',
      "'",
      '\\',
      '`',
      ' ',
      '\n',
      ',',
      ':',
      '=',
      '?',
      '&',
      ';',
      '{',
      '"value"',
      '": "',
      '="',
    ),
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), (list) => {
      const text = ` ${list.join('')}`;
      expect(found(text)).toEqual(byPattern(text));
    }),
    { numRuns: 3_000 },
  );
});

test('each tail of a name is found, in JSON and in an environment', () => {
  fc.assert(
    fc.property(name, (text) => {
      expect(found(`{"${text}": "x"}`)).toEqual([text.length + 3]);
      expect(found(`A_${text} = x`)).toEqual([text.length + 3]);
    }),
    { numRuns: 2_000 },
  );
});
