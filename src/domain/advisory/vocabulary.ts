/** The words that every part of an advisory uses. */
import { z } from 'zod';
import { limits } from '../../kernel/limits.ts';

/** Text for people: no control characters, no characters that turn the direction of writing. */
export const Text = z
  .string()
  .min(1, 'some text')
  .max(limits.advisoryTextCharsMax, `at most ${limits.advisoryTextCharsMax} characters`)
  .regex(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse.
    /^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]*$/,
    'text without control characters',
  );

/** A name that can stand in a command line and in a file name. */
export const Id = z
  .string()
  .max(64, 'at most 64 characters')
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters and digits, joined by single hyphens');

/** Who says so: `supplier` is the supplier's own text, `secondary` anybody else. `source` is a URL or a citation. */
export const Provenance = z.strictObject({
  source: Text,
  kind: z.enum(['supplier', 'secondary']),
});
export type Provenance = z.infer<typeof Provenance>;

export const Confidence = z.enum(['high', 'medium', 'low']);
export type Confidence = z.infer<typeof Confidence>;
