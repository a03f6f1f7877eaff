/** How NDJSON logs of a kind that Firebreak does not know become events: `logs.mappings` of firebreak.yaml. */
import { z } from 'zod';
import { limits } from '../../kernel/limits.ts';
import {
  classes,
  classNames,
  type DeclaredMapping,
  declaredColumns,
  parsePath,
  type SigmaView,
  timeFormats,
} from '../../lake/index.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse.
const printable = /^[^\u0000-\u001f\u007f-\u009f]*$/;

const Text = z
  .string()
  .max(limits.logMappingTextCharsMax, `at most ${limits.logMappingTextCharsMax} characters`)
  .regex(printable, 'text without control characters');

/** `user.name`, `targets.0.id`, or a JSON pointer: `/http.request/id`. */
const Path = Text.min(1, 'a path')
  .transform(parsePath)
  .refine((steps) => steps.every((step) => step !== ''), 'a path without empty steps')
  .refine((steps) => steps.length <= limits.logMappingStepsMax, `at most ${limits.logMappingStepsMax} steps`);

const Scalar = z.union([Text, z.number(), z.boolean()], { error: 'text, a number, true or false' });

const Column = z.union(
  [
    Path.transform((path) => ({ path })),
    z.strictObject({ const: Scalar.transform(String) }),
    z.strictObject({ path: Path, values: z.record(Text, Scalar.transform(String)).optional() }),
  ],
  { error: 'a path, {path: PATH, values: {WORD: VALUE}} or {const: VALUE}' },
);

const Time = z.union(
  [
    Path.transform((path) => ({ path, format: 'iso' as const })),
    z.strictObject({ path: Path, format: z.enum(timeFormats).default('iso') }),
  ],
  { error: `a path, or {path: PATH, format: ${timeFormats.join(' | ')}}` },
);

const columnNames = Object.fromEntries(declaredColumns.map((name) => [name, Column.optional()])) as Record<
  (typeof declaredColumns)[number],
  z.ZodOptional<typeof Column>
>;

const Sigma = z.strictObject({
  product: Text.optional(),
  category: Text.optional(),
  service: Text.optional(),
});

export const LogMapping = z.strictObject({
  title: Text.optional(),
  /** What tells these records from all others: each path has this value. */
  recognise: z
    .record(Text.min(1, 'a path'), Scalar)
    .refine((fields) => Object.keys(fields).length > 0, 'at least one path and its value'),
  time: Time,
  class: z.enum(classNames).default('api_activity'),
  /** The number that OCSF has for what was done; 99 is other. */
  activity: z.int('a whole number').min(0, 'at least 0').max(99, 'at most 99').default(99),
  columns: z.strictObject(columnNames).prefault({}),
  /** Fields of a root object that hold the list of records, as `Records` does in CloudTrail. */
  records: z.array(Text).default([]),
  /** Which Sigma rules mean these records. */
  sigma: Sigma.prefault({}),
});
export type LogMapping = z.infer<typeof LogMapping>;

/** The mappings of firebreak.yaml as the lake takes them. */
export const declaredMappings = (
  mappings: Readonly<Record<string, LogMapping>>,
): Record<string, DeclaredMapping> =>
  Object.fromEntries(
    Object.entries(mappings).map(([name, mapping]) => [name, declaredMapping(name, mapping)]),
  );

function declaredMapping(name: string, mapping: LogMapping): DeclaredMapping {
  const { title, recognise, class: className, activity, columns, sigma, ...rest } = mapping;
  return {
    ...rest,
    title: title ?? name,
    classUid: classes[className],
    activityId: activity,
    columns,
    recognise: Object.entries(recognise).map(([path, value]) => ({
      path: parsePath(path),
      value: String(value),
    })),
    sigma: sigmaNames(sigma, name),
  };
}

/** Rules that name the mapping as their product are for it, whatever else is said. */
function sigmaNames(
  { product, category, service }: z.infer<typeof Sigma>,
  name: string,
): Pick<SigmaView, 'product' | 'category' | 'service'> {
  return {
    product: product ?? name,
    ...(category === undefined ? {} : { category }),
    ...(service === undefined ? {} : { service }),
  };
}
