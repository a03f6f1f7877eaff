/** Where a replacement goes, and the paths in which `{name}` stands for the credential's name. */
import { z } from 'zod';
import { badInput } from '../../kernel/errors.ts';

/** A path on this machine; `{name}` in it is replaced by the credential's name. */
export const PathTemplate = z
  .string()
  .min(1, 'a path')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a path with these can't be shown as it is.
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'a path without control characters');

const EnvKey = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');

/** `hand-off`: a file sealed to the owner's age recipients. `env-file`: the line KEY=value of a file. */
export const Delivery = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('hand-off') }),
    z.strictObject({ kind: z.literal('env-file'), path: PathTemplate, key: EnvKey }),
  ],
  { error: 'one of hand-off, env-file' },
);
export type Delivery = z.infer<typeof Delivery>;

/**
 * Puts `name` into a path template. A name that would lead out of its place in the path (a slash, a
 * backslash, `.` or `..`, a control character) is refused with bad_input.
 */
export function fillPath(template: string, name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse.
  if (template.includes('{name}') && (/[/\\\u0000-\u001f\u007f]/.test(name) || /^\.{0,2}$/.test(name)))
    throw badInput('a credential name in a path', [
      {
        field: 'name',
        expected: 'a name that is a single part of a path',
        got: JSON.stringify(name.slice(0, 100)),
      },
    ]);
  return template.replaceAll('{name}', () => name);
}
